//! The worked examples W9-W13 of the domain reference.

use crate::columns::by_file;
use crate::literal::Rules;
use crate::town::{PLAIN, Placing, Policy, Pupil, School, Town, Unused};

const BAND_5: Placing = Placing::Band { width: 5_000, from: 730_000 };

/// Pupils as `X729 A B`: one letter, the total, the list; a junior high after the total (`a700/J1`).
fn pupils(lines: &[&str], schools: &[School]) -> Vec<Pupil> {
    let school = |id: &str| schools.iter().position(|school| school.id == id).unwrap();
    lines
        .iter()
        .map(|line| {
            let mut words = line.split_whitespace();
            let who = words.next().unwrap();
            let (total, junior) = who[1..].split_once('/').unwrap_or((&who[1..], ""));
            Pupil {
                id: who[..1].to_owned(),
                junior: (!junior.is_empty()).then(|| junior.to_owned()),
                score: Some(total.parse::<i64>().unwrap() * 1_000),
                prefs: words.map(school).collect(),
                ..Pupil::default()
            }
        })
        .collect()
}

fn single_seats(ids: &str) -> Vec<School> {
    ids.split(' ').map(|id| School { id: id.to_owned(), seats: 1, ..School::default() }).collect()
}

/// The answer as `X-A Z-B V-C`, in the order of the pupils, the unplaced left out.
fn answer(town: &Town) -> String {
    let (matching, _) = by_file(town);
    assert_eq!(matching, Rules::of(town).student_best());
    let placed = town.pupils.iter().zip(&matching);
    let told =
        placed.filter_map(|(pupil, school)| Some(format!("{}-{}", pupil.id, town.schools[(*school)?].id)));
    told.collect::<Vec<_>>().join(" ")
}

fn placed_by(placing: Placing, schools: &str, lines: &[&str]) -> String {
    let schools = single_seats(schools);
    answer(&Town { policy: Policy { placing, ..PLAIN }, pupils: pupils(lines, &schools), schools })
}

#[test]
fn w9_three_placing_rules() {
    let pupils = ["X729 A B", "Z728 A B", "Y727 B A", "V725 B C", "W721 C B"];
    assert_eq!(placed_by(Placing::Parallel, "A B C", &pupils), "X-A Z-B V-C");
    assert_eq!(placed_by(BAND_5, "A B C", &pupils), "X-A Y-B W-C");
    assert_eq!(placed_by(Placing::Sequential, "A B C", &pupils), "X-A Y-B W-C");
}

#[test]
fn w10_band_against_sequential() {
    let pupils = ["X729 A B", "Z728 A B", "W721 B A"];
    assert_eq!(placed_by(Placing::Parallel, "A B", &pupils), "X-A Z-B");
    assert_eq!(placed_by(BAND_5, "A B", &pupils), "X-A Z-B");
    assert_eq!(placed_by(Placing::Sequential, "A B", &pupils), "X-A W-B");
}

#[test]
fn w11_in_a_one_point_band_the_preference_goes_before_the_tie_chain() {
    let schools = single_seats("A B");
    let mut pupils = pupils(&["R601 A B", "P600 A B", "Q600 B A"], &schools);
    (pupils[1].ties, pupils[2].ties) = (vec![120], vec![110]);
    let by = |placing| {
        answer(&Town {
            policy: Policy { placing, ..PLAIN },
            pupils: pupils.clone(),
            schools: schools.clone(),
        })
    };
    assert_eq!(by(Placing::Parallel), "R-A P-B");
    assert_eq!(by(Placing::Band { width: 1_000, from: 601_000 }), "R-A Q-B");
}

fn w12(policy: Policy, gate_quota: Option<i64>) -> String {
    let quota = vec![("J1".to_owned(), 1), ("J2".to_owned(), 1)];
    let schools = vec![School { id: "H".into(), seats: 4, quota, gate_quota, ..School::default() }];
    let lines = ["a700/J1 H", "b640/J1 H", "c680/J2 H", "d650/J2 H", "e695/J3 H"];
    let town = Town { policy, pupils: pupils(&lines, &schools), schools };
    let (_, words) = by_file(&town);
    assert!(answer(&town).len() >= 11);
    let told = town.pupils.iter().zip(words);
    told.filter_map(|(pupil, word)| Some(format!("{}:{}", pupil.id, word?))).collect::<Vec<_>>().join(" ")
}

#[test]
fn w12_quota_first_with_a_line_of_640() {
    assert_eq!(w12(PLAIN, Some(640_000)), "a:quota c:quota d:open e:open");
}

#[test]
fn w12_open_first_with_relative_and_absolute_gates() {
    let open_first = Policy { open_first: true, ..PLAIN };
    // c moves up to a returned open seat, and so does d where the line bars her from c's quota seat.
    for (points, d) in [(20, "open"), (30, "open"), (50, "quota")] {
        let told = w12(open_first, Some(695_000 - points * 1_000));
        assert_eq!(told, format!("a:open c:open d:{d} e:open"), "{points} below a line of 695");
    }
    for points in [20, 30] {
        let told = w12(Policy { distance: Some(points * 1_000), ..open_first }, None);
        assert_eq!(told, "a:open c:open d:quota e:open", "not more than {points} below the line of the run");
    }
    // At 50 the event rule is not the script of W12: b's quota event (690) comes before the next merit event
    // (c, 680), so her seat does not return; the script would take the line of 695 first and refuse her.
    let told = w12(Policy { distance: Some(50_000), ..open_first }, None);
    assert_eq!(told, "a:open b:quota c:quota e:open");
    for told in [
        w12(Policy { distance: Some(60_000), ..open_first }, None),
        w12(open_first, Some(635_000)),
        w12(open_first, None),
    ] {
        assert_eq!(told, "a:open b:quota c:quota e:open");
    }
}

#[test]
fn w13_the_second_quota_round_ignores_the_junior_high() {
    // What is left of the quota is a round of its own, seats without cells.
    let left_over = [
        ("the second round as a market without cells", PLAIN, Vec::new(), Vec::new()),
        (
            "the county pool, where no junior high has a claim of its own",
            Policy { unused: Unused::Pool, ..PLAIN },
            vec![("J8".to_owned(), 1)],
            vec![("J9".to_owned(), 1)],
        ),
    ];
    for (name, policy, first, second) in left_over {
        let schools = vec![
            School { id: "S".into(), seats: 1, quota: first, ..School::default() },
            School { id: "T".into(), seats: 1, quota: second, ..School::default() },
        ];
        let lines = ["p660/J1 S", "q655/J2 T S", "r650/J1 S T"];
        let town = Town { policy, pupils: pupils(&lines, &schools), schools };
        assert_eq!(answer(&town), "p-S q-T", "{name}");
        let pool = by_file(&town).1.iter().flatten().all(|word| word == "pool");
        assert_eq!(pool, policy.unused == Unused::Pool, "{name}");
    }
}
