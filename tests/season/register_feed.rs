//! `zhaosheng register feed`: a season filled from the register gives what the worked season gives, row by row traced.

use std::fs;
use std::path::{Path, PathBuf};

use zhaosheng::domain::progress::Quiet;
use zhaosheng::service::admit_folder::{admit, write_result};
use zhaosheng::service::compulsory::feed_register::feed_register;

use crate::drafts::{Draft, Files, case, cell, cells, files, program, rows, sentences, told};

/// The worked register: `tests/cases/registers/shanxi`.
fn sheet(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/registers/shanxi");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// The worked season without what a register tells, and with whose register number is whose.
fn bare() -> Draft {
    let shanxi = Draft::of(&case("shanxi"));
    let emptied = ["junior_code", "register_from", "attended", "repeat", "local"];
    let rows = rows(shanxi.text("candidates.csv").as_bytes());
    let line = |row: &Vec<String>| {
        let cells = rows[0].iter().zip(row);
        let cells = cells.map(|(name, cell)| {
            let empty = row != &rows[0] && emptied.contains(&name.as_str());
            if empty { "" } else { cell.as_str() }
        });
        cells.collect::<Vec<_>>().join(",") + "\n"
    };
    let text: String = rows.iter().map(line).collect();
    shanxi.with("candidates.csv", text).with("register_numbers.csv", sheet("register_numbers.csv"))
}

/// Feeds a season from a register, and leaves it in a folder: `fed`.
fn feed(season: &Draft, register: &str) -> Result<(tempfile::TempDir, PathBuf), Vec<String>> {
    let folder = season.write();
    let (path, fed) = (folder.path().join("the register.csv"), folder.path().join("fed"));
    fs::write(&path, register).unwrap();
    feed_register(&path, folder.path(), &fed).map_err(sentences)?;
    Ok((folder, fed))
}

/// The fed folder and its result.
fn fed_and_admitted(season: &Draft, register: &str) -> (Files, Files) {
    let (folder, fed) = feed(season, register).unwrap();
    let (season, run) = admit(&fed, &Quiet).unwrap();
    let out = folder.path().join("result");
    write_result(&season, &run, &out, &Quiet).unwrap();
    (files(&fed), files(&out))
}

#[test]
fn the_worked_season_comes_out_of_its_register() {
    let (fed, result) = fed_and_admitted(&bare(), &sheet("register.csv"));
    let worked = files(&case("shanxi"));
    for column in ["exam_no", "junior_code", "register_from"] {
        assert_eq!(cells(&fed, "candidates.csv", &[], column), cells(&worked, "candidates.csv", &[], column));
    }
    for column in ["attended", "repeat", "local"] {
        let ones = |files: &Files| -> Vec<String> {
            let cells = cells(files, "candidates.csv", &[], column);
            // Nothing is told of 260113, who stands on no register.
            cells.into_iter().enumerate().filter(|cell| cell.0 != 12).map(|cell| cell.1).collect()
        };
        assert_eq!(ones(&fed), ones(&worked), "{column}");
    }
    assert_eq!(rows(&result["results.csv"]), rows(&worked["expected_results.csv"]));
    assert_eq!(fed["register.csv"], sheet("register.csv").into_bytes());
    let trace = |exam_no: &str, column: &str| {
        let key = [exam_no, column];
        let told = ["value", "register_rows", "reason"];
        told.map(|told| cell(&fed, "register_trace.csv", &key, told)).join(" ")
    };
    for (exam_no, column, expected) in [
        ("260101", "junior_code", "J01 2 whole"),
        ("260103", "repeat", "1 4 graduated_before"),
        ("260106", "register_from", "2025-10-08 7;8 transferred_in"),
        ("260107", "local", "0 10 household_elsewhere"),
        ("260112", "attended", "0 16 suspended"),
        ("260113", "junior_code", "  no_register"),
    ] {
        assert_eq!(trace(exam_no, column), expected, "{exam_no} {column}");
    }
    let graduates: Vec<String> = cells(&fed, "junior_schools.csv", &[], "graduates");
    // 260103 and 260115 graduated before, 260112 is suspended, 260113 has no junior high.
    assert_eq!(graduates, ["6", "5", "4", "4"]);
    assert_eq!(cell(&fed, "graduates_trace.csv", &["J01"], "register_rows"), "2;3;5;6;8;10");
}

/// One more row, one reason more: what the register tells is what the season decides.
#[test]
fn a_transfer_a_late_entry_and_a_suspension_change_eligibility_with_their_reason() {
    let eligible = |result: &Files| {
        ["eligible", "refusals"].map(|column| cell(result, "proof/eligibility.csv", &["260101"], column))
    };
    let own = "G149901201009100039,p0101,J01,enrolled,2023-09-01,,149901\n";
    let row = |school: &str, status: &str, from: &str, until: &str| {
        format!("G149901201009100039,p0101,{school},{status},{from},{until},149901\n")
    };
    let left = row("J02", "transferred", "2023-09-01", "2024-11-04");
    let away = row("J01", "enrolled", "2023-09-01", "2024-11-04");
    for (changed, refusals, column, reason) in [
        (own.to_owned(), "", "register_from", "whole"),
        (
            left + &row("J01", "enrolled", "2024-11-04", ""),
            "register_short",
            "register_from",
            "transferred_in",
        ),
        (row("J01", "enrolled", "2023-10-09", ""), "register_short", "register_from", "late_entry"),
        (
            away.clone()
                + &row("J01", "suspended", "2024-11-04", "2025-02-17")
                + &row("J01", "enrolled", "2025-02-17", ""),
            "not_attending",
            "attended",
            "suspended",
        ),
        (
            row("J01", "transferred", "2023-09-01", "2025-11-04"),
            "no_junior;register_short;not_attending",
            "junior_code",
            "moved_away",
        ),
    ] {
        let register = sheet("register.csv").replace(own, "") + &changed;
        let (fed, result) = fed_and_admitted(&bare(), &register);
        let may = if refusals.is_empty() { "1" } else { "0" };
        assert_eq!(eligible(&result), [may, refusals], "{changed}");
        assert_eq!(cell(&fed, "register_trace.csv", &["260101", column], "reason"), reason, "{changed}");
    }
    // Suspended in her first year and back a class lower: of the class of 2026, whole years after her return.
    let returned = row("J01", "enrolled", "2022-09-01", "2022-10-08")
        + &row("J01", "suspended", "2022-10-08", "2023-09-01")
        + "G149901201009100039,p0101,J01,enrolled,2023-09-01,,149901\n";
    let register = sheet("register.csv").replace(own, "") + &returned;
    let refused = feed(&bare(), &register).unwrap_err();
    let rule =
        "register_numbers.csv row 2 column register_no: is of the class of 2025 by the register, not of 2026";
    assert_eq!(refused, [rule]);
    let mut lines = register.lines();
    let header = lines.next().unwrap().to_owned() + ",class_of\n";
    let body: String =
        lines.map(|line| format!("{line},{}\n", if line.contains("p0101") { "2026" } else { "" })).collect();
    let (fed, result) = fed_and_admitted(&bare(), &(header + &body));
    assert_eq!(eligible(&result), ["1", ""]);
    let attended =
        ["value", "reason"].map(|column| cell(&fed, "register_trace.csv", &["260101", "attended"], column));
    assert_eq!(attended, ["1", "returned"]);
}

#[test]
fn contradictions_are_told_each_and_nothing_is_written() {
    let season = bare()
        .but(
            "candidates.csv",
            "260102,林子涵,女,14990120101011004X,,A01,,,",
            "260102,林子涵,女,14990120101011004X,J02,A01,,0,",
        )
        .but(
            "candidates.csv",
            "260113,罗诗,男,149901201009220276,,",
            "260113,罗诗,男,149901201009220276,J01,",
        )
        .but("junior_schools.csv", "ownership,nine_year", "ownership,nine_year,graduates")
        .but("junior_schools.csv", "A01,public,0\n", "A01,public,0,9\n")
        .but("junior_schools.csv", "A01,public,0\n", "A01,public,0,\n")
        .but("junior_schools.csv", "A02,public,0\n", "A02,public,0,4\n")
        .but("junior_schools.csv", "A03,public,1\n", "A03,public,1,\n")
        .but("register_numbers.csv", "260104,G149901201012130087", "260199,G149901201012130087")
        .but("register_numbers.csv", "260105,G149901201009140110", "260105,G11010519491231002X")
        .but("register_numbers.csv", "260108,G149901201012170169", "260108,G149901201009180198");
    let register = sheet("register.csv")
        .replace("p0334,J04", "p0334,J44")
        .replace("p0333,J04,enrolled,2023-09-01", "p0333,J04,enrolled,2022-09-01")
        + "G149901201011200231,p0111,J01,enrolled,2024-09-01,,\n";
    let mut told = feed(&season, &register).unwrap_err();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "candidates.csv column exam_no: \"260113\" names a junior high, but has no register number in register_numbers.csv",
            "candidates.csv row 3 column attended: \"0\" the register tells \"1\": whole (rows 3)",
            "candidates.csv row 3 column junior_code: \"J02\" the register tells \"J01\": whole (rows 3)",
            "junior_schools.csv row 2 column graduates: \"9\" the register tells \"7\": rows 2;3;5;6;8;10;27",
            "register_numbers.csv row 10 column register_no: is the register number of 260108 too: one person, one register",
            "register_numbers.csv row 22 column register_no: is of the class of 2025 by the register, not of 2026",
            "register_numbers.csv row 23 column register_no: stands at J44, which is no junior high of the season (rows 26)",
            "register_numbers.csv row 5 column exam_no: \"260199\" is no candidate",
            "register_numbers.csv row 6 column register_no: stands in no row of the register",
            "the register.csv row 14: breaks the rule enrolled_twice of the register (rows 14;27)",
            "the register.csv row 14: breaks the rule two_schools of the register (rows 14;27)",
        ]
    );
    let faulty = sheet("register.csv").replace(
        "G149901201009100039,p0101,J01,enrolled,2023-09-01",
        "G149901201009100038,p0101,J01,left,2023-9-1",
    );
    let told = feed(&bare().without("register_numbers.csv"), &faulty).unwrap_err();
    assert_eq!(
        told,
        [
            "the register.csv row 2 column register_no: has a wrong check digit (GB 11643)",
            "the register.csv row 2 column status: \"left\" must be one of enrolled, suspended, deferred, dropped, \
             transferred, graduated",
            "the register.csv row 2 column from: \"2023-9-1\" must be a date written YYYY-MM-DD",
            "register_numbers.csv: is missing",
        ]
    );
}

#[test]
fn the_command_feeds_in_chinese_and_replaces_only_what_it_wrote() {
    let season = bare().write();
    let register = season.path().join("学籍.csv");
    let chinese = sheet("register.csv")
        .replace(
            "register_no,person,school_code,status,from,until,household",
            "学籍号,人员代码,学校代码,学籍状态,入学日期,离校日期,户籍行政区划",
        )
        .replace("enrolled", "在读")
        .replace("suspended", "休学")
        .replace("graduated", "毕业")
        .replace("transferred", "转出");
    fs::write(&register, chinese).unwrap();
    let out = season.path().join("fed");
    let run = || {
        told(
            program()
                .args(["register", "feed"])
                .arg(&register)
                .arg("--season")
                .arg(season.path())
                .arg("--out")
                .arg(&out),
        )
    };
    let (code, told, err) = run();
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(told.starts_with("22 of 23 candidates from 25 rows of the register\n"), "{told}");
    assert!(
        told.contains("  transferred_in          2\n  whole                  20\n19 graduates\n"),
        "{told}"
    );
    assert_eq!(run().0, 0, "a fed season is replaced");
    fs::remove_file(out.join("register_trace.csv")).unwrap();
    let (code, _, err) = run();
    assert_eq!(code, 3);
    assert!(err.contains("holds no fed season to replace"), "{err}");
    assert!(!season.path().join("fed.part").exists());
}
