//! Faulty season folders: every fault of every sheet in one run, nothing written.

use std::fs;

use serde_json::Value;

use crate::drafts::{Draft, HEAD, OPEN, PLAIN, case, files, program, told};

/// Runs the program on a draft: exit code, the lines of standard error; nothing may be written.
fn refused(draft: &Draft, json: bool) -> (i32, Vec<String>) {
    let folder = draft.write();
    let out = folder.path().join("result");
    let mut command = program();
    if json {
        command.arg("--json");
    }
    let (code, said, err) = told(command.arg("admit").arg(folder.path()).arg("--out").arg(&out));
    assert_eq!(said, "");
    assert!(!out.exists(), "nothing is written");
    let others = fs::read_dir(folder.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(others.count(), 0, "no half written folder stays");
    (code, err.lines().map(str::to_owned).collect())
}

/// Faults in all sheets at once: what is planted, and the line that tells it.
const PLANTED: [(&str, &str, &str, &str); 45] = [
    (
        "areas.csv",
        "A03,河溪县,149903",
        "A01,河溪县,149903",
        "areas.csv row 4 column area_code: \"A01\" stands twice",
    ),
    (
        "junior_schools.csv",
        "J03,松原初级中学,A02,public,0",
        "J03,松原初级中学,A09,public,2",
        "junior_schools.csv row 4 column area_code: \"A09\" is no area",
    ),
    ("junior_schools.csv", "", "", "junior_schools.csv row 4 column nine_year: \"2\" must be 0 or 1"),
    (
        "junior_schools.csv",
        "J02,云岭第二初级中学,A01,public",
        "J02,云岭第二初级中学,A01,集体",
        "junior_schools.csv row 3 column ownership: \"集体\" must be public or private",
    ),
    (
        "senior_schools.csv",
        "area_code,ownership",
        "area_code,owner",
        "senior_schools.csv row 1 column 4: \"owner\" is no column of this sheet",
    ),
    (
        "programmes.csv",
        "P01,S01,云岭高级中学,1,5,,,,",
        "P01,S01,云岭高级中学,1,five,,,6o0,",
        "programmes.csv row 2 column seats: \"five\" must be a whole number up to 1000000",
    ),
    ("programmes.csv", "", "", "programmes.csv row 2 column gate_open: \"6o0\""),
    (
        "programmes.csv",
        "P02,S02,松原高级中学,1,2,,A02,,",
        "P02,S99,松原高级中学,1;9,2,,A02;A77,,",
        "programmes.csv row 3 column school_code: \"S99\" is no senior high",
    ),
    ("programmes.csv", "", "", "programmes.csv row 3 column batch: \"1;9\" \"9\" is no batch of season.toml"),
    ("programmes.csv", "", "", "programmes.csv row 3 column scope: \"A02;A77\" \"A77\" is no area"),
    (
        "programmes.csv",
        "P04,S04,河溪外国语高级中学,2,3,,A03,,",
        "P04,S04,河溪外国语高级中学,2,3,,A03,,,extra",
        "programmes.csv row 5: has 10 cells, the header 9",
    ),
    (
        "quota.csv",
        "P02,J01,1,市属计划跨县投放一名（市教育局批准）",
        "P02,J01,1,",
        "quota.csv row 2 column reason: an override needs its authority and reason",
    ),
    (
        "quota.csv",
        "P02,J03,1,",
        "P09,J03,1,",
        "quota.csv row 3 column programme_code: \"P09\" is no programme",
    ),
    (
        "candidates.csv",
        "260104,周雨桐",
        "260103,周雨桐",
        "candidates.csv row 5 column exam_no: \"260103\" stands twice",
    ),
    (
        "candidates.csv",
        "J01,A01,2022-09-01",
        "J77,A01,2022-09-31",
        "candidates.csv row 4 column junior_code: \"J77\" is no junior high",
    ),
    (
        "candidates.csv",
        "",
        "",
        "candidates.csv row 4 column register_from: \"2022-09-31\" must be a date written YYYY-MM-DD",
    ),
    (
        "candidates.csv",
        "徐欣,男,149901201009140110",
        "徐欣,男,149901201009140111",
        "candidates.csv row 6 column id_no: has a wrong check digit (GB 11643)",
    ),
    ("candidates.csv", "孙佳,女", "孙佳,男", "candidates.csv row 7 column id_no: does not fit the sex"),
    ("candidates.csv", "朱思琪,女", "朱思琪,x", "candidates.csv row 9 column sex: \"x\" must be 男 or 女"),
    (
        "candidates.csv",
        "20,烈士子女,B",
        "-20,烈士子女,E",
        "candidates.csv row 9 column bonus: \"-20\" must be points of a bonus",
    ),
    (
        "candidates.csv",
        "",
        "",
        "candidates.csv row 9 column quality_grade: \"E\" is no quality grade: A, B, C, D",
    ),
    (
        "candidates.csv",
        "chosen_school;priority",
        "chosen school",
        "candidates.csv row 11 column flags: \"chosen school\" a flag must not hold blanks",
    ),
    (
        "scores.csv",
        "260101,135,140",
        "260101,150.5,151",
        "scores.csv row 2 column chinese: \"150.5\" must be between 0 and 150",
    ),
    ("scores.csv", "", "", "scores.csv row 2 column math: \"151\" must be between 0 and 150"),
    ("scores.csv", "260102,130,130", "260102,130.25,", "scores.csv row 3 column chinese: \"130.25\""),
    ("scores.csv", "", "", "scores.csv row 3 column math: must be a mark, absent, void or exempt"),
    (
        "scores.csv",
        "260105,118",
        "260105,exempt",
        "scores.csv row 6 column chinese: \"exempt\" nobody is exempt from this subject",
    ),
    (
        "scores.csv",
        "260106,110,110,90,20,80,20,80,50,A,A,pass",
        "260106,-1,缺考?,90,20,80,20,80,50,E,,pass",
        "scores.csv row 7 column chinese: \"-1\" must be between 0 and 150",
    ),
    ("scores.csv", "", "", "scores.csv row 7 column math: \"缺考?\""),
    ("scores.csv", "", "", "scores.csv row 7 column ethics: \"E\" is no grade of ethics"),
    ("scores.csv", "", "", "scores.csv row 7 column history: must be a mark, absent, void or exempt"),
    (
        "scores.csv",
        "260109,114.5",
        "269999,114.5",
        "scores.csv row 10 column exam_no: \"269999\" is no candidate",
    ),
    (
        "preferences.csv",
        "260103,2,1,P03",
        "260103,2,0,P03",
        "preferences.csv row 5 column position: \"0\" must be a position from 1 to 6",
    ),
    (
        "preferences.csv",
        "260105,1,2,P02",
        "260105,1,1,P02",
        "preferences.csv row 8 column position: \"1\" 260105: the position stands twice in this batch",
    ),
    (
        "preferences.csv",
        "260106,2,1,P03",
        "260106,9,1,P03",
        "preferences.csv row 10 column batch: \"9\" is no batch",
    ),
    (
        "preferences.csv",
        "260107,2,1,P03",
        "260107,2,7,P03",
        "preferences.csv row 12 column position: \"7\" must be a whole number up to 6",
    ),
    (
        "preferences.csv",
        "260109,2,1,P03",
        "260109,1,2,P01",
        "preferences.csv row 15 column programme_code: 260109: the programme stands twice in this batch",
    ),
    (
        "preferences.csv",
        "260220,2,1,P03",
        "260220,2,1,P01",
        "preferences.csv row 26 column programme_code: \"P01\" is not offered in batch 2",
    ),
    (
        "history.csv",
        "2025,P01,open,,2,2,900,5000",
        "2026,P01,open,J01,2,2,6000,5001",
        "history.csv row 2 column year: \"2026\" must be a year before 2026",
    ),
    ("history.csv", "", "", "history.csv row 2 column junior_code: \"J01\" stands with quota seats only"),
    (
        "history.csv",
        "",
        "",
        "history.csv row 2 column last_rank: \"6000\" must not be above the number of ranked",
    ),
    (
        "history.csv",
        "2025,P01,quota,J01,3,3,1800,5000\n",
        "2025,P01,quota,,3,3,2,5000\n2025,P01,seat,,x,3,1800,5002\n",
        "history.csv row 3 column junior_code: must not be empty",
    ),
    ("history.csv", "", "", "history.csv row 3 column last_rank: \"2\" must be 0 where nobody was admitted"),
    ("history.csv", "", "", "history.csv row 4 column seat: \"seat\" must be open, quota or pool"),
    (
        "history.csv",
        "",
        "",
        "history.csv row 4 column ranked: \"5002\" another row of the year tells another",
    ),
];

fn faulty() -> Draft {
    let mut draft = Draft::of(&case("shanxi"));
    for (sheet, from, to, _) in PLANTED {
        if !from.is_empty() {
            draft = draft.but(sheet, from, to);
        }
    }
    draft
}

#[test]
fn every_fault_of_every_sheet_is_told_in_one_run() {
    let (code, lines) = refused(&faulty(), false);
    assert_eq!(code, 2);
    for (_, _, _, line) in PLANTED {
        assert!(
            lines.iter().any(|found| found.starts_with(line)),
            "{line}\nis missing in\n{}",
            lines.join("\n")
        );
    }
    for number in ["149901201009140111", "149901201010150121"] {
        assert!(!lines.iter().any(|line| line.contains(number)), "numbers of identity stay out of faults");
    }
}

#[test]
fn json_tells_one_object_for_each_fault() {
    let (code, lines) = refused(&faulty(), true);
    assert_eq!(code, 2);
    let (_, texts) = refused(&faulty(), false);
    assert_eq!(lines.len(), texts.len());
    let faults: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    for fault in &faults {
        assert_eq!(fault["kind"], "fault");
        assert!(!fault["rule"].as_str().unwrap().is_empty());
    }
    let seats = faults.iter().find(|fault| fault["column"] == "seats").unwrap();
    let expected = ["programmes.csv", "five", "must be a whole number up to 1000000"];
    assert_eq!(["place", "value", "rule"].map(|key| seats[key].as_str().unwrap()), expected);
    assert_eq!(seats["row"], 2);
    let id = faults.iter().find(|fault| fault["column"] == "id_no").unwrap();
    assert_eq!(id["value"], "");
}

#[test]
fn missing_columns_and_sheets_are_told_together() {
    let draft = Draft::of(&case("band"))
        .but("scores.csv", "english,", "englisch,")
        .but("candidates.csv", "exam_no,name", "exam_no,exam_no")
        .but("preferences.csv", "position,", "")
        .without("senior_schools.csv");
    let (code, lines) = refused(&draft, false);
    assert_eq!(code, 2);
    for line in [
        "senior_schools.csv: is missing",
        "candidates.csv row 1 column exam_no: \"exam_no\" is the name of two columns",
        "scores.csv row 1 column english: is missing",
        "scores.csv row 1 column 4: \"englisch\" is no column of this sheet",
        "preferences.csv row 1 column position: is missing",
    ] {
        assert!(
            lines.iter().any(|found| found.starts_with(line)),
            "{line}\nis missing in\n{}",
            lines.join("\n")
        );
    }
}

#[test]
fn a_folder_without_policy_or_with_a_broken_one_is_bad_input() {
    let draft = Draft::of(&case("band"));
    assert_eq!(refused(&draft.clone().without("season.toml"), false).0, 2);
    for (from, to) in [
        ("control_line = 400\n", ""),
        ("control_line = 400\n", "control_line = 400\ncontrolline = 400\n"),
        ("year = 2026", "year = twenty"),
        ("kind = \"band\"", "kind = \"bend\""),
    ] {
        let (code, lines) = refused(&draft.clone().but("season.toml", from, to), false);
        assert_eq!(code, 2);
        assert!(lines[0].starts_with("season.toml: "), "{lines:?}");
    }
}

#[test]
fn every_fault_of_a_policy_is_told_in_one_run() {
    let draft = Draft::of(&case("shanxi"))
        .but("season.toml", "format = \"season/1\"", "format = \"season/2\"")
        .but("season.toml", "decimals = 0   ", "decimals = 3   ")
        .but("season.toml", "code = \"math\"", "code = \"chinese\"")
        .but("season.toml", "subjects = [\"chinese\", \"math\", \"english\"]", "subjects = [\"maths\"]")
        .but("season.toml", "quality_at_least = \"C\"", "quality_at_least = \"E\"")
        .but("season.toml", "max_choices = 8", "max_choices = 0")
        .but("season.toml", "code = \"2\"", "code = \"2\\nchoice 1 P01\"")
        .but("season.toml", "code = \"computing\"", "code = \"computing\\u0007\"")
        .but("season.toml", "subject = \"computing\"", "subject = \"computers\"")
        .but("season.toml", "supplementary_of = [\"1\", \"2\"]", "supplementary_of = [\"1\", \"4\"]")
        .but("season.toml", "admission_ends = \"2026-08-10\"", "admission_ends = \"2026-08-21\"");
    let (code, lines) = refused(&draft, false);
    assert_eq!(code, 2);
    for key in [
        "format:",
        "score.decimals:",
        "subject[1].code:",
        "tie[1]:",
        "quota.eligibility.quality_at_least:",
        "batch[0].max_choices:",
        "batch[0].subject_gate:",
        "batch[1].code: must not hold line breaks",
        "subject[8].code: must not hold line breaks",
        "batch[2].supplementary_of:",
        "dates.admission_ends:",
    ] {
        assert!(
            lines.iter().any(|line| line.starts_with(&format!("season.toml {key}"))),
            "{key} in {lines:?}"
        );
    }
}

#[test]
fn a_share_below_the_floor_is_refused_by_the_rule_with_both_numbers() {
    let draft = Draft::of(&case("shanxi"));
    let (code, lines) =
        refused(&draft.clone().but("season.toml", "share = \"0.6\"", "share = \"0.5\""), false);
    assert_eq!(code, 1);
    assert!(
        lines.iter().any(|line| line.contains("P01") && line.contains("0.5") && line.contains("0.6")),
        "{lines:?}"
    );
    let single = draft.but("programmes.csv", "云岭高级中学,1,5,,", "云岭高级中学,1,5,0.4,");
    let (code, lines) = refused(&single, true);
    assert_eq!((code, lines.len()), (1, 1), "{lines:?}");
    let told: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(told["kind"], "refused");
    let text = told["text"].as_str().unwrap();
    assert!(text.contains("P01") && text.contains("0.4") && text.contains("0.6"), "{text}");
}

#[test]
fn a_folder_with_other_files_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let admit = |out: &std::path::Path| told(program().arg("admit").arg(case("band")).arg("--out").arg(out));
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("thesis.txt"), "mine").unwrap();
    let (code, said, err) = admit(&out);
    assert_eq!((code, said.as_str()), (3, ""));
    assert!(err.contains("is not empty and holds no result to replace"), "{err}");
    assert_eq!(files(&out).into_keys().collect::<Vec<_>>(), ["thesis.txt"]);
    // An empty folder is filled, an older result is replaced.
    let out = folder.path().join("empty");
    fs::create_dir(&out).unwrap();
    assert_eq!(admit(&out).0, 0);
    let first = files(&out);
    fs::write(out.join("results.csv"), "older").unwrap();
    assert_eq!(admit(&out).0, 0);
    assert_eq!(files(&out), first);
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let (code, _, err) = told(program().args(["admit", "/no/such/folder", "--out", "/no/such/out"]));
    assert_ne!(code, 0);
    assert!(!err.is_empty());
}

#[test]
fn a_season_without_anybody_has_an_empty_result() {
    let result = Draft::new(&format!("{HEAD}{PLAIN}{OPEN}")).admit();
    assert_eq!(result["results.csv"], b"exam_no,batch,programme_code,seat,position,total\n");
}
