//! Section 4 of `mechanism.md`: what holds, on random markets, and what fails, each with its counterexample.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::columns::{by_every_engine, by_file, check, columns, words_of_src};
use crate::literal::{Matching, Rules, Seated};
use crate::oracle::{choice_of_src, policies};
use crate::town::{Chance, Eligible, PLAIN, Placing, Policy, Pupil, School, Shape, Town, Unused};
use zhaosheng::engine::{cutoffs, deferred_acceptance};

fn cases(number: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(number) }
}

fn parallel() -> impl Strategy<Value = Policy> {
    prop::sample::select(Policy::parallel())
}

/// The first engine's answer without the way through a file.
fn place(town: &Town) -> Matching {
    let rules = Rules::of(town);
    crate::columns::matching(&deferred_acceptance::place(&columns(town, &rules, 1)))
}

fn id(seated: &Seated) -> BTreeSet<usize> {
    seated.keys().copied().collect()
}

/// Substitutes, the law of aggregate demand and independence of irrelevant applicants, over all sets.
fn choice_is_well_behaved(town: &Town) {
    let rules = Rules::of(town);
    let market = columns(town, &rules, 1);
    let able: Vec<usize> = rules.claims[0].keys().copied().collect();
    let members = |set: usize| -> Vec<usize> {
        (0..able.len()).filter(|at| set >> at & 1 == 1).map(|at| able[at]).collect()
    };
    let chosen: Vec<Seated> =
        (0..1usize << able.len()).map(|set| choice_of_src(&market, 0, &members(set))).collect();
    for (set, from_all) in chosen.iter().enumerate() {
        for gone in (0..able.len()).filter(|at| set >> at & 1 == 1) {
            let from_fewer = &chosen[set & !(1 << gone)];
            let mut still = id(from_all);
            let was_chosen = still.remove(&able[gone]);
            assert!(still.is_subset(&id(from_fewer)), "no substitutes: {}", town.file());
            assert!(from_fewer.len() <= from_all.len(), "demand shrinks: {}", town.file());
            if !was_chosen {
                assert_eq!(from_fewer, from_all, "an irrelevant applicant matters: {}", town.file());
            }
        }
        // What `seats` relies on: choosing again among the chosen moves nobody to another seat.
        let again: Vec<usize> = from_all.keys().copied().collect();
        assert_eq!(choice_of_src(&market, 0, &again), *from_all, "{}", town.file());
    }
}

/// Where a seat is empty, nobody who might sit on it would rather be there.
fn nothing_is_wasted(town: &Town) -> bool {
    let rules = Rules::of(town);
    let matching = place(town);
    (0..town.schools.len()).all(|school| {
        let taken = matching.iter().filter(|place| **place == Some(school)).count();
        taken == rules.seats[school]
            || rules.claims[school].values().filter(|claim| claim.open).all(|claim| {
                rules.position(claim.pupil, matching[claim.pupil])
                    <= rules.position(claim.pupil, Some(school))
            })
    })
}

/// The same town, its pupils and schools in another order.
fn permuted(town: &Town, seed: u64) -> Town {
    let mut chance = Chance(seed);
    let pupils = chance.shuffled((0..town.pupils.len()).collect());
    let schools = chance.shuffled((0..town.schools.len()).collect());
    let new_school = |old: usize| schools.iter().position(|&school| school == old).unwrap();
    let new_pupil = |old: usize| pupils.iter().position(|&pupil| pupil == old).unwrap();
    let moved = |list: &[usize]| list.iter().map(|&old| new_school(old)).collect();
    Town {
        policy: town.policy,
        pupils: pupils
            .iter()
            .map(|&old| {
                let old = town.pupils[old].clone();
                let eligible = match &old.eligible {
                    Eligible::At(schools) => Eligible::At(moved(schools)),
                    other => other.clone(),
                };
                Pupil { prefs: moved(&old.prefs), eligible, ..old }
            })
            .collect(),
        schools: schools
            .iter()
            .map(|&old| {
                let old = town.schools[old].clone();
                let priority = old.priority.map(|order| order.into_iter().map(new_pupil).collect());
                School { priority, quota: chance.shuffled(old.quota), ..old }
            })
            .collect(),
    }
}

fn by_id(town: &Town) -> BTreeSet<(String, Option<String>, Option<String>)> {
    let (matching, words) = by_file(town);
    let placed = town.pupils.iter().zip(matching).zip(words);
    placed
        .map(|((pupil, school), word)| {
            (pupil.id.clone(), school.map(|school| town.schools[school].id.clone()), word)
        })
        .collect()
}

/// All ordered lists of some of the schools.
fn lists(schools: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    let mut at = 0;
    while at < all.len() {
        let shorter = all[at].clone();
        for school in (0..schools).filter(|school| !shorter.contains(school)) {
            all.push([shorter.as_slice(), &[school]].concat());
        }
        at += 1;
    }
    all
}

/// Someone gains by another list: (pupil, list).
fn gains_by_lying(town: &Town) -> Option<(usize, Vec<usize>)> {
    let truth = Rules::of(town);
    let honest = place(town);
    (0..town.pupils.len()).find_map(|pupil| {
        let told = lists(town.schools.len()).into_iter().find(|list| {
            let mut lie = town.clone();
            lie.pupils[pupil].prefs.clone_from(list);
            let got = place(&lie)[pupil];
            let worth = |school: Option<usize>| {
                // A school she does not want is worth less than none.
                let listed = school.map(|school| truth.prefs[pupil].iter().position(|&one| one == school));
                match listed {
                    None => truth.prefs[pupil].len(),
                    Some(None) => usize::MAX,
                    Some(Some(position)) => position,
                }
            };
            worth(got) < worth(honest[pupil])
        });
        told.map(|list| (pupil, list))
    })
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn choices_are_substitutes_and_demand_never_shrinks(policy in policies(), seed: u64) {
        choice_is_well_behaved(&Town::random(seed, Shape { quota: 95, ..Shape::tiny(7, 1) }, policy));
    }

    #[test]
    fn the_order_of_the_file_changes_nothing(
        policy in policies(), pupils in 1..=40_usize, schools in 1..=8_usize, seed: u64,
    ) {
        let shape = Shape { totals: 40, counties: 3, ..Shape::tiny(pupils, schools) };
        let town = Town::random(seed, shape, policy);
        prop_assert_eq!(by_id(&town), by_id(&permuted(&town, seed ^ 1)));
    }

    #[test]
    fn every_seat_is_filled_while_an_acceptable_applicant_is_left(
        policy in policies(), pupils in 1..=30_usize, schools in 1..=6_usize, seed: u64,
    ) {
        let town = Town::random(seed, Shape::tiny(pupils, schools), policy);
        prop_assert!(policy.unused == Unused::Empty || nothing_is_wasted(&town), "{}", town.file());
    }

    #[test]
    fn truth_is_the_best_list_in_one_parallel_batch(
        policy in parallel(), pupils in 1..=5_usize, schools in 1..=3_usize, seed: u64,
    ) {
        let town = Town::random(seed, Shape::tiny(pupils, schools), policy);
        let lie = gains_by_lying(&town);
        prop_assert!(lie.is_none(), "{lie:?}\n{}", town.file());
    }

    #[test]
    fn a_higher_score_never_hurts_its_owner(
        policy in policies(), pupils in 1..=8_usize, schools in 1..=4_usize, more in 1..=8_i64, seed: u64,
    ) {
        let town = Town::random(seed, Shape::tiny(pupils, schools), policy);
        let rules = Rules::of(&town);
        let before = place(&town);
        for pupil in (0..pupils).filter(|&pupil| town.pupils[pupil].score.is_some()) {
            let mut better = town.clone();
            better.pupils[pupil].score = town.pupils[pupil].score.map(|score| score + 500 * more);
            let after = place(&better);
            prop_assert!(
                rules.position(pupil, after[pupil]) <= rules.position(pupil, before[pupil]),
                "{} falls from {:?} to {:?}\n{}", town.pupils[pupil].id, before[pupil], after[pupil], town.file()
            );
        }
    }

    #[test]
    fn a_relative_gate_that_reaches_everyone_changes_nobody(
        open_first: bool, pupils in 1..=20_usize, schools in 1..=5_usize, seed: u64,
    ) {
        // Without lists of the schools' own: beside a gate those only order equal totals.
        let shape = Shape { list: 0, ..Shape::tiny(pupils, schools) };
        let without = Town::random(seed, shape, Policy { open_first, ..PLAIN });
        let mut with = without.clone();
        with.policy.distance = Some(900_000);
        prop_assert_eq!(by_file(&without).0, by_file(&with).0, "{}", with.file());
    }

    #[test]
    fn everyone_is_at_the_first_choice_whose_published_cut_off_she_clears(
        policy in policies(), pupils in 1..=20_usize, schools in 1..=5_usize, seed: u64,
    ) {
        // Under a relative gate the cut-offs alone do not tell who is in.
        if policy.distance.is_none() {
            cut_offs_tell_the_place(&Town::random(seed, Shape::tiny(pupils, schools), policy));
        }
    }
}

/// `mechanism.md` section 7, with the cut-offs as they stand in the answer.
fn cut_offs_tell_the_place(town: &Town) {
    use zhaosheng::files::market_file::{Cutoff, parse};
    let rules = Rules::of(town);
    let result =
        zhaosheng::service::match_market::match_market(&parse(&town.file()).unwrap(), false).unwrap();
    let pupil_of = |id: &str| town.pupils.iter().position(|pupil| pupil.id == id).unwrap();
    for (pupil, (_, place)) in result.assignment.iter().enumerate() {
        let cleared = town.pupils[pupil].prefs.iter().find(|&&school| {
            let Some(claim) = rules.claims[school].get(&pupil) else { return false };
            let clears = |cutoff: &Cutoff| match cutoff {
                Cutoff::NoSeat => false,
                Cutoff::Loose => true,
                Cutoff::Last(id) => claim.place <= rules.claims[school][&pupil_of(id)].place,
            };
            let lines = &result.cutoffs[school].1;
            let own = claim.cell.is_some_and(|cell| clears(&lines.quota[cell].1));
            let pool = claim.quota && lines.pool.as_ref().is_some_and(clears);
            own || pool || (claim.open && clears(&lines.open))
        });
        let cleared = cleared.map(|&school| &town.schools[school].id);
        assert_eq!(cleared, place.as_ref().map(|place| &place.0), "s{pupil}\n{}", town.file());
    }
}

// What fails, and must never be promised.

fn pupil(id: &str, junior: &str, score: i64, prefs: &[usize]) -> Pupil {
    Pupil {
        id: id.into(),
        junior: Some(junior.into()),
        score: Some(score * 1_000),
        prefs: prefs.to_vec(),
        ..Pupil::default()
    }
}

fn school(id: &str, seats: usize, quota: &[(&str, usize)]) -> School {
    let quota = quota.iter().map(|&(junior, seats)| (junior.to_owned(), seats)).collect();
    School { id: id.into(), seats, quota, ..School::default() }
}

/// One pass down the score list: each to her first choice where a quota or an open seat is left, for good.
fn single_pass(town: &Town) -> Matching {
    let rules = Rules::of(town);
    let mut order: Vec<usize> = (0..town.pupils.len()).collect();
    order.sort_by_key(|&pupil| -town.pupils[pupil].score.unwrap());
    let mut cells = rules.cells.clone();
    let mut open: Vec<usize> = (0..town.schools.len())
        .map(|school| rules.seats[school] - cells[school].iter().sum::<usize>())
        .collect();
    let mut matching = vec![None; town.pupils.len()];
    for pupil in order {
        matching[pupil] = rules.prefs[pupil].iter().copied().find(|&school| {
            let Some(claim) = rules.claims[school].get(&pupil) else { return false };
            if let Some(cell) = claim.cell.filter(|&cell| cells[school][cell] > 0) {
                cells[school][cell] -= 1;
            } else if claim.open && open[school] > 0 {
                open[school] -= 1;
            } else {
                return false;
            }
            true
        });
    }
    matching
}

/// ow03
#[test]
fn with_quotas_there_may_be_two_stable_matchings_and_a_single_pass_finds_the_wrong_one() {
    let town = Town {
        policy: PLAIN,
        pupils: vec![pupil("i", "M1", 90, &[1, 0]), pupil("j", "M2", 80, &[0, 1])],
        schools: vec![school("H1", 1, &[("M1", 1)]), school("H2", 1, &[("M2", 1)])],
    };
    let rules = Rules::of(&town);
    assert_eq!(rules.all_stable(), [[Some(1), Some(0)], [Some(0), Some(1)]]);
    assert_eq!(by_file(&town).0, [Some(1), Some(0)]);
    assert_eq!(single_pass(&town), [Some(0), Some(1)], "both get their last choice");
    // The checker alone cannot tell: this one is stable. The second engine can.
    let market = columns(&town, &rules, 1);
    let wrong = single_pass(&town);
    assert!(check(&market, &wrong, &rules.words(&wrong)).is_empty());
    assert_ne!(crate::columns::matching(&cutoffs::place(&market)), wrong);
}

/// ow12
#[test]
fn two_pupils_may_both_gain_by_swapping_so_it_is_not_pareto_efficient() {
    let town = Town {
        policy: PLAIN,
        pupils: vec![
            pupil("s1", "M2", 63, &[0, 1]),
            pupil("s2", "M2", 80, &[0]),
            pupil("s3", "M1", 66, &[1, 0]),
        ],
        schools: vec![school("H1", 1, &[("M1", 1)]), school("H2", 1, &[("M2", 1)])],
    };
    let best = by_file(&town).0;
    assert_eq!(best, [Some(1), None, Some(0)]);
    let swapped = vec![Some(0), None, Some(1)];
    let rules = Rules::of(&town);
    assert!(rules.position(0, swapped[0]) < rules.position(0, best[0]));
    assert!(rules.position(2, swapped[2]) < rules.position(2, best[2]));
    let found = check(&columns(&town, &rules, 1), &swapped, &[Some("open"), None, Some("open")]);
    assert!(found.iter().any(|breach| breach.student == Some(1)), "s2 has the better claim: {found:?}");
}

/// ow13, ow14
#[test]
fn more_quota_for_a_junior_high_may_hurt_its_own_pupils() {
    let with = |quota: &[(&str, usize)]| Town {
        policy: PLAIN,
        pupils: vec![
            pupil("s1", "M1", 61, &[0, 1]),
            pupil("s2", "M1", 87, &[1, 0]),
            pupil("s3", "M2", 94, &[0, 1]),
        ],
        schools: vec![school("H1", 1, quota), school("H2", 1, &[])],
    };
    assert_eq!(by_file(&with(&[])).0, [None, Some(1), Some(0)], "s2 has her first choice");
    assert_eq!(by_file(&with(&[("M1", 1)])).0, [None, Some(0), Some(1)], "one seat more for M1: her second");
}

/// ow15
#[test]
fn without_reversion_a_seat_stays_empty_that_somebody_wants() {
    let with = |unused| Town {
        policy: Policy { unused, ..PLAIN },
        pupils: vec![pupil("s1", "M1", 90, &[0]), pupil("s2", "M1", 80, &[0]), pupil("s4", "M1", 58, &[0])],
        schools: vec![school("H", 3, &[("M1", 1), ("M2", 1)])],
    };
    assert_eq!(by_file(&with(Unused::Empty)).0, [Some(0), Some(0), None]);
    assert!(!nothing_is_wasted(&with(Unused::Empty)));
    assert_eq!(by_file(&with(Unused::Open)).0, [Some(0), Some(0), Some(0)]);
}

#[test]
fn bands_and_sequential_placing_reward_a_lie() {
    let (band, one) = (Placing::Band { width: 10_000, from: 730_000 }, Placing::Groups(1));
    for placing in [band, Placing::Sequential, one] {
        let town = Town {
            policy: Policy { placing, ..PLAIN },
            pupils: vec![
                pupil("X", "M", 729, &[0, 1]),
                pupil("Z", "M", 728, &[0, 1]),
                pupil("W", "M", 721, &[1, 0]),
            ],
            schools: vec![school("A", 1, &[]), school("B", 1, &[])],
        };
        assert_eq!(by_file(&town).0, [Some(0), None, Some(1)], "{placing:?}");
        let mut lie = town.clone();
        lie.pupils[1].prefs = vec![1, 0];
        assert_eq!(by_file(&lie).0, [Some(0), Some(1), None], "{placing:?}: Z gets B by putting it first");
        assert!(gains_by_lying(&town).is_some());
        let parallel = Town { policy: PLAIN, ..town };
        assert_eq!(gains_by_lying(&parallel), None, "not so in one parallel batch");
    }
}

#[test]
fn choice_bands_of_two_reward_a_lie_about_the_third_choice() {
    let town = Town {
        policy: Policy { placing: Placing::Groups(2), ..PLAIN },
        pupils: vec![
            pupil("X", "M", 704, &[0]),
            pupil("Y", "M", 703, &[1]),
            pupil("Z", "M", 702, &[0, 1, 2]),
            pupil("W", "M", 701, &[2]),
        ],
        schools: vec![school("A", 1, &[]), school("B", 1, &[]), school("C", 1, &[])],
    };
    assert_eq!(by_file(&town).0, [Some(0), Some(1), None, Some(2)]);
    let mut lie = town.clone();
    lie.pupils[2].prefs = vec![0, 2];
    assert_eq!(by_file(&lie).0, [Some(0), Some(1), Some(2), None]);
}

#[test]
fn short_lists_reward_a_careful_choice() {
    // Z would like A, then B; the form has one line.
    let with = |list: &[usize]| Town {
        policy: PLAIN,
        pupils: vec![pupil("X", "M", 729, &[0]), pupil("Z", "M", 728, list), pupil("W", "M", 721, &[1])],
        schools: vec![school("A", 1, &[]), school("B", 1, &[])],
    };
    assert_eq!(by_file(&with(&[0])).0, [Some(0), None, Some(1)], "the honest one line");
    assert_eq!(by_file(&with(&[1])).0, [Some(0), Some(1), None], "the careful one");
    assert_eq!(by_file(&with(&[0, 1])).0, [Some(0), Some(1), None], "a complete list needs no care");
}

/// ow05
#[test]
fn two_batches_lock_a_pupil_in_and_the_integrated_run_does_not() {
    let pupils = vec![
        pupil("a", "A", 700, &[0, 1]),
        pupil("b", "B", 690, &[0, 1]),
        pupil("c", "B", 650, &[0, 1]),
        pupil("d", "A", 640, &[1, 0]),
    ];
    let integrated = Town {
        policy: PLAIN,
        pupils: pupils.clone(),
        schools: vec![school("H1", 2, &[("B", 1)]), school("H2", 2, &[("A", 1)])],
    };
    assert_eq!(by_file(&integrated).0, [Some(0), Some(0), Some(1), Some(1)]);
    let first = Town {
        policy: Policy { unused: Unused::Empty, ..PLAIN },
        pupils: pupils.clone(),
        schools: vec![school("H1", 1, &[("B", 1)]), school("H2", 1, &[("A", 1)])],
    };
    let locked = by_file(&first).0;
    assert_eq!(locked, [Some(1), Some(0), None, None], "a, 700, is held at her second choice");
    let second = Town {
        policy: PLAIN,
        pupils: pupils
            .iter()
            .zip(&locked)
            .filter(|(_, place)| place.is_none())
            .map(|(who, _)| who.clone())
            .collect(),
        schools: vec![school("H1", 1, &[]), school("H2", 1, &[])],
    };
    assert_eq!(by_file(&second).0, [Some(0), Some(1)], "c, 650, enters a's first choice");
}

// Middle-sized markets.

#[test]
fn for_every_rule_two_thousand_pupils_get_the_same_from_every_engine() {
    for (seed, policy) in (0..).zip(Policy::all()) {
        // The event rule of the literal choice is slow; a smaller town does.
        let pupils = if policy.distance.is_some() { 600 } else { 2_000 };
        let town = Town::random(seed, Shape::middle(pupils, 24), policy);
        let rules = Rules::of(&town);
        let best = rules.student_best();
        let words = rules.words(&best);
        assert!(rules.stable(&best), "{policy:?}");
        for grain in [1, 16, 300] {
            for (name, matching) in by_every_engine(&town, &rules, grain) {
                assert!(matching == best, "{name}, grain {grain}, {policy:?}");
            }
        }
        let market = columns(&town, &rules, 4);
        assert!(words_of_src(&market, &best) == words, "{policy:?}");
        assert_eq!(check(&market, &best, &words), [], "{policy:?}");
        let (matching, told) = by_file(&town);
        assert!(matching == best && told.iter().map(Option::as_deref).eq(words), "{policy:?}");
    }
}

/// A city of four counties, each with its own programmes and cells.
fn city(seed: u64) -> Town {
    let mut chance = Chance(seed);
    let (counties, own, juniors) = (4, 15, 10);
    let schools = (0..counties * own)
        .map(|index| {
            let county = index / own;
            let cells = (0..juniors).map(|at| (format!("M{county}-{at}"), chance.within(0, 5))).collect();
            School {
                id: format!("H{index}"),
                seats: 55 + chance.below(25),
                quota: cells,
                scope: Some(vec![format!("K{county}")]),
                gate_quota: Some(620_000),
                ..School::default()
            }
        })
        .collect();
    let lots = chance.shuffled((0..5_000).collect());
    let pupils = lots
        .into_iter()
        .enumerate()
        .map(|(index, lot)| {
            let county = chance.below(counties);
            let wanted = chance.shuffled((0..own).collect());
            // Some list a programme of the next county, where they have no claim.
            let abroad = chance.percent(10).then_some((county + 1) % counties * own);
            Pupil {
                id: format!("s{index}"),
                county: Some(format!("K{county}")),
                junior: Some(format!("M{county}-{}", chance.below(juniors))),
                score: Some(600_000 + 500 * chance.below(200) as i64),
                ties: vec![lot],
                eligible: if chance.percent(85) { Eligible::Yes } else { Eligible::No },
                prefs: abroad
                    .into_iter()
                    .chain(wanted.into_iter().take(8).map(|at| county * own + at))
                    .collect(),
            }
        })
        .collect();
    Town { policy: PLAIN, pupils, schools }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let town = city(7);
    let rules = Rules::of(&town);
    let best = rules.student_best();
    let words = rules.words(&best);
    let market = columns(&town, &rules, 8);
    let sorted = zhaosheng::engine::areas::sorted_by_area(market.clone());
    assert_eq!(sorted.market.areas.len(), 4, "one area for each county");
    for threads in [1, 2, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            for (name, matching) in by_every_engine(&town, &rules, 8) {
                assert!(matching == best, "{name} on {threads} threads");
            }
            assert_eq!(check(&market, &best, &words), []);
            let (matching, told) = by_file(&town);
            assert!(matching == best && told.iter().map(Option::as_deref).eq(words.iter().copied()));
        });
    }
}
