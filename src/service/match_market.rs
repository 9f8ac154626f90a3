//! Places a bare market: both engines, the checker, then the answer in the market's own words.

use std::collections::BTreeMap;

use crate::domain::fault::Fault;
use crate::domain::market::{Application, Area, Market, NONE, Programme};
use crate::domain::market_input::{Eligible, MarketInput, StudentInput};
use crate::domain::points::Points;
use crate::domain::policy::Placing;
use crate::domain::seat::Seat;
use crate::engine::admission_lines::{Line, Lines, lines};
use crate::engine::areas::{Sorted, sorted_by_area};
use crate::engine::keys::{Entries, fine, levels};
use crate::engine::verification::breaches;
use crate::engine::{choice, cutoffs, deferred_acceptance};
use crate::files::market_file::{Cutoff, Cutoffs, ReasonLine, ResultOutput};

/// Why a market has no answer.
#[derive(Debug)]
pub enum NoMatch {
    /// The market is at fault: equal keys that a school must compare, too many bands.
    Faults(Vec<Fault>),
    /// The engines disagree or the checker found a breach; nothing may be published.
    Breaches(Vec<String>),
}

/// Longest priority list whose places fit into levels.
const PLACES_AS_LEVELS: usize = 60_000;

/// Places the market; `explain` adds a reason for every choice.
///
/// # Errors
/// [`NoMatch`], with everything found.
pub fn match_market(input: &MarketInput, explain: bool) -> Result<ResultOutput, NoMatch> {
    let market = market_of(input)?;
    let sorted = sorted_by_area(market);
    let placed = deferred_acceptance::place(&sorted.market);
    let seats = choice::seats(&sorted.market, &placed);
    let mut wrong: Vec<String> = breaches(&sorted.market, &placed, &seats)
        .into_iter()
        .map(|breach| {
            let student = breach.student.map(|student| sorted.students[student as usize] as usize);
            let student = student.map_or("", |student| input.students[student].id.as_str());
            format!("checker: {student} {}", breach.what)
        })
        .collect();
    if cutoffs::place(&sorted.market) != placed {
        wrong.push("the two engines disagree".to_owned());
    }
    if !wrong.is_empty() {
        return Err(NoMatch::Breaches(wrong));
    }
    Ok(answer(input, &sorted, &placed, &seats, explain))
}

/// The market as columns.
fn market_of(input: &MarketInput) -> Result<Market, NoMatch> {
    let order = merit_order(&input.students);
    let ranks = dense_ranks(&input.students, &order);
    let juniors: BTreeMap<&str, u32> = {
        let named = input.students.iter().filter_map(|student| student.junior.as_deref());
        let quota = input.schools.iter().flat_map(|school| school.quota.iter().map(|cell| cell.0.as_str()));
        let names: std::collections::BTreeSet<&str> = named.chain(quota).collect();
        names.into_iter().zip(0..).collect()
    };
    let mut market = Market { list_start: vec![0], ..Market::default() };
    market.rankings.push(ranks.iter().map(|&rank| fine(rank)).collect());
    let mut positions = Vec::new();
    let acceptable: Vec<Option<Vec<u32>>> = input
        .schools
        .iter()
        .map(|school| {
            school.priority.as_ref().map(|order| places(&in_order(input, order), input.students.len()))
        })
        .collect();
    for (index, student) in input.students.iter().enumerate() {
        for (position, &school) in (1u16..).zip(&student.prefs) {
            let (open, quota) = claims(input, student, school);
            let listed = acceptable[school as usize].as_ref().is_none_or(|places| places[index] != NONE);
            market.applications.push(Application::new(school, open && listed, quota && listed));
            positions.push(position);
        }
        market.list_start.push(market.applications.len() as u32);
        market.juniors.push(student.junior.as_deref().map_or(NONE, |junior| juniors[junior]));
        market.totals.push(student.score.unwrap_or_default());
    }
    let entries = Entries {
        start: &market.list_start,
        positions: &positions,
        totals: &market.totals,
        ranks: &ranks,
        count: input.students.len() as u32,
    };
    market.levels = levels(input.placing, &entries).map_err(|_| {
        NoMatch::Faults(vec![Fault::at(
            "policy.placing.points",
            "gives more than 65,534 bands and positions",
        )])
    })?;
    for (school, places) in input.schools.iter().zip(&acceptable) {
        let first = market.cells.len() as u32;
        let mut feeders: Vec<(u32, u32)> =
            school.quota.iter().zip(first..).map(|(cell, index)| (juniors[cell.0.as_str()], index)).collect();
        feeders.sort_unstable();
        market.cells.extend(school.quota.iter().map(|cell| cell.1));
        let start = market.feeders.len() as u32;
        market.feeders.extend(feeders);
        let mut programme = Programme {
            seats: school.capacity,
            ranking: 0,
            rule: input.rule,
            cells: first..market.cells.len() as u32,
            feeders: start..market.feeders.len() as u32,
        };
        if let Some(places) = places {
            let index = market.programmes.len() as u32;
            let as_levels = input.placing == Placing::Parallel
                && school.priority.as_ref().is_some_and(|order| order.len() <= PLACES_AS_LEVELS);
            if as_levels {
                place_levels(&mut market, index, places);
            } else {
                programme.ranking = market.rankings.len() as u32;
                market.rankings.push(places.iter().map(|&place| fine(place)).collect());
            }
        }
        market.programmes.push(programme);
    }
    market.areas =
        vec![Area { students: 0..input.students.len() as u32, programmes: 0..input.schools.len() as u32 }];
    let ties = ties(input, &market, &ranks);
    if ties.is_empty() { Ok(market) } else { Err(NoMatch::Faults(ties)) }
}

/// Best first: score, then the tie-breakers in order; students without a score last.
fn merit_order(students: &[StudentInput]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..students.len() as u32).collect();
    order.sort_by(|&a, &b| merit(&students[b as usize]).cmp(&merit(&students[a as usize])));
    order
}

fn merit(student: &StudentInput) -> (Option<Points>, &[Points]) {
    (student.score, &student.tiebreak)
}

/// Equal merit, equal rank.
fn dense_ranks(students: &[StudentInput], order: &[u32]) -> Vec<u32> {
    let mut ranks = vec![0; students.len()];
    let mut rank = 0;
    for (place, &student) in order.iter().enumerate() {
        if place > 0 && merit(&students[student as usize]) != merit(&students[order[place - 1] as usize]) {
            rank += 1;
        }
        ranks[student as usize] = rank;
    }
    ranks
}

/// A school's explicit order; under a relative gate the totals lead it, because the event rule goes
/// down the levels of totals and asks for keys only inside a level.
fn in_order(input: &MarketInput, order: &[u32]) -> Vec<u32> {
    let mut order = order.to_vec();
    if input.rule.relative_gate.is_some() {
        order.sort_by_key(|&student| std::cmp::Reverse(input.students[student as usize].score));
    }
    order
}

/// Place of every student in an explicit order; `NONE` for those who are not acceptable.
fn places(order: &[u32], students: usize) -> Vec<u32> {
    let mut places = vec![NONE; students];
    for (place, &student) in (0..).zip(order) {
        places[student as usize] = place;
    }
    places
}

fn claims(input: &MarketInput, student: &StudentInput, school: u32) -> (bool, bool) {
    let shape = &input.schools[school as usize];
    let in_scope = shape
        .scope
        .as_ref()
        .is_none_or(|scope| student.county.as_ref().is_some_and(|county| scope.contains(county)));
    let reaches =
        |gate: Option<Points>| gate.is_none_or(|gate| student.score.is_some_and(|score| score >= gate));
    let eligible = match &student.quota_eligible {
        Eligible::Everywhere => true,
        Eligible::Nowhere => false,
        Eligible::At(schools) => schools.contains(&school),
    };
    (in_scope && reaches(shape.gate_open), in_scope && eligible && reaches(shape.gate_quota))
}

fn place_levels(market: &mut Market, school: u32, places: &[u32]) {
    for (student, &place) in places.iter().enumerate() {
        if place != NONE
            && let Some(entry) = market.entry(student as u32, school)
        {
            market.levels[entry] = (PLACES_AS_LEVELS as u32 - place) as u16;
        }
    }
}

/// Equal keys among the applicants of a school that orders by score.
fn ties(input: &MarketInput, market: &Market, ranks: &[u32]) -> Vec<Fault> {
    let mut keys: Vec<Vec<(u16, u32, u32)>> = vec![Vec::new(); input.schools.len()];
    for student in 0..market.students() as u32 {
        for entry in market.list(student) {
            let application = market.applications[entry];
            let school = application.programme() as usize;
            if input.schools[school].priority.is_none() && (application.open() || application.quota()) {
                keys[school].push((market.levels[entry], ranks[student as usize], student));
            }
        }
    }
    let mut faults = Vec::new();
    for (school, mut keys) in keys.into_iter().enumerate() {
        keys.sort_unstable();
        for tied in keys.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).filter(|tied| tied.len() > 1) {
            let ids: Vec<&str> = tied.iter().map(|key| input.students[key.2 as usize].id.as_str()).collect();
            faults.push(Fault::at(format!("tie left at {}", input.schools[school].id), ids.join(", ")));
        }
    }
    faults
}

fn answer(
    input: &MarketInput,
    sorted: &Sorted,
    placed: &[u32],
    seats: &[Option<Seat>],
    explain: bool,
) -> ResultOutput {
    let market = &sorted.market;
    let lines = lines(market, placed, seats);
    let student_id = |student: u32| input.students[sorted.students[student as usize] as usize].id.clone();
    let cutoff = |line: &Line| match line {
        Line { seats: 0, .. } => Cutoff::NoSeat,
        line => line.binding().map_or(Cutoff::Loose, |last| Cutoff::Last(student_id(last))),
    };
    let mut place_of = vec![None; input.students.len()];
    for (student, (&programme, seat)) in placed.iter().zip(seats).enumerate() {
        if let Some(seat) = seat {
            place_of[sorted.students[student] as usize] =
                Some((sorted.programmes[programme as usize], *seat));
        }
    }
    let school_id = |school: u32| input.schools[school as usize].id.clone();
    let assignment = input.students.iter().zip(&place_of).map(|(student, place)| {
        (student.id.clone(), place.map(|(school, seat)| (school_id(school), seat.word())))
    });
    let mut cutoffs = vec![(String::new(), Cutoffs::default()); input.schools.len()];
    for (programme, &school) in sorted.programmes.iter().enumerate() {
        let cells = market.programmes[programme].cells.clone();
        let pool =
            market.programmes[programme].rule.reversion == crate::domain::policy::Reversion::CountyPool;
        let quota = input.schools[school as usize].quota.iter().zip(cells);
        cutoffs[school as usize] = (
            school_id(school),
            Cutoffs {
                open: cutoff(&lines.open[programme]),
                pool: pool.then(|| cutoff(&lines.pool[programme])),
                quota: quota.map(|(cell, at)| (cell.0.clone(), cutoff(&lines.quota[at as usize]))).collect(),
            },
        );
    }
    ResultOutput {
        assignment: assignment.collect(),
        cutoffs,
        reasons: explain.then(|| reasons(input, sorted, placed, seats, &lines)),
    }
}

/// A reason for every choice, from the closed list of `mechanism.md` section 7.
fn reasons(
    input: &MarketInput,
    sorted: &Sorted,
    placed: &[u32],
    seats: &[Option<Seat>],
    lines: &Lines,
) -> Vec<(String, Vec<ReasonLine>)> {
    let market = &sorted.market;
    let mut told = vec![(String::new(), Vec::new()); input.students.len()];
    for (new, &old) in (0u32..).zip(&sorted.students) {
        let student = &input.students[old as usize];
        let mut above = false;
        let mut own = Vec::new();
        for (entry, &school) in market.list(new).zip(&student.prefs) {
            let application = market.applications[entry];
            let shape = &input.schools[school as usize];
            let in_scope = shape
                .scope
                .as_ref()
                .is_none_or(|scope| student.county.as_ref().is_some_and(|county| scope.contains(county)));
            let (reason, detail) = if above {
                ("already_admitted_above", String::new())
            } else if application.programme() == placed[new as usize] {
                above = true;
                ("admitted", seats[new as usize].map_or("", Seat::word).to_owned())
            } else if !in_scope {
                ("out_of_scope", String::new())
            } else if application.open() || application.quota() {
                ("below_cutoff", behind(input, sorted, lines, new, entry))
            } else if shape.priority.is_some() {
                ("below_gate", "priority".to_owned())
            } else {
                ("below_gate", shape.gate_open.map_or(String::new(), |gate| format!("gate_open:{gate}")))
            };
            own.push((shape.id.clone(), reason.to_owned(), detail));
        }
        told[old as usize] = (student.id.clone(), own);
    }
    told
}

/// Behind whom, for each kind of seat that could be claimed.
fn behind(input: &MarketInput, sorted: &Sorted, lines: &Lines, student: u32, entry: usize) -> String {
    let application = sorted.market.applications[entry];
    let programme = application.programme() as usize;
    let cell = sorted.market.claimed_cell(student, application);
    let pool = Some(&lines.pool[programme]).filter(|line| application.pool() && line.seats > 0);
    let open = application.open().then(|| &lines.open[programme]);
    let kinds = [("quota", cell.map(|cell| &lines.quota[cell as usize])), ("pool", pool), ("open", open)];
    let told = kinds.into_iter().filter_map(|(word, line)| {
        Some(match line?.last {
            None => format!("{word}:none"),
            Some(last) => format!("{word}:{}", input.students[sorted.students[last as usize] as usize].id),
        })
    });
    told.collect::<Vec<_>>().join(" ")
}
