//! The checker is not blind: whatever is changed in a right answer, or in what it was computed from, shows.

use std::collections::BTreeMap;

use proptest::prelude::*;
use zhaosheng::domain::market::{Market, NONE};
use zhaosheng::domain::seat::Seat;
use zhaosheng::engine::verification::breaches;
use zhaosheng::engine::{choice, cutoffs, deferred_acceptance};

use crate::columns::{columns, matching};
use crate::literal::{Matching, Rules};
use crate::oracle::{best_of, policies};
use crate::town::{Chance, Eligible, PLAIN, Placing, Policy, School, Shape, Town, Unused};

/// A right answer that is about to be spoiled.
struct Answer<'t> {
    town: &'t Town,
    rules: &'t Rules,
    placed: Vec<u32>,
    seats: Vec<Option<Seat>>,
}

impl Answer<'_> {
    fn pupils(&self, chance: &mut Chance, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let all: Vec<usize> = (0..self.placed.len()).filter(|&pupil| wanted(pupil)).collect();
        (!all.is_empty()).then(|| all[chance.below(all.len())])
    }

    fn put(&mut self, pupil: usize, school: usize, seat: Seat) {
        self.placed[pupil] = school as u32;
        self.seats[pupil] = Some(seat);
    }

    fn drop(&mut self, pupil: usize) {
        self.placed[pupil] = NONE;
        self.seats[pupil] = None;
    }

    fn free(&self, school: usize) -> bool {
        self.placed.iter().filter(|&&place| place == school as u32).count() < self.rules.seats[school]
    }

    /// The choices of a pupil above the place she has.
    fn missed(&self, pupil: usize) -> Vec<usize> {
        let list = self.rules.prefs[pupil].iter().copied();
        list.take_while(|&school| self.placed[pupil] != school as u32).collect()
    }
}

type Spoil = fn(&mut Answer<'_>, &mut Chance) -> Option<()>;

/// Every way to spoil a finished answer; `None` where this answer offers no occasion.
const SPOILT: [(&str, Spoil); 14] = [
    ("two pupils swapped", |answer, chance| {
        let one = answer.pupils(chance, |pupil| answer.placed[pupil] != NONE)?;
        let other = answer.pupils(chance, |pupil| {
            answer.placed[pupil] != NONE && answer.placed[pupil] != answer.placed[one]
        })?;
        answer.placed.swap(one, other);
        answer.seats.swap(one, other);
        Some(())
    }),
    ("two neighbours of one list of results shifted by a row", |answer, chance| {
        let one = chance.below(answer.placed.len().checked_sub(1)?);
        (answer.placed[one] != answer.placed[one + 1]).then_some(())?;
        answer.placed.swap(one, one + 1);
        answer.seats.swap(one, one + 1);
        Some(())
    }),
    ("a refused pupil admitted over the plan", |answer, chance| {
        let one = answer.pupils(chance, |pupil| !answer.missed(pupil).is_empty())?;
        let missed = answer.missed(one);
        answer.put(one, missed[chance.below(missed.len())], Seat::Open);
        Some(())
    }),
    ("a refused pupil admitted in place of another", |answer, chance| {
        let one = answer.pupils(chance, |pupil| !answer.missed(pupil).is_empty())?;
        let missed = answer.missed(one);
        let school = missed[chance.below(missed.len())];
        let other = answer.pupils(chance, |pupil| answer.placed[pupil] == school as u32)?;
        answer.put(one, school, answer.seats[other]?);
        answer.drop(other);
        Some(())
    }),
    ("an admitted pupil dropped", |answer, chance| {
        let one = answer.pupils(chance, |pupil| answer.placed[pupil] != NONE)?;
        answer.drop(one);
        Some(())
    }),
    ("a pupil moved to a later choice", |answer, chance| {
        let one = answer.pupils(chance, |pupil| {
            answer.rules.prefs[pupil]
                .last()
                .is_some_and(|&last| answer.placed[pupil] != NONE && answer.placed[pupil] != last as u32)
        })?;
        let last = *answer.rules.prefs[one].last()?;
        answer.put(one, last, Seat::Open);
        Some(())
    }),
    ("a pupil moved to a later choice with a free seat", |answer, chance| {
        let later = |pupil: usize| {
            let list = &answer.rules.prefs[pupil];
            let held = list.iter().position(|&school| answer.placed[pupil] == school as u32)?;
            let able =
                |school: usize| answer.rules.claims[school].get(&pupil).is_some_and(|claim| claim.open);
            list[held + 1..].iter().copied().find(|&school| answer.free(school) && able(school))
        };
        let one = answer.pupils(chance, |pupil| later(pupil).is_some())?;
        let school = later(one)?;
        answer.put(one, school, Seat::Open);
        Some(())
    }),
    ("a pupil admitted where she did not apply", |answer, chance| {
        let school = chance.below(answer.rules.seats.len());
        let one = answer.pupils(chance, |pupil| !answer.rules.prefs[pupil].contains(&school))?;
        answer.put(one, school, Seat::Open);
        Some(())
    }),
    ("a pupil admitted below a gate, out of scope or off the list", |answer, chance| {
        let barred = |pupil: usize| {
            let mut list = answer.rules.prefs[pupil].iter().copied();
            list.find(|&school| !answer.rules.claims[school].contains_key(&pupil))
        };
        let one = answer.pupils(chance, |pupil| barred(pupil).is_some())?;
        let school = barred(one)?;
        answer.put(one, school, if chance.percent(50) { Seat::Open } else { Seat::Quota });
        Some(())
    }),
    ("a pupil without a quota claim on a quota seat", |answer, chance| {
        let one = answer.pupils(chance, |pupil| {
            let school = answer.placed[pupil];
            school != NONE && answer.rules.claims[school as usize][&pupil].cell.is_none()
        })?;
        answer.seats[one] = Some(Seat::Quota);
        Some(())
    }),
    ("another seat word", |answer, chance| {
        let one = answer.pupils(chance, |pupil| answer.placed[pupil] != NONE)?;
        let words = [Seat::Quota, Seat::Pool, Seat::Open];
        let now = answer.seats[one]?;
        let others: Vec<Seat> = words.into_iter().filter(|&seat| seat != now).collect();
        answer.seats[one] = Some(others[chance.below(2)]);
        Some(())
    }),
    ("a seat word lost, or one without a programme", |answer, chance| {
        let one = chance.below(answer.placed.len());
        answer.seats[one] = if answer.placed[one] == NONE { Some(Seat::Open) } else { None };
        Some(())
    }),
    ("a cell overfilled", |answer, chance| {
        let fits = |pupil: usize, other: usize| {
            let school = answer.placed[other];
            let claims = &answer.rules.claims[school as usize];
            let cell = claims.get(&pupil).and_then(|claim| claim.cell);
            cell.is_some() && cell == claims[&other].cell && answer.placed[pupil] != school
        };
        let quota = |pupil: usize| answer.seats[pupil] == Some(Seat::Quota);
        let other = answer.pupils(chance, |other| {
            quota(other) && (0..answer.placed.len()).any(|pupil| fits(pupil, other))
        })?;
        let one = answer.pupils(chance, |pupil| fits(pupil, other))?;
        answer.put(one, answer.placed[other] as usize, Seat::Quota);
        Some(())
    }),
    ("a quota seat left empty and its holder sent on", |answer, chance| {
        let one = answer.pupils(chance, |pupil| answer.seats[pupil] == Some(Seat::Quota))?;
        let list = &answer.rules.prefs[one];
        let held = list.iter().position(|&school| answer.placed[one] == school as u32)?;
        match list.get(held + 1) {
            Some(&next) => answer.put(one, next, Seat::Open),
            None => answer.drop(one),
        }
        Some(())
    }),
];

/// What the literal rule says of an answer: the right holders on the right seats.
fn literally_right(answer: &Answer<'_>) -> bool {
    let matching = matching(&answer.placed);
    let words = answer.rules.words(&matching);
    let same = words.iter().zip(&answer.seats).all(|(word, seat)| *word == seat.map(Seat::word));
    answer.rules.stable(&matching) && same
}

fn right(market: &Market) -> (Vec<u32>, Vec<Option<Seat>>) {
    let placed = deferred_acceptance::place(market);
    let seats = choice::seats(market, &placed);
    (placed, seats)
}

#[test]
fn every_spoilt_answer_has_a_breach() {
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    let mut still_stable = 0;
    for (seed, policy) in (0..).zip(Policy::all()) {
        let town = Town::random(seed, Shape { juniors: 6, ..Shape::middle(160, 9) }, policy);
        let rules = Rules::of(&town);
        let market = columns(&town, &rules, 1);
        let (placed, seats) = right(&market);
        assert_eq!(breaches(&market, &placed, &seats), []);
        let mut chance = Chance(seed);
        for (name, spoil) in SPOILT {
            for _ in 0..20 {
                let mut answer =
                    Answer { town: &town, rules: &rules, placed: placed.clone(), seats: seats.clone() };
                if spoil(&mut answer, &mut chance).is_none() {
                    continue;
                }
                assert!((&answer.placed, &answer.seats) != (&placed, &seats), "{name} changed nothing");
                *tried.entry(name).or_default() += 1;
                let found = breaches(&market, &answer.placed, &answer.seats);
                if literally_right(&answer) {
                    // Another stable matching is no breach; the second engine knows it is not the best.
                    still_stable += 1;
                    assert!(found.is_empty() && cutoffs::place(&market) != answer.placed, "{name}");
                } else {
                    assert!(!found.is_empty(), "{name} unseen, {policy:?}\n{}", answer.town.file());
                }
            }
        }
    }
    println!("{tried:?}; {still_stable} of them stable");
    for (name, _) in SPOILT {
        assert!(tried.get(name).copied().unwrap_or(0) >= 20, "{name} was hardly tried: {tried:?}");
    }
}

#[test]
fn an_answer_of_another_length_is_refused() {
    let town = Town::random(3, Shape::middle(40, 4), PLAIN);
    let market = columns(&town, &Rules::of(&town), 1);
    let (mut placed, mut seats) = right(&market);
    placed.pop();
    seats.pop();
    assert_eq!(breaches(&market, &placed, &seats).len(), 1);
    placed.extend([NONE, NONE]);
    seats.extend([None, None]);
    assert_eq!(breaches(&market, &placed, &seats).len(), 1);
}

type Mistake = fn(&mut Town, &mut Chance);

/// The historical mutants of `promises.md` 3.2 that concern matching: a run on a wrong market.
const MISTAKES: [(&str, Mistake); 20] = [
    ("1 lottery order reversed (Amsterdam)", |town, _| {
        town.pupils.iter_mut().for_each(|pupil| pupil.ties[1] = -pupil.ties[1]);
    }),
    ("2 priority tier dropped: no quota (Gyeonggi)", |town, _| {
        town.schools.iter_mut().for_each(|school| school.quota.clear());
    }),
    ("3 worst instead of best (Ireland)", |town, _| {
        town.pupils.iter_mut().for_each(|pupil| pupil.score = pupil.score.map(|score| 1_300_000 - score));
    }),
    ("4 scores shifted by a row (ST3)", |town, _| {
        let scores: Vec<Option<i64>> = town.pupils.iter().map(|pupil| pupil.score).collect();
        for (pupil, score) in town.pupils.iter_mut().skip(1).zip(scores) {
            pupil.score = pupil.score.and(score.or(pupil.score));
        }
    }),
    ("5 stale conversion table: whole points (Boston)", |town, _| {
        let whole = |score: i64| score / 5_000 * 5_000;
        town.pupils.iter_mut().for_each(|pupil| pupil.score = pupil.score.map(whole));
    }),
    ("6 capacity mistyped (Parcoursup)", |town, chance| {
        let school = chance.below(town.schools.len());
        town.schools[school].seats = town.schools[school].seats * 10 + 3;
    }),
    ("8 draw favours the first days (DV)", |town, _| {
        for (pupil, lot) in town.pupils.iter_mut().zip((0..).map(|lot: i64| 10_000 - lot)) {
            pupil.ties[1] = lot;
        }
    }),
    ("9, 10 new numbers on a new run (NYC, Puning)", |town, chance| {
        let lots = chance.shuffled((0..town.pupils.len() as i64).collect());
        town.pupils.iter_mut().zip(lots).for_each(|(pupil, lot)| pupil.ties[1] = lot);
    }),
    ("13 the lot before the tie-breaking mark (Göteborg)", |town, _| {
        town.pupils.iter_mut().for_each(|pupil| pupil.ties.swap(0, 1));
    }),
    ("14 absent coded as 0 (Telangana)", |town, chance| {
        for pupil in town.pupils.iter_mut().filter(|pupil| pupil.score.is_some()) {
            if chance.percent(10) {
                pupil.score = Some(0);
            }
        }
    }),
    ("15 unused quota lost", |town, _| town.policy.unused = Unused::Empty),
    ("15 unused quota returned twice", |town, _| {
        for school in &mut town.schools {
            school.seats += school.quota.iter().map(|cell| cell.1).sum::<usize>() / 2;
        }
    }),
    ("16 one seat more", |town, _| town.schools.iter_mut().for_each(|school| school.seats += 1)),
    ("16 one seat less", |town, _| {
        for school in &mut town.schools {
            let reserved: usize = school.quota.iter().map(|cell| cell.1).sum();
            school.seats = school.seats.saturating_sub(1).max(reserved);
        }
    }),
    ("17 ties split by the order of the file", |town, _| {
        for (pupil, lot) in town.pupils.iter_mut().zip(0..) {
            pupil.ties = vec![lot];
        }
    }),
    ("18 lines ignored", |town, _| {
        town.schools.iter_mut().for_each(|school| (school.gate_open, school.gate_quota) = (None, None));
    }),
    ("18 scopes ignored", |town, _| town.schools.iter_mut().for_each(|school| school.scope = None)),
    ("19 everyone eligible for quota (Xi'an)", |town, _| {
        town.pupils.iter_mut().for_each(|pupil| pupil.eligible = Eligible::Yes);
    }),
    ("21 a draft in place of the confirmed form", |town, chance| {
        for pupil in &mut town.pupils {
            if chance.percent(10) {
                pupil.prefs = chance.shuffled(pupil.prefs.clone());
            }
        }
    }),
    ("20 totals compared as text", |town, _| {
        let text = |score: i64| if score < 620_000 { score + 50_000 } else { score };
        town.pupils.iter_mut().for_each(|pupil| pupil.score = pupil.score.map(text));
    }),
];

#[test]
fn every_run_on_a_wrong_market_is_found() {
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let plain_rules = [
        PLAIN,
        Policy { open_first: true, ..PLAIN },
        Policy { unused: Unused::Pool, ..PLAIN },
        Policy { placing: Placing::Sequential, ..PLAIN },
        Policy { placing: Placing::Band { width: 5_000, from: 780_000 }, ..PLAIN },
        Policy { distance: Some(5_000), ..PLAIN },
    ];
    for (seed, policy) in (0..).zip(plain_rules.into_iter().cycle().take(18)) {
        let shape = Shape { seats: 70, totals: 60, ..Shape::middle(300, 10) };
        let town = Town::random(seed, shape, policy);
        let rules = Rules::of(&town);
        let market = columns(&town, &rules, 1);
        let best = deferred_acceptance::place(&market);
        for (name, mistake) in MISTAKES {
            let mut wrong = town.clone();
            if name.starts_with("15 unused quota lost") && policy.distance.is_some() {
                continue;
            }
            mistake(&mut wrong, &mut Chance(seed));
            let wrong = columns(&wrong, &Rules::of(&wrong), 1);
            let (placed, seats) = right(&wrong);
            if placed == best {
                continue;
            }
            let count = found.entry(name).or_default();
            if breaches(&market, &placed, &seats).is_empty() {
                // Right on another market and stable here: then the engines disagree.
                assert!(rules.stable(&matching(&placed)), "{name}, {policy:?}\n{}", town.file());
                assert_ne!(cutoffs::place(&market), placed, "{name}");
                count.1 += 1;
            } else {
                count.0 += 1;
            }
        }
    }
    println!("by the checker, by the second engine: {found:?}");
    for (name, _) in MISTAKES {
        assert!(found.get(name).is_some_and(|count| count.0 >= 3), "{name} was hardly tried: {found:?}");
    }
}

/// The place outside the engine (DC, Lianjiang), and the school that keeps whom it likes.
#[test]
fn a_stable_matching_that_is_not_the_best_is_caught_by_the_second_engine() {
    let mut others = 0;
    for seed in 0..1_500 {
        let policies = Policy::all();
        let policy = policies[seed as usize % policies.len()];
        let shape = Shape { gate: 0, scope: 0, ..Shape::tiny(4, 4) };
        let mut town = Town::random(seed, shape, policy);
        let mut chance = Chance(seed);
        for pupil in &mut town.pupils {
            pupil.prefs = chance.shuffled((0..4).collect());
            pupil.score = pupil.score.or(Some(600_000));
        }
        for school in &mut town.schools {
            // A school ranks by a list of its own, or has one seat for one junior high.
            let own_list = chance.percent(70);
            school.priority = own_list.then(|| chance.shuffled((0..4).collect()));
            school.seats = 1;
            school.quota = if own_list { vec![] } else { vec![(format!("M{}", chance.below(3)), 1)] };
        }
        let rules = Rules::of(&town);
        let stable = rules.all_stable();
        let best = best_of(&rules, &stable).unwrap();
        let market = columns(&town, &rules, 1);
        for other in stable.iter().filter(|other| **other != best) {
            let placed = crate::columns::placed(other);
            assert!(breaches(&market, &placed, &choice::seats(&market, &placed)).is_empty());
            assert_ne!(cutoffs::place(&market), placed);
            assert_ne!(deferred_acceptance::place(&market), placed);
            others += 1;
        }
    }
    println!("{others} other stable matchings");
    assert!(others >= 100, "only {others} other stable matchings");
}

/// Seats of one school against its neighbours' plans: the sum is right, the rows are not.
#[test]
fn two_plans_swapped_show() {
    let town = Town {
        schools: vec![
            School { id: "A".into(), seats: 2, ..School::default() },
            School { id: "B".into(), seats: 3, ..School::default() },
        ],
        ..Town::random(5, Shape { quota: 0, gate: 0, scope: 0, list: 0, ..Shape::tiny(12, 2) }, PLAIN)
    };
    let market = columns(&town, &Rules::of(&town), 1);
    let mut swapped = town.clone();
    (swapped.schools[0].seats, swapped.schools[1].seats) = (3, 2);
    let (placed, seats) = right(&columns(&swapped, &Rules::of(&swapped), 1));
    let over = breaches(&market, &placed, &seats);
    assert!(over.iter().any(|breach| breach.what == "more admitted than the plan"), "{over:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_checker_and_the_literal_rule_agree_on_random_changes(policy in policies(), seed: u64) {
        let town = Town::random(seed, Shape::tiny(12, 4), policy);
        let rules = Rules::of(&town);
        let market = columns(&town, &rules, 1);
        let (placed, _) = right(&market);
        let mut chance = Chance(!seed);
        for _ in 0..30 {
            let mut changed: Matching = matching(&placed);
            for _ in 0..chance.within(1, 3) {
                let pupil = chance.below(12);
                let list = &rules.prefs[pupil];
                changed[pupil] = match chance.below(list.len() + 1) {
                    0 => None,
                    place => Some(list[place - 1]),
                };
            }
            let words: Vec<_> = rules
                .words(&changed)
                .into_iter()
                .zip(&changed)
                .map(|(word, school)| school.map(|_| word.unwrap_or("open")))
                .collect();
            let found = crate::columns::check(&market, &changed, &words);
            prop_assert_eq!(found.is_empty(), rules.stable(&changed), "{:?}\n{}", found, town.file());
        }
    }
}
