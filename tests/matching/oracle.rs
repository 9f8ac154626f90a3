//! Tiny random markets against all their matchings: engines, kernels, checker and seats.

use proptest::prelude::*;

use crate::columns::{by_every_engine, by_file, check, columns, seats_of, words_of_src};
use crate::literal::{Matching, Rules, Seated};
use crate::town::{PLAIN, Policy, Pupil, School, Shape, Town, Unused};
use zhaosheng::domain::market::Market;
use zhaosheng::domain::seat::Seat;
use zhaosheng::engine::choice::{Applicant, choose};
use zhaosheng::engine::verification::breaches;

/// The stable matching that everyone likes best.
pub(crate) fn best_of(rules: &Rules, stable: &[Matching]) -> Option<Matching> {
    let pupils = rules.prefs.len();
    let better = |one: &Matching, other: &Matching| {
        (0..pupils).all(|pupil| rules.position(pupil, one[pupil]) <= rules.position(pupil, other[pupil]))
    };
    stable.iter().find(|one| stable.iter().all(|other| better(one, other))).cloned()
}

/// The choice of `src` among some pupils of a school.
pub(crate) fn choice_of_src(market: &Market, school: usize, pupils: &[usize]) -> Seated {
    let applicants = pupils
        .iter()
        .map(|&pupil| {
            let entry = market.entry(pupil as u32, school as u32).unwrap();
            Applicant::of(market, pupil as u32, entry)
        })
        .collect();
    let chosen = choose(market, school as u32, applicants);
    chosen.into_iter().map(|(pupil, seat)| (pupil as usize, seat.word())).collect()
}

fn engines_find_the_student_best(town: &Town, grain: usize) {
    let rules = Rules::of(town);
    let stable = rules.all_stable();
    let best = best_of(&rules, &stable).unwrap_or_else(|| panic!("no best of {stable:?}\n{}", town.file()));
    assert_eq!(rules.student_best(), best, "the literal proposals\n{}", town.file());
    let words = rules.words(&best);
    for (name, matching) in by_every_engine(town, &rules, grain) {
        assert_eq!(matching, best, "{name}, grain {grain}\n{}", town.file());
    }
    let market = columns(town, &rules, grain);
    assert_eq!(words_of_src(&market, &best), words, "seat words\n{}", town.file());
    for matching in &stable {
        let found = check(&market, matching, &rules.words(matching));
        assert!(found.is_empty(), "{found:?} in the stable {matching:?}\n{}", town.file());
    }
    let (matching, told) = by_file(town);
    assert_eq!(matching, best, "the service\n{}", town.file());
    assert!(told.iter().map(Option::as_deref).eq(words), "seat words of the service\n{}", town.file());
}

fn checker_knows_every_unstable_matching(town: &Town) {
    let rules = Rules::of(town);
    let market = columns(town, &rules, 1);
    for matching in rules.all_matchings() {
        // Whom the rule itself would not seat sits on an open seat.
        let words: Vec<_> = rules
            .words(&matching)
            .into_iter()
            .zip(&matching)
            .map(|(word, school)| school.map(|_| word.unwrap_or("open")))
            .collect();
        let found = check(&market, &matching, &words);
        assert_eq!(found.is_empty(), rules.stable(&matching), "{found:?} in {matching:?}\n{}", town.file());
    }
}

fn checker_knows_every_wrong_seat(town: &Town) {
    let rules = Rules::of(town);
    let market = columns(town, &rules, 1);
    let best = rules.student_best();
    let right = seats_of(&rules.words(&best));
    let kinds = [Seat::Quota, Seat::Pool, Seat::Open];
    let seated: Vec<usize> = (0..best.len()).filter(|&pupil| best[pupil].is_some()).collect();
    for code in 0..3usize.pow(seated.len() as u32) {
        let mut seats = right.clone();
        let mut rest = code;
        for &pupil in &seated {
            seats[pupil] = Some(kinds[rest % 3]);
            rest /= 3;
        }
        let found = breaches(&market, &crate::columns::placed(&best), &seats);
        assert_eq!(found.is_empty(), seats == right, "{found:?} for {seats:?}\n{}", town.file());
    }
}

fn choices_are_literal(town: &Town) {
    let rules = Rules::of(town);
    let market = columns(town, &rules, 1);
    for school in 0..town.schools.len() {
        let able: Vec<usize> = rules.claims[school].keys().copied().collect();
        for set in 0..1usize << able.len() {
            let pupils: Vec<usize> =
                (0..able.len()).filter(|at| set >> at & 1 == 1).map(|at| able[at]).collect();
            assert_eq!(
                choice_of_src(&market, school, &pupils),
                rules.choice(school, &pupils),
                "{} among {pupils:?}\n{}",
                town.schools[school].id,
                town.file()
            );
        }
    }
}

pub(crate) fn policies() -> impl Strategy<Value = Policy> {
    prop::sample::select(Policy::all())
}

fn cases(number: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(number) }
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn both_engines_and_both_kernels_find_the_student_best_stable_matching(
        policy in policies(), pupils in 0..=5_usize, schools in 1..=4_usize, grain in 1..=4_usize, seed: u64,
    ) {
        engines_find_the_student_best(&Town::random(seed, Shape::tiny(pupils, schools), policy), grain);
    }
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn six_pupils_and_three_programmes_agree_too(policy in policies(), grain in 1..=6_usize, seed: u64) {
        engines_find_the_student_best(&Town::random(seed, Shape::tiny(6, 3), policy), grain);
    }

    #[test]
    fn one_programme_with_seven_applicants_chooses_as_the_rule_is_told(policy in policies(), seed: u64) {
        let shape = Shape { quota: 95, gate: 20, scope: 10, ..Shape::tiny(7, 1) };
        choices_are_literal(&Town::random(seed, shape, policy));
    }

    #[test]
    fn the_checker_accepts_a_matching_exactly_where_it_is_stable(
        policy in policies(), pupils in 1..=4_usize, schools in 1..=3_usize, seed: u64,
    ) {
        checker_knows_every_unstable_matching(&Town::random(seed, Shape::tiny(pupils, schools), policy));
    }

    #[test]
    fn the_checker_accepts_exactly_the_right_seats(
        policy in policies(), pupils in 1..=6_usize, schools in 1..=2_usize, seed: u64,
    ) {
        checker_knows_every_wrong_seat(&Town::random(seed, Shape::tiny(pupils, schools), policy));
    }
}

/// Two counties, each with a programme with cells; a list that crosses the border leads nowhere there.
#[test]
fn a_list_may_name_a_programme_with_cells_of_another_county() {
    let pupil = |id: &str, county: &str, junior: &str, score: i64, prefs: &[usize]| Pupil {
        id: id.into(),
        county: Some(county.into()),
        junior: Some(junior.into()),
        score: Some(score * 1_000),
        prefs: prefs.to_vec(),
        ..Pupil::default()
    };
    let school = |id: &str, county: &str, junior: &str| School {
        id: id.into(),
        seats: 1,
        quota: vec![(junior.into(), 1)],
        scope: Some(vec![county.into()]),
        ..School::default()
    };
    let town = Town {
        policy: PLAIN,
        pupils: vec![
            pupil("a", "K2", "M2", 650, &[0, 1]),
            pupil("b", "K1", "M1", 640, &[1, 0]),
            pupil("c", "K2", "M3", 660, &[0, 1]),
        ],
        schools: vec![school("H1", "K1", "M1"), school("H2", "K2", "M2")],
    };
    engines_find_the_student_best(&town, 1);
    assert_eq!(by_file(&town).0, [Some(1), Some(0), None]);
}

/// Under the event rule the totals lead; a list orders only those of one total.
#[test]
fn a_priority_list_beside_a_relative_gate_orders_equal_totals() {
    let pupil = |id: &str, score: i64| Pupil {
        id: id.into(),
        junior: Some("M1".into()),
        score: Some(score * 1_000),
        prefs: vec![0],
        ..Pupil::default()
    };
    for (open_first, quota) in [(false, vec![]), (true, vec![("M1".to_owned(), 1)])] {
        let town = Town {
            policy: Policy { open_first, distance: Some(5_000), unused: Unused::Open, ..PLAIN },
            pupils: vec![pupil("low", 600), pupil("high", 610), pupil("equal", 610)],
            schools: vec![School {
                id: "H".into(),
                seats: 1,
                quota,
                priority: Some(vec![0, 2, 1]),
                ..School::default()
            }],
        };
        engines_find_the_student_best(&town, 1);
        assert_eq!(by_file(&town).0, [None, None, Some(0)]);
    }
}

/// A room for "as many as come" must not ask for memory that nobody needs.
#[test]
fn hundreds_of_programmes_may_have_ten_million_seats() {
    let schools: Vec<School> = (0..450)
        .map(|index| School { id: format!("H{index}"), seats: 10_000_000, ..School::default() })
        .collect();
    let pupils: Vec<Pupil> = (0..300)
        .map(|index| Pupil {
            id: format!("s{index}"),
            score: Some(index as i64),
            prefs: vec![index, index + 1],
            ..Pupil::default()
        })
        .collect();
    let town = Town { policy: PLAIN, pupils, schools };
    assert!(by_file(&town).0.iter().enumerate().all(|(pupil, school)| *school == Some(pupil)));
}
