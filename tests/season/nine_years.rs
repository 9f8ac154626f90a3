//! `zhaosheng demo --nine-years`: one cohort from primary entry to senior-high admission, and single children through it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::drafts::{Files, cell, cells, files, independent_of, program, told};

const STAGES: [&str; 3] = ["2017-primary-entry", "2023-junior-entry", "2026-senior-season"];

/// Nine years of some children.
fn nine_years(folder: &Path) -> String {
    let flags = ["demo", "--nine-years", "--size", "400", "--seed", "7", "--folder"];
    let (code, out, err) = told(program().args(flags).arg(folder));
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    out
}

/// The sheets of one stage's result.
fn stage(all: &Files, at: usize) -> Files {
    let below = format!("{}/", STAGES[at]);
    all.iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(&below)?.to_owned(), bytes.clone())))
        .collect()
}

/// A child's line, the named cells joined.
fn line(files: &Files, sheet: &str, key: &[&str], columns: &[&str]) -> String {
    let cells: Vec<String> = columns.iter().map(|column| cell(files, sheet, key, column)).collect();
    cells.join(" ")
}

#[test]
fn nine_years_are_verified_stage_by_stage_and_account_for_every_child() {
    let folder = tempfile::tempdir().unwrap();
    let out = nine_years(folder.path());
    assert!(out.starts_with("DEMONSTRATION: invented people and schools. 400 children"), "{out}");
    for (at, stage) in STAGES.iter().enumerate() {
        let result = folder.path().join(stage);
        let (code, out, err) = told(program().arg("verify").arg(&result));
        assert_eq!((code, err.as_str()), (0, ""), "{stage}: {out}");
        let script = if at < 2 { "verify_entry.py" } else { "verify.py" };
        if let Some((code, said)) = independent_of(script, &result) {
            assert_eq!(code, 0, "{stage}: {said}");
        }
    }
    let all = files(folder.path());
    let [primary, junior, senior] = [0, 1, 2].map(|at| stage(&all, at));
    // Everybody who entered at six has one account, and one outcome.
    let people: Vec<String> = cells(&all, "accounts.csv", &[], "person");
    assert_eq!(people.iter().collect::<BTreeSet<_>>().len(), people.len());
    let entered: Vec<String> = cells(&primary, "placements.csv", &[], "child_no");
    assert_eq!((entered.len(), &people[..400]), (400, &entered[..]));
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for outcome in &cells(&all, "accounts.csv", &[], "outcome")[..400] {
        *outcomes.entry(outcome.clone()).or_default() += 1;
    }
    let words: Vec<&str> = outcomes.keys().map(String::as_str).collect();
    assert_eq!(words, ["dropped", "later_class", "moved_away", "placed", "without_a_place"]);
    for (outcome, children) in &outcomes {
        assert!(out.contains(&format!("  {outcome:<16} {children:>8}\n")), "{out}");
    }
    // Who enters junior high is whom the register shows to have finished primary school.
    let graduated = |row: &[String]| row[4] == "graduated" && row[6] == "2023-07-05";
    let register = crate::drafts::rows(&all["sources/register-2023.csv"]);
    let finished: BTreeSet<&String> =
        register.iter().filter(|row| graduated(row)).map(|row| &row[1]).collect();
    let entrants: Vec<String> = cells(&junior, "placements.csv", &[], "child_no");
    assert_eq!(entrants.iter().collect::<BTreeSet<_>>(), finished);
    let ways: BTreeSet<String> = cells(&junior, "placements.csv", &[], "way").into_iter().collect();
    for way in ["direct", "feeder", "zone"] {
        assert!(ways.contains(way), "{ways:?}");
    }
    // What the accounts tell of the exam is what the season's result tells.
    for (exam_no, programme) in cells(&senior, "results.csv", &[], "exam_no").into_iter().zip(cells(
        &senior,
        "results.csv",
        &[],
        "programme_code",
    )) {
        let rows = crate::drafts::rows(&all["accounts.csv"]);
        let account = rows.iter().find(|row| row[3] == exam_no).unwrap();
        let outcome = if programme.is_empty() { "without_a_place" } else { "placed" };
        assert_eq!((account[4].as_str(), &account[5]), (outcome, &programme));
    }
    let again = tempfile::tempdir().unwrap();
    nine_years(again.path());
    assert_eq!(files(again.path()), all, "the same seed, the same nine years");
}

#[test]
fn single_children_are_followed_through_the_years() {
    let folder = tempfile::tempdir().unwrap();
    nine_years(folder.path());
    let all = files(folder.path());
    let [primary, junior, senior] = [0, 1, 2].map(|at| stage(&all, at));
    let fed = "sources/2026-senior-season";
    let trace = format!("{fed}/register_trace.csv");
    let traced = crate::drafts::rows(&all[&trace]);
    let accounts = crate::drafts::rows(&all["accounts.csv"]);
    let register = crate::drafts::rows(&all["sources/register-2026.csv"]);
    // Exam numbers of whom the register gives this column for this reason.
    let with = |column: &str, reason: &str| -> Vec<String> {
        let rows = traced.iter().filter(|row| row[1] == column && row[4] == reason);
        rows.map(|row| row[0].clone()).collect()
    };
    let person = |exam_no: &String| accounts.iter().find(|row| row[3] == *exam_no).unwrap();
    // The rows of the register that a value names, as `school status from until`.
    let rows_of = |exam_no: &str, column: &str| -> Vec<String> {
        let rows = cell(&all, &trace, &[exam_no, column], "register_rows");
        let row = |number: &str| register[number.parse::<usize>().unwrap() - 1][3..7].join(" ");
        rows.split(';').map(row).collect()
    };
    let may = |exam_no: &str| line(&senior, "proof/eligibility.csv", &[exam_no], &["eligible", "refusals"]);
    let seat = |exam_no: &str| line(&senior, "results.csv", &[exam_no], &["seat"]);

    // One who stayed: six years in one primary school, three in one junior high, a quota seat.
    let stayed = with("attended", "whole").into_iter().find(|exam_no| {
        let account = person(exam_no);
        !account[1].is_empty() && account[1] != account[2] && seat(exam_no) == "quota"
    });
    let stayed = stayed.unwrap();
    let account = person(&stayed);
    let (child, school, high) = (account[0].as_str(), account[1].as_str(), account[2].as_str());
    assert_eq!(line(&primary, "placements.csv", &[child], &["school_code"]), school);
    let first = register.iter().find(|row| row[1] == *child).unwrap();
    assert_eq!(first[2..7].join(" "), format!("primary {school} graduated 2017-09-01 2023-07-05"));
    let entry = line(&junior, "proof/input/children.csv", &[child], &["primary_code", "primary_since"]);
    assert_eq!(entry, format!("{school} 2017-09-01"));
    assert_eq!(line(&junior, "placements.csv", &[child], &["school_code"]), high);
    assert_eq!(rows_of(&stayed, "register_from"), [format!("{high} enrolled 2023-09-01 ")]);
    assert_eq!(may(&stayed), "1 ");
    let candidate = line(
        &senior,
        "proof/input/candidates.csv",
        &[&stayed],
        &["junior_code", "register_from", "attended", "repeat"],
    );
    assert_eq!(candidate, format!("{high} 2023-09-01 1 0"));

    // Whoever came to another junior high in eighth grade may not.
    let moved = with("register_from", "transferred_in");
    assert!(moved.len() > 5, "{moved:?}");
    for exam_no in &moved {
        let rows = rows_of(exam_no, "register_from");
        assert!(rows.len() == 2 && rows[0].contains(" transferred 2023-09-01 202"), "{rows:?}");
        assert_eq!((may(exam_no).as_str(), seat(exam_no) == "quota"), ("0 register_short", false));
    }
    let of_the_first_year = moved.iter().map(person).find(|account| !account[1].is_empty()).unwrap();
    let placed = line(&junior, "placements.csv", &[&of_the_first_year[0]], &["school_code"]);
    let now = cell(&senior, "proof/input/candidates.csv", &[&of_the_first_year[3]], "junior_code");
    assert_ne!(placed, now, "she sits the exam for the school she moved to");

    // Suspended in eighth grade and back in the same class: she may not. Back a class lower in time: she may.
    let suspended = with("attended", "suspended");
    assert!(!suspended.is_empty());
    for exam_no in &suspended {
        assert!(rows_of(exam_no, "attended")[0].ends_with(" suspended 2024-10-14 2025-02-17"));
        assert_eq!(may(exam_no), "0 not_attending");
    }
    let returned = with("attended", "returned");
    assert!(!returned.is_empty());
    for exam_no in &returned {
        assert!(rows_of(exam_no, "attended")[1].ends_with(" suspended 2022-11-07 2023-09-01"));
        assert_eq!(may(exam_no), "1 ");
    }
    // Graduates of every junior high are its candidates here: nobody of the class at school stays away.
    for school in cells(&senior, "proof/input/junior_schools.csv", &[], "school_code") {
        let graduates = cell(&senior, "proof/input/junior_schools.csv", &[&school], "graduates");
        let own = cells(&senior, "proof/input/candidates.csv", &[], "junior_code");
        assert_eq!(graduates, own.iter().filter(|code| **code == school).count().to_string(), "{school}");
    }
}
