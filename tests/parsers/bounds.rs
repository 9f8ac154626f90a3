//! Bounds that the mutants found missing: each was a panic, a number kept wrongly, or no end.

use std::fs;

use zhaosheng::domain::policy::Policy;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::domain::quota::{Method, QuotaBreach, QuotaRule};
use zhaosheng::engine::quota_plan::{Lots, plan};
use zhaosheng::engine::season_run::run_season;
use zhaosheng::files::compulsory::register_extract::read_extract;
use zhaosheng::files::market_file::parse;
use zhaosheng::files::season_folder::read_season;
use zhaosheng::files::sheet::read_sheet;
use zhaosheng::service::admit_folder::NoResult;
use zhaosheng::service::compulsory::draw_kit::{draw_lists, write_lists};

use crate::seasons::{copied, style};

/// The faults of the worked policy with one piece of it written otherwise.
fn faults(from: &str, to: &str) -> String {
    let text = fs::read_to_string(style("band").join("season.toml")).unwrap();
    assert!(text.contains(from), "{from}");
    let faults = Policy::parse("season.toml", &text.replacen(from, to, 1)).err().unwrap_or_default();
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

/// i32::MIN has no absolute value in an i32.
#[test]
fn an_exponent_of_any_size_is_a_fault() {
    for exponent in ["e-2147483648", "e2147483647", "E+99999999999999999999", "e-31"] {
        let text = format!(
            r#"{{"format":"market/1","students":[{{"id":"a","score":1{exponent},"prefs":["H"]}}],
               "schools":[{{"id":"H","capacity":1}}]}}"#
        );
        let faults = parse(&text).unwrap_err();
        assert!(faults[0].to_string().contains("students[0].score"), "{faults:?}");
    }
}

/// A mark above 2,147,483 points was kept as 2,147,483.647; products and sums overflowed.
#[test]
fn points_of_a_policy_are_bounded() {
    let table = [
        ("full = 120", "full = 2147484", "subject[0].full: must be between 0 and 100000 points"),
        ("full = 120", "full = -1", "subject[0].full: must be between 0 and 100000 points"),
        ("full = 120", "full = 120\nweight = 1000000000", "subject[0].weight: must be at most 1000"),
        (
            "full = 120",
            "full = 120\nweight = 1000",
            "subject[0].weight: the subject can give more than 100000",
        ),
        ("exempt = 30", "exempt = 1000000000", "exempt: must be between 0 and 100000 points"),
        ("full = 120", "full = 99900", "subject: the total can be above 100000 points"),
        (
            "full = 120",
            "full = 120\ngrades = { A = 9.0001 }",
            "grades: must be between 0 and 100000 points, with",
        ),
        (
            "full = 120",
            "full = 120\ngrades = { A = -9 }",
            "grades: must be between 0 and 100000 points, with",
        ),
        ("bonus_cap = 10", "bonus_cap = -10", "score.bonus_cap: must not be negative"),
    ];
    for (from, to, words) in table {
        let found = faults(from, to);
        assert!(found.contains(words), "{to}: {found}");
    }
    assert_eq!(faults("full = 120", "full = 120\nweight = 500"), "");
}

/// Batches, grades and their places are kept in one byte: number 256 became number 0.
#[test]
fn what_is_kept_in_a_byte_is_bounded() {
    let grades: Vec<String> = (0..201).map(|grade| format!("g{grade} = 1")).collect();
    let found = faults("full = 120", &format!("full = 120\ngrades = {{ {} }}", grades.join(", ")));
    assert!(found.contains("grades: must be at most 200"), "{found}");
    let grades: Vec<String> = (0..201).map(|grade| format!("\"g{grade}\"")).collect();
    let found = faults(r#"["A", "B", "C", "D"]"#, &format!("[{}]", grades.join(", ")));
    assert!(found.contains("quality_grades: must be at most 200"), "{found}");
    let batch = |code: usize| format!("[[batch]]\ncode = \"x{code}\"\ncontrol_line = 0\nmax_choices = 1\n");
    let batches: String = (0..200).map(batch).collect();
    let found = faults("[dates]", &format!("{batches}[dates]"));
    assert!(found.contains("batch: must be at most 200"), "{found}");
}

/// Two parts of one name read the same column, so its mark counted twice.
#[test]
fn a_column_of_marks_stands_once() {
    let part = "[[subject.part]]\ncode = \"a\"\nfull = 60\n";
    let found = faults("full = 120", &format!("full = 120\n{part}{part}"));
    assert!(found.contains("subject: the score sheet would have two columns \"chinese.a\""), "{found}");
    let found = faults("code = \"chinese\"", "code = \"exam_no\"");
    assert!(found.contains("subject: the score sheet would have two columns \"exam_no\""), "{found}");
}

/// A bonus of a thousand million points gave as many rows of score segments.
#[test]
fn a_bonus_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    copied(&style("shanxi"), folder.path());
    let areas = fs::read_to_string(folder.path().join("areas.csv")).unwrap();
    let area = areas.lines().nth(1).unwrap().split(',').next().unwrap();
    fs::remove_file(folder.path().join("scores.csv")).unwrap();
    fs::remove_file(folder.path().join("preferences.csv")).unwrap();
    for (bonus, good) in [("100000", true), ("100000.001", false), ("5;1000000000", false), ("-1", false)] {
        let sheet = format!("exam_no,junior_code,area_code,bonus\n1,,{area},{bonus}\n");
        fs::write(folder.path().join("candidates.csv"), sheet).unwrap();
        assert_eq!(read_season(folder.path()).is_ok(), good, "{bonus}");
    }
}

/// Three shares of 2/3, each rounded half up, are three seats of a plan of two: the open batch that
/// keeps them free then had less than no seats.
#[test]
fn rounded_quota_never_exceeds_the_plan() {
    let juniors: Vec<_> = ["M1", "M2", "M3"].map(junior).into();
    let mut programme = zhaosheng::domain::quota::ProgrammeLine {
        code: "P".to_owned(),
        seats: 2,
        base: 2,
        share: "1".parse().unwrap(),
        high_quality: true,
        scope: vec![0],
        overrides: Vec::new(),
    };
    let rule = QuotaRule { method: Method::HalfUp, ..QuotaRule::default() };
    let breaches = plan(&juniors, std::slice::from_ref(&programme), &rule, Lots::InOrder).unwrap_err();
    let wanted = QuotaBreach::AbovePlan { programme: "P".to_owned(), placed: 3, seats: 2 };
    assert_eq!(breaches, [wanted]);
    (programme.seats, programme.base, programme.share) = (3, 2, "1".parse().unwrap());
    assert!(plan(&juniors, &[programme], &rule, Lots::InOrder).is_ok());
}

fn junior(code: &str) -> zhaosheng::domain::quota::JuniorLine {
    zhaosheng::domain::quota::JuniorLine {
        code: code.to_owned(),
        area: 0,
        eligible: 1,
        graduates: 1,
        intake: 1,
        factor: "1".parse().unwrap(),
        direct: false,
    }
}

/// Weights below 2^53 each, too many of them for one sum.
#[test]
fn weights_together_are_bounded() {
    let mut heavy = junior("M");
    heavy.graduates = 1 << 53;
    let juniors = vec![heavy; 1025];
    let rule = QuotaRule {
        weight: zhaosheng::domain::quota::Weight::Graduates,
        pool_below: Some("1000".parse().unwrap()),
        ..QuotaRule::default()
    };
    let breaches = plan(&juniors, &[], &rule, Lots::InOrder).unwrap_err();
    assert!(breaches[0].to_string().contains("the weights together"), "{breaches:?}");
}

#[test]
fn a_profile_gives_no_name_with_a_control_character() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("profile.toml"), "[candidates]\nKSH = \"exam\\u0000no\"\n").unwrap();
    fs::write(folder.path().join("candidates.csv"), "KSH\n1\n").unwrap();
    let fault = read_sheet(folder.path(), "candidates").unwrap_err();
    assert!(fault.to_string().contains("control characters"), "{fault}");
}

/// The name of a list is that of a file: `../other` was read, and its order written, beside the stick.
#[test]
fn a_stick_names_no_file_beside_itself() {
    let place = tempfile::tempdir().unwrap();
    let stick = place.path().join("stick");
    let entry = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/entries/yicheng");
    write_lists(&entry, &stick, &Quiet).unwrap();
    let lists = fs::read_to_string(stick.join("lists.csv")).unwrap();
    let name = lists.lines().nth(2).unwrap().split(',').next().unwrap();
    fs::rename(stick.join(format!("{name}.csv")), place.path().join("other.csv")).unwrap();
    fs::write(stick.join("lists.csv"), lists.replacen(name, "../other", 1)).unwrap();
    let refused = draw_lists(&stick, &["03 11 24".to_owned()], false);
    let Err(NoResult::Faults(faults)) = refused else { panic!("{refused:?}") };
    assert!(faults[0].to_string().contains("lists.csv row 3: must not hold blanks, slashes"), "{faults:?}");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2, "the stick and the other file alone");
}

/// A sheet without a header: its first person was told as unknown columns.
#[test]
fn the_first_person_of_a_sheet_without_header_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    for rows in ["42068420150304001X,王,household,南街\n", "id_no,name,fact,42068420150304001X\n"] {
        fs::write(folder.path().join("police.csv"), rows).unwrap();
        let Err(faults) = read_extract(folder.path(), "police") else { panic!("{rows} was read") };
        let told: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
        assert!(told.contains("row 1 column 4: is no column of this sheet"), "{told}");
        assert!(!told.contains("王") && !told.contains("4206842015"), "{told}");
    }
}

#[test]
fn the_worked_seasons_stand() {
    for name in ["shanxi", "band", "quota_then_unified"] {
        assert!(run_season(&read_season(&style(name)).unwrap(), &Quiet).is_ok(), "{name}");
    }
}
