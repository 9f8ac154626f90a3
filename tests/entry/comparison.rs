//! Two policies over the same children: who would stand elsewhere, and what it is to them.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use zhaosheng::domain::progress::Quiet;
use zhaosheng::engine::compulsory::entry_comparison::{Fate, compare_entries};
use zhaosheng::service::admit_folder::NoResult;
use zhaosheng::service::compulsory::compare_entry_policies::{compare_entry_policies, counts, named};
use zhaosheng::service::compulsory::place_entry::place_entry;

use crate::folders::case;
use crate::properties::tight;

/// The policy of Yicheng, with whoever owns a home before all others, and migrants second.
pub(crate) fn homes_first() -> String {
    let own = fs::read_to_string(case("yicheng").join("entry.toml")).unwrap();
    let from = own.find("[[stage.category]]\ncode = \"1\"").unwrap();
    let last = own.find("[[stage.category]]\ncode = \"4\"").unwrap();
    let end = own.find("[stage.transfer]").unwrap();
    [&own[..from], &own[last..end], &own[from..last], &own[end..]].concat()
}

#[test]
fn a_worked_comparison_tells_who_moves_and_what_it_is_to_her() {
    let place = tempfile::tempdir().unwrap();
    let other = place.path().join("other.toml");
    fs::write(&other, homes_first()).unwrap();
    let (entry, run) = place_entry(&case("yicheng"), &Quiet).unwrap();
    let compared = compare_entry_policies(&case("yicheng"), (&entry, &run), &other, &Quiet).unwrap();
    // Four places at NJ: C01 and C08 own a home and keep theirs; C04 owns one and C05 is a migrant, they come back
    // from the schools of the transfer round; C02 and C03 go to the first one that has places.
    let cost = json!({"admitted": 11, "unplaced": 3, "envious": 0});
    let expected =
        json!({"changed": 4, "better_off": 2, "worse_off": 2, "own_cost": cost, "other_cost": cost});
    assert_eq!(counts(&compared), expected);
    let told = named(&entry, &run, &compared, 500);
    let change = |child: &str, category: &str, from: &str, to: &str, fate: &str| json!({"exam_no": child, "category": category, "from": from, "to": to, "fate": fate});
    let changes = json!([
        change("C02", "2", "NJ", "BM", "loses"),
        change("C03", "3", "NJ", "BM", "loses"),
        change("C04", "4", "LT", "NJ", "gains"),
        change("C05", "5", "YW", "NJ", "gains"),
    ]);
    assert_eq!(told["changes"], changes);
    let moved = |category: &str, from: &str, to: &str| json!({"category": category, "from": from, "to": to, "children": 1});
    let moves = json!([
        moved("2", "NJ", "BM"),
        moved("3", "NJ", "BM"),
        moved("4", "LT", "NJ"),
        moved("5", "YW", "NJ")
    ]);
    assert_eq!(told["moves"], moves);
    let loads: Vec<&Value> =
        told["loads"].as_array().unwrap().iter().filter(|load| load["own"] != load["other"]).collect();
    let load = |school: &str, seats: u32, own: u32, other: u32| json!({"school": school, "stage": "primary", "seats": seats, "own": own, "other": other});
    assert_eq!(json!(loads), json!([load("BM", 5, 0, 2), load("LT", 1, 1, 0), load("YW", 5, 1, 0)]));

    // The command tells the same, and a policy with faults is refused by its place.
    let program = |json: bool| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_zhaosheng"));
        program.args(if json { &["--json"][..] } else { &[] });
        program.arg("admit").arg(case("yicheng")).arg("--compare").arg(&other).output().unwrap()
    };
    let output = program(true);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer, json!({"counts": expected, "named": told}));
    let text = String::from_utf8(program(false).stdout).unwrap();
    for line in ["4 children stand elsewhere: 2 gain, 2 lose, 0 neither", "category 4: LT -> NJ: 1"] {
        assert!(text.contains(line), "{line} not in {text}");
    }
    fs::write(&other, homes_first().replace("class_size = 55", "class_size = 99")).unwrap();
    let refused = compare_entry_policies(&case("yicheng"), (&entry, &run), &other, &Quiet);
    assert!(matches!(refused, Err(NoResult::Faults(faults)) if faults.len() == 2));
    assert_eq!(program(true).status.code(), Some(2));
    let nothing = place.path().join("nothing.toml");
    let refused = compare_entry_policies(&case("yicheng"), (&entry, &run), &nothing, &Quiet);
    assert!(matches!(refused, Err(NoResult::Faults(_))));
}

#[test]
fn random_counties_lose_what_the_other_way_round_they_gain() {
    let mut moved = 0;
    for seed in 1..=6 {
        let draft = tight(300, seed);
        let one = draft.place().unwrap();
        // Another draw: nothing but the lots differs.
        let two = draft.change("entry.toml", "round = 1", "round = 2").place().unwrap();
        let there = compare_entries((&one.0, &one.1), (&two.0, &two.1));
        let back = compare_entries((&two.0, &two.1), (&one.0, &one.1));
        assert_eq!(there.count(Fate::Gains), back.count(Fate::Loses), "county {seed}");
        assert_eq!(there.count(Fate::Neither), back.count(Fate::Neither), "county {seed}");
        assert_eq!((&there.first, &there.second), (&back.second, &back.first));
        let loads = |cost: &zhaosheng::engine::compulsory::entry_comparison::EntryCost| {
            u64::from(cost.load.iter().flatten().sum::<u32>())
        };
        assert_eq!(loads(&there.first), there.first.placed);
        assert_eq!(there.first.placed + there.first.unplaced, one.0.children.len() as u64);
        let same = compare_entries((&one.0, &one.1), (&one.0, &one.1));
        assert!(same.changes.is_empty());
        moved += there.changes.len();
    }
    assert!(moved > 20, "{moved}");
}
