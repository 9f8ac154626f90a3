//! The shared cases with known answers, through the program itself.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::bad_input::run;
use crate::literal::Rules;
use crate::town::Town;

fn folder() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).join("cases")
}

/// Every matching case: its name, its content. Empty where the folder is absent.
fn cases() -> Vec<(String, Value)> {
    let Ok(entries) = std::fs::read_dir(folder()) else {
        println!("skipped: there is no folder {}", folder().display());
        return Vec::new();
    };
    let mut cases: Vec<(String, Value)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(|path| {
            let case = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), case)
        })
        .filter(|(_, case): &(String, Value)| case["kind"] == "matching")
        .collect();
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(cases.len() >= 29, "only {} matching cases in {}", cases.len(), folder().display());
    cases
}

fn named(town: &Town, matching: &[Option<usize>]) -> Vec<(String, Option<String>)> {
    town.pupils
        .iter()
        .zip(matching)
        .map(|(pupil, school)| (pupil.id.clone(), school.map(|school| town.schools[school].id.clone())))
        .collect()
}

fn expected(town: &Town, assignment: &Value) -> Vec<(String, Option<String>)> {
    town.pupils
        .iter()
        .map(|pupil| {
            let place = &assignment[&pupil.id];
            let school = place.as_str().or_else(|| place["school"].as_str());
            (pupil.id.clone(), school.map(str::to_owned))
        })
        .collect()
}

#[test]
fn every_case_has_its_known_answer() {
    for (name, case) in cases() {
        let answer = run(case["market"].to_string().as_bytes());
        assert_eq!(answer.code, 0, "{name}: {}", answer.talk);
        assert_eq!(answer.talk, "", "{name}");
        let result: Value = serde_json::from_str(&answer.out).unwrap();
        assert_eq!(result["format"], "result/1", "{name}");
        let assignment = result["assignment"].as_object().unwrap();
        let wanted = case["expected"]["assignment"].as_object().unwrap();
        assert_eq!(assignment.len(), wanted.len(), "{name}");
        for (student, want) in wanted {
            let got = &assignment[student];
            match want {
                Value::String(_) => assert_eq!(&got["school"], want, "{name}: {student}"),
                _ => assert_eq!(got, want, "{name}: {student}"),
            }
        }
    }
}

#[test]
fn every_case_agrees_with_brute_force() {
    let mut counted = 0;
    for (name, case) in cases() {
        let town = Town::read(&case["market"]);
        let rules = Rules::of(&town);
        let known = &case["expected"];
        let best = rules.student_best();
        assert!(rules.stable(&best), "{name}");
        assert_eq!(named(&town, &best), expected(&town, &known["assignment"]), "{name}");
        if let Some(count) = known["stable_count"].as_u64() {
            assert_eq!(rules.all_stable().len() as u64, count, "{name}");
            counted += 1;
        }
        if known["school_optimal"].is_object() && town.pupils.len() <= 6 {
            let other = expected(&town, &known["school_optimal"]);
            let stable = rules.all_stable();
            let worst = stable.iter().find(|matching| named(&town, matching) == other);
            let worst = worst.unwrap_or_else(|| panic!("{name}: the school-optimal matching is not stable"));
            assert!(stable.iter().all(|matching| {
                (0..town.pupils.len()).all(|pupil| {
                    rules.position(pupil, matching[pupil]) <= rules.position(pupil, worst[pupil])
                })
            }));
        }
    }
    assert!(counted >= 5 || cases().is_empty(), "{counted} counts of stable matchings");
}
