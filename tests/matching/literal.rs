//! The rule as `mechanism.md` section 2 tells it, slowly and literally; shares nothing with `src`.

use std::collections::{BTreeMap, BTreeSet};

use crate::town::{Eligible, Placing, Policy, Town, Unused};

/// One pupil at one school where she may claim something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Claim {
    pub(crate) pupil: usize,
    /// Place in the order of the school's keys, best 0.
    pub(crate) place: usize,
    /// In O.
    pub(crate) open: bool,
    /// In E, for the pool.
    pub(crate) quota: bool,
    /// In E_m of this cell.
    pub(crate) cell: Option<usize>,
    /// In thousandths.
    pub(crate) total: i64,
}

/// Who sits on which kind of seat.
pub(crate) type Seated = BTreeMap<usize, &'static str>;

/// A matching: the school of every pupil.
pub(crate) type Matching = Vec<Option<usize>>;

/// A town with its claims worked out.
pub(crate) struct Rules {
    pub(crate) policy: Policy,
    pub(crate) seats: Vec<usize>,
    pub(crate) cells: Vec<Vec<usize>>,
    /// Per school, per pupil who listed it and may claim something there.
    pub(crate) claims: Vec<BTreeMap<usize, Claim>>,
    pub(crate) prefs: Vec<Vec<usize>>,
}

impl Rules {
    pub(crate) fn of(town: &Town) -> Rules {
        let claims = (0..town.schools.len()).map(|school| claims(town, school)).collect();
        Rules {
            policy: town.policy,
            seats: town.schools.iter().map(|school| school.seats).collect(),
            cells: town
                .schools
                .iter()
                .map(|school| school.quota.iter().map(|cell| cell.1).collect())
                .collect(),
            claims,
            prefs: town.pupils.iter().map(|pupil| pupil.prefs.clone()).collect(),
        }
    }

    /// The choice of a school among pupils, with the seats it gives.
    pub(crate) fn choice(&self, school: usize, pupils: &[usize]) -> Seated {
        let claims: Vec<Claim> =
            pupils.iter().filter_map(|pupil| self.claims[school].get(pupil).copied()).collect();
        choice(self.policy, self.seats[school], &self.cells[school], claims)
    }

    /// The place of a school in a pupil's list; unplaced is behind everything.
    pub(crate) fn position(&self, pupil: usize, school: Option<usize>) -> usize {
        school.map_or(usize::MAX, |school| {
            self.prefs[pupil].iter().position(|&listed| listed == school).unwrap()
        })
    }

    /// Everyone proposes, the refused go on; round by round.
    pub(crate) fn student_best(&self) -> Matching {
        let mut next = vec![0; self.prefs.len()];
        let mut held: Vec<Vec<usize>> = vec![Vec::new(); self.seats.len()];
        let mut free: Vec<usize> = (0..self.prefs.len()).collect();
        while !free.is_empty() {
            let mut asked = BTreeSet::new();
            for pupil in free.drain(..) {
                if let Some(&school) = self.prefs[pupil].get(next[pupil]) {
                    next[pupil] += 1;
                    held[school].push(pupil);
                    asked.insert(school);
                }
            }
            for school in asked {
                let seated = self.choice(school, &held[school]);
                free.extend(held[school].iter().filter(|pupil| !seated.contains_key(pupil)));
                held[school] = seated.into_keys().collect();
            }
        }
        let mut matching = vec![None; self.prefs.len()];
        for (school, held) in held.into_iter().enumerate() {
            for pupil in held {
                matching[pupil] = Some(school);
            }
        }
        matching
    }

    /// The seat of everyone placed, each school choosing among its own.
    pub(crate) fn words(&self, matching: &Matching) -> Vec<Option<&'static str>> {
        let mut words = vec![None; matching.len()];
        for school in 0..self.seats.len() {
            let own: Vec<usize> =
                (0..matching.len()).filter(|&pupil| matching[pupil] == Some(school)).collect();
            for (pupil, word) in self.choice(school, &own) {
                words[pupil] = Some(word);
            }
        }
        words
    }

    /// Stable: from everyone who would rather be there or is there, each school takes whom it has.
    pub(crate) fn stable(&self, matching: &Matching) -> bool {
        let mut rather: Vec<Vec<usize>> = vec![Vec::new(); self.seats.len()];
        for (pupil, list) in self.prefs.iter().enumerate() {
            if matching[pupil].is_some_and(|school| !list.contains(&school)) {
                return false;
            }
            for &school in list {
                rather[school].push(pupil);
                if matching[pupil] == Some(school) {
                    break;
                }
            }
        }
        rather.iter().enumerate().all(|(school, pupils)| {
            let chosen: Vec<usize> = self.choice(school, pupils).into_keys().collect();
            let own: Vec<usize> =
                (0..matching.len()).filter(|&pupil| matching[pupil] == Some(school)).collect();
            chosen == own
        })
    }

    /// All matchings of pupils to schools of their lists where they may claim something.
    pub(crate) fn all_matchings(&self) -> Vec<Matching> {
        let mut all: Vec<Matching> = vec![Vec::new()];
        for (pupil, list) in self.prefs.iter().enumerate() {
            let mut longer = Vec::new();
            for before in &all {
                let options = list.iter().filter(|&&school| self.claims[school].contains_key(&pupil));
                for place in options.map(|&school| Some(school)).chain([None]) {
                    if let Some(school) = place
                        && before.iter().filter(|&&other| other == place).count() >= self.seats[school]
                    {
                        continue;
                    }
                    longer.push([before.as_slice(), &[place]].concat());
                }
            }
            all = longer;
        }
        all
    }

    /// All stable matchings, by looking at every matching.
    pub(crate) fn all_stable(&self) -> Vec<Matching> {
        let pupils = self.prefs.len();
        // Per school, per set of pupils: the set it chooses.
        let choices: Vec<Vec<u32>> = (0..self.seats.len())
            .map(|school| {
                (0..1usize << pupils)
                    .map(|set| {
                        let members: Vec<usize> = (0..pupils).filter(|pupil| set >> pupil & 1 == 1).collect();
                        self.choice(school, &members).into_keys().fold(0, |chosen, pupil| chosen | 1 << pupil)
                    })
                    .collect()
            })
            .collect();
        let mut stable = self.all_matchings();
        stable.retain(|matching| {
            let mut rather = vec![0usize; self.seats.len()];
            let mut own = vec![0u32; self.seats.len()];
            for (pupil, list) in self.prefs.iter().enumerate() {
                for &school in list {
                    rather[school] |= 1 << pupil;
                    if matching[pupil] == Some(school) {
                        own[school] |= 1 << pupil;
                        break;
                    }
                }
            }
            (0..self.seats.len()).all(|school| choices[school][rather[school]] == own[school])
        });
        stable
    }
}

fn claims(town: &Town, school: usize) -> BTreeMap<usize, Claim> {
    let shape = &town.schools[school];
    let mut found: Vec<(Vec<i64>, Claim)> = Vec::new();
    for (pupil, who) in town.pupils.iter().enumerate() {
        let Some(position) = who.prefs.iter().position(|&listed| listed == school) else { continue };
        let place = shape.priority.as_ref().map(|order| order.iter().position(|&one| one == pupil));
        if place == Some(None) {
            continue;
        }
        let in_scope = match (&shape.scope, &who.county) {
            (None, _) => true,
            (Some(scope), Some(county)) => scope.contains(county),
            (Some(_), None) => false,
        };
        let clears = |gate: Option<i64>| match (gate, who.score) {
            (None, _) => true,
            (Some(gate), Some(score)) => score >= gate,
            (Some(_), None) => false,
        };
        let eligible = match &who.eligible {
            Eligible::Yes => true,
            Eligible::No => false,
            Eligible::At(schools) => schools.contains(&school),
        };
        let open = in_scope && clears(shape.gate_open);
        let quota = in_scope && eligible && clears(shape.gate_quota);
        let cell = shape.quota.iter().position(|cell| quota && who.junior.as_ref() == Some(&cell.0));
        if !open && !quota {
            continue;
        }
        let mut key = front(town.policy.placing, position as i64 + 1, who.score);
        match place.flatten() {
            Some(place) => key.push(place as i64),
            None => {
                key.push(who.score.map_or(1, |score| -score));
                key.extend(who.ties.iter().map(|tie| -tie));
            }
        }
        let total = who.score.unwrap_or_default();
        found.push((key, Claim { pupil, place: 0, open, quota, cell, total }));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.windows(2).all(|pair| pair[0].0 != pair[1].0), "a test market has no ties");
    found.into_iter().enumerate().map(|(place, (_, claim))| (claim.pupil, Claim { place, ..claim })).collect()
}

/// What stands before the order of merit (section 1).
fn front(placing: Placing, position: i64, score: Option<i64>) -> Vec<i64> {
    match placing {
        Placing::Parallel => vec![],
        Placing::Sequential => vec![position],
        Placing::Groups(choices) => vec![(position + choices - 1) / choices],
        Placing::Band { width, from } => {
            vec![(from - score.unwrap()).max(0) / width, position]
        }
    }
}

/// The choice function of section 2.
pub(crate) fn choice(policy: Policy, seats: usize, cells: &[usize], mut applicants: Vec<Claim>) -> Seated {
    applicants.sort_by_key(|claim| claim.place);
    match policy.distance {
        Some(distance) => event_rule(policy.open_first, distance, seats, cells, applicants),
        None if policy.open_first => open_first(policy.unused, seats, cells, &applicants),
        None => quota_first(policy.unused, seats, cells, &applicants),
    }
}

fn quota_first(unused: Unused, seats: usize, cells: &[usize], applicants: &[Claim]) -> Seated {
    let mut seated = Seated::new();
    for (cell, &reserved) in cells.iter().enumerate() {
        let best = applicants.iter().filter(|claim| claim.cell == Some(cell)).take(reserved);
        seated.extend(best.map(|claim| (claim.pupil, "quota")));
    }
    let reserved: usize = cells.iter().sum();
    let left_over = reserved - seated.len();
    if unused == Unused::Pool {
        let rest: Vec<usize> = applicants
            .iter()
            .filter(|claim| claim.quota && !seated.contains_key(&claim.pupil))
            .map(|claim| claim.pupil)
            .collect();
        seated.extend(rest.into_iter().take(left_over).map(|pupil| (pupil, "pool")));
    }
    let remaining = if unused == Unused::Empty { seats - reserved } else { seats - seated.len() };
    let rest: Vec<usize> = applicants
        .iter()
        .filter(|claim| claim.open && !seated.contains_key(&claim.pupil))
        .map(|claim| claim.pupil)
        .collect();
    seated.extend(rest.into_iter().take(remaining).map(|pupil| (pupil, "open")));
    seated
}

fn open_first(unused: Unused, seats: usize, cells: &[usize], applicants: &[Claim]) -> Seated {
    let reserved: usize = cells.iter().sum();
    let mut returned = 0;
    loop {
        let mut seated: Seated = applicants
            .iter()
            .filter(|claim| claim.open)
            .take(seats - reserved + returned)
            .map(|claim| (claim.pupil, "open"))
            .collect();
        let mut empty = 0;
        for (cell, &reserved) in cells.iter().enumerate() {
            let best: Vec<usize> = applicants
                .iter()
                .filter(|claim| claim.cell == Some(cell) && !seated.contains_key(&claim.pupil))
                .map(|claim| claim.pupil)
                .take(reserved)
                .collect();
            empty += reserved - best.len();
            seated.extend(best.into_iter().map(|pupil| (pupil, "quota")));
        }
        if empty <= returned || unused == Unused::Empty {
            return seated;
        }
        returned = empty;
    }
}

/// Down the levels; merit before quota at an equal level, then the key.
fn event_rule(
    open_first: bool,
    distance: i64,
    seats: usize,
    cells: &[usize],
    applicants: Vec<Claim>,
) -> Seated {
    let mut events: Vec<(i64, u8, usize, Claim)> = Vec::new();
    for claim in applicants {
        if claim.open {
            events.push((-claim.total, 0, claim.place, claim));
        }
        if claim.cell.is_some() {
            events.push((-(claim.total + distance), 1, claim.place, claim));
        }
    }
    events.sort_by_key(|event| (event.0, event.1, event.2));
    let mut seated = Seated::new();
    let mut left = cells.to_vec();
    let mut passed: Vec<Claim> = Vec::new();
    for (_, kind, _, claim) in events {
        if seated.len() == seats {
            break;
        }
        let now = seated.get(&claim.pupil).copied();
        if kind == 0 && now.is_none() {
            seated.insert(claim.pupil, "open");
            if let Some(cell) = claim.cell
                && !open_first
            {
                left[cell] = left[cell].saturating_sub(1);
            }
        } else if kind == 0 && now == Some("quota") && open_first {
            seated.insert(claim.pupil, "open");
            let cell = claim.cell.unwrap();
            left[cell] += 1;
            let heir = passed
                .iter()
                .find(|other| other.cell == Some(cell) && !seated.contains_key(&other.pupil))
                .copied();
            if let Some(heir) = heir {
                seated.insert(heir.pupil, "quota");
                left[cell] -= 1;
            }
        } else if kind == 1 {
            let cell = claim.cell.unwrap();
            if now.is_none() && left[cell] > 0 {
                seated.insert(claim.pupil, "quota");
                left[cell] -= 1;
            }
            passed.push(claim);
        }
    }
    seated
}
