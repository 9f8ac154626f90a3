//! After admission, worked by hand: arrival and register, the drop-out ledger, the ten prohibitions.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use zhaosheng::domain::compulsory::arrival::ChildIdentity;
use zhaosheng::domain::compulsory::entry::Entry;
use zhaosheng::domain::compulsory::prohibition::Seen;
use zhaosheng::domain::compulsory::way::Way;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::engine::compulsory::placed_entry::EntryRun;
use zhaosheng::engine::compulsory::prohibitions::{Looked, OtherCheck, prohibitions};
use zhaosheng::service::admit_folder::NoResult;
use zhaosheng::service::compulsory::check_prohibitions::check_prohibitions;
use zhaosheng::service::compulsory::check_registers::check_registers;
use zhaosheng::service::compulsory::keep_dropout_ledger::keep_dropout_ledger;
use zhaosheng::service::compulsory::open_register::{OpeningRequest, open_entry_register};
use zhaosheng::service::compulsory::place_entry::{place_entry, write_entry};

use crate::folders::Draft;

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/after").join(name)
}

fn worked(path: &str) -> String {
    fs::read_to_string(case(path)).unwrap()
}

/// What stops something, a line each.
fn told<T>(result: Result<T, NoResult>) -> Vec<String> {
    match result {
        Ok(_) => Vec::new(),
        Err(NoResult::Faults(faults)) => faults.iter().map(ToString::to_string).collect(),
        Err(NoResult::Breaches(breaches)) => breaches,
        Err(NoResult::Broken(error)) => panic!("{error}"),
    }
}

/// Yicheng with numbers of identity, admitted; a place for sheets beside it.
struct Office {
    place: TempDir,
}

impl Office {
    fn new() -> Office {
        let office = Office { place: tempfile::tempdir().unwrap() };
        Draft::of("yicheng").with("children.csv", worked("register/children.csv")).write(&office.at("entry"));
        let (entry, run) = place_entry(&office.at("entry"), &Quiet).unwrap();
        write_entry(&entry, &run, &office.at("result"), &Quiet).unwrap();
        office
    }

    fn at(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Opens the register from a sheet of arrivals.
    fn open(&self, arrivals: &str, division: Option<&str>, earlier: &[PathBuf]) -> Result<PathBuf, NoResult> {
        fs::write(self.at("arrivals.csv"), arrivals).unwrap();
        let (entry, result, arrivals) = (self.at("entry"), self.at("result"), self.at("arrivals.csv"));
        let request =
            OpeningRequest { entry: &entry, result: &result, arrivals: &arrivals, division, earlier };
        let opened = open_entry_register(&request, &Quiet)?;
        opened.write(&self.at("register"))?;
        Ok(self.at("register"))
    }
}

const YICHENG: Option<&str> = Some("420684");

#[test]
fn the_register_of_yicheng_opens_as_worked_by_hand() {
    let office = Office::new();
    let out = office.open(&worked("register/arrivals.csv"), YICHENG, &[]).unwrap();
    for name in ["register.csv", "no_shows.csv", "document_faults.csv"] {
        let expected = worked(&format!("register/expected_{name}"));
        assert_eq!(fs::read_to_string(out.join(name)).unwrap(), expected, "{name}");
    }
    let report = check_registers(&[out.join("register.csv")]);
    assert_eq!((report.lines, report.persons), (11, 11));
    assert_eq!((report.faults, report.breaches), (vec![], vec![]));
    // The folder holds something now: nothing is replaced, least of all a result.
    let again = office.open(&worked("register/arrivals.csv"), YICHENG, &[]);
    assert!(matches!(&again, Err(NoResult::Broken(_))), "{again:?}");
    fs::remove_dir_all(&out).unwrap();
    fs::rename(office.at("result"), &out).unwrap();
    let over = keep_dropout_ledger(&case("dropouts"), &Quiet).unwrap().write(&out);
    assert!(over.is_err() && out.join("proof/manifest.json").is_file());
}

#[test]
fn every_fault_of_arrivals_is_told_at_once_and_numbers_of_children_never_are() {
    let office = Office::new();
    let mut arrivals = worked("register/arrivals.csv");
    for (old, new) in [
        ("J02,是,2021-08-29,齐全", "J02,maybe,2021-08-29,齐全"),
        ("C01,是,2021-08-28,齐全", "C01,是,28.8.2021,齐全"),
        ("C02,是,2021-08-28,有误,,,,户口簿页码不全", "C02,是,2021-08-28,有误,,,,"),
        ("C03,是,2021-08-29,齐全", "C03,是,2021-08-29,"),
        ("C04,否,,,,,", "C04,否,2021-08-28,,,,"),
        ("C05,否,,,延缓入学", "C05,否,,,休学"),
        ("C08,是,2021-08-28,齐全", "C09,是,2021-08-28,齐全"),
        ("C12,是,2021-08-28,齐全,,G420684201503042077", "C12,是,2021-08-28,齐全,,G420684201503042078"),
        ("G420684200901313333", "G420684201503042077"),
    ] {
        assert!(arrivals.contains(old), "{old}");
        arrivals = arrivals.replacen(old, new, 1);
    }
    let told = told(office.open(&arrivals, None, &[]));
    for expected in [
        "row 2 column arrived: \"maybe\" must be yes or no",
        "row 4 column arrived_on: \"28.8.2021\" must be a date",
        "row 5 column note: must say what is wrong",
        "row 6 column documents: must be ok, faulty or missing",
        "row 7 column arrived_on: \"2021-08-28\" must be empty: the child did not come",
        "row 8 column leave: \"休学\" deferred is leave of a child who did not come",
        "row 9 column child_no: \"C09\" is no child whom this result admitted",
        "row 12 column register_no: has a wrong check digit",
        "row 3 column register_no: holds another birthday",
        "row 10 column child_no: \"C10\" has no card's number: the division must be given",
        "arrivals.csv: \"C08\" was admitted and has no row",
    ] {
        assert!(told.iter().any(|line| line.contains(expected)), "{expected}\n{told:#?}");
    }
    assert_eq!(told.len(), 11, "{told:#?}");
    assert!(told.iter().all(|line| !line.contains("4206842")), "{told:#?}");
    assert!(!office.at("register").exists());
}

#[test]
fn a_result_of_another_entry_and_a_child_registered_elsewhere_are_refused() {
    let office = Office::new();
    let arrivals = worked("register/arrivals.csv");
    // The number of C01 stands on another school's register, under another person; J's first serial is taken.
    let earlier = office.at("earlier.csv");
    let line = "register_no,person,school_code,status,from\nG420684201503040012,other,QQ,enrolled,2021-03-01\n\
                J420684201503040012,third,QQ,enrolled,2021-03-01\n";
    fs::write(&earlier, line).unwrap();
    let found = told(office.open(&arrivals, YICHENG, std::slice::from_ref(&earlier)));
    assert_eq!(
        found,
        [
            "C01 breaks the rule two_persons of the register: a number belongs to one person",
            "C01 breaks the rule enrolled_twice of the register: a number is enrolled once at a time"
        ]
    );
    fs::write(&earlier, line.replace("G420684201503040012,other", "G420684201503042999,other")).unwrap();
    let unread = told(office.open(&arrivals, YICHENG, std::slice::from_ref(&earlier)));
    assert!(
        unread[0].contains("earlier.csv row 2 column register_no: has a wrong check digit"),
        "{unread:?}"
    );
    fs::write(&earlier, line.lines().filter(|line| !line.contains("other")).collect::<Vec<_>>().join("\n"))
        .unwrap();
    let out = office.open(&arrivals, YICHENG, &[earlier]).unwrap();
    let register = fs::read_to_string(out.join("register.csv")).unwrap();
    assert!(register.contains("J420684201503040020,C03"), "{register}");
    let placements = office.at("result/placements.csv");
    let text = fs::read_to_string(&placements).unwrap();
    fs::write(&placements, text.replacen("C01,primary,NJ", "C01,primary,SY", 1)).unwrap();
    let refused = told(office.open(&arrivals, YICHENG, &[]));
    assert!(refused[0].starts_with("placements.csv: row 2"), "{refused:?}");
}

#[test]
fn registers_of_several_schools_are_checked_together_and_every_breach_has_its_rows() {
    let place = tempfile::tempdir().unwrap();
    let (one, other) = (place.path().join("one.csv"), place.path().join("other.csv"));
    fs::write(&one, worked("register/expected_register.csv")).unwrap();
    fs::write(
        &other,
        "学籍号,人员编号,学校代码,学籍状态,起始日期,终止日期\n\
         G420684201503040012,C01,SY,在读,2021-09-01,\n\
         G420684201508310114,c08,NJ,在读,2022-09-01,\n\
         G420684201503041023,C11,BY,转学,2020-09-01,\n\
         LG20684201503041023,C13,BY,在读,2020-09-01,2020-08-31\n\
         G420684201503041024,C14,BY,在读,2020-09-01,\n\
         G420684201503042077,C12,HC,在校,2020-09-01,\n",
    )
    .unwrap();
    let report = check_registers(&[one.clone(), other.clone()]);
    let lines = |faults: &[zhaosheng::domain::fault::Fault]| -> Vec<String> {
        let folder = format!("{}/", place.path().display());
        faults.iter().map(|fault| fault.to_string().replace(&folder, "")).collect()
    };
    assert_eq!(
        lines(&report.faults),
        [
            "other.csv row 5 column register_no: must have digits behind its letter; only the last sign may be X",
            "other.csv row 6 column register_no: has a wrong check digit (GB 11643)",
            "other.csv row 7 column status: \"在校\" must be one of enrolled, suspended, deferred, dropped, \
             transferred, graduated",
        ]
    );
    assert_eq!(
        lines(&report.breaches),
        [
            "other.csv row 4: no_end: who was transferred or graduated needs the day of it",
            "one.csv row 10: two_persons: a number belongs to one person; with other.csv row 3",
            "one.csv row 7: enrolled_twice: a number is enrolled once at a time; with other.csv row 2",
            "one.csv row 10: enrolled_twice: a number is enrolled once at a time; with other.csv row 3",
            "one.csv row 7: two_schools: a person goes to one school at a time; with other.csv row 2",
            "other.csv row 4: overlap: spells at one school do not overlap; with one.csv row 3",
        ]
    );
    let run = |files: &[&PathBuf]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaosheng"));
        let told = command.args(["register", "check"]).args(files).output().unwrap();
        (
            told.status.code(),
            String::from_utf8(told.stdout).unwrap() + &String::from_utf8(told.stderr).unwrap(),
        )
    };
    assert_eq!(run(&[&one]), (Some(0), "11 lines of 11 persons, no breach\n".to_owned()));
    let (code, told) = run(&[&one, &other]);
    assert_eq!((code, told.lines().count()), (Some(2), 9), "{told}");
    fs::write(
        &other,
        "register_no,person,school_code,status,from\nG420684201503040012,z,NJ,enrolled,2023-09-01\n",
    )
    .unwrap();
    assert_eq!(run(&[&one, &other]).0, Some(1));
}

#[test]
fn the_drop_out_ledger_accounts_for_everybody_as_worked_by_hand() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("ledger");
    let kept = keep_dropout_ledger(&case("dropouts"), &Quiet).unwrap();
    kept.write(&out).unwrap();
    for name in ["ledger.csv", "unaccounted.csv", "letters.csv", "tallies.csv", "findings.csv"] {
        let expected = worked(&format!("dropouts/expected_{name}"));
        assert_eq!(fs::read_to_string(out.join(name)).unwrap(), expected, "{name}");
    }
    let total = kept.total();
    assert_eq!((total.graduates(), total.in_junior, total.settled, total.unreported), (8, 1, 2, 5));
}

#[test]
fn the_register_that_was_opened_accounts_for_graduates() {
    let office = Office::new();
    let out = office.open(&worked("register/arrivals.csv"), YICHENG, &[]).unwrap();
    let folder = office.at("tracking");
    let graduates =
        "person,primary_code,county,expected_at\nR-0007,HC,420684,CG\nJ02,HC,420684,SZ\nC01,HC,420684,\n";
    let tracking = Draft::new("").with("tracking.toml", worked("dropouts/tracking.toml"));
    tracking
        .with("graduates.csv", graduates)
        .with("register.csv", fs::read_to_string(out.join("register.csv")).unwrap())
        .write(&folder);
    let total = keep_dropout_ledger(&folder, &Quiet).unwrap().total();
    // C01 stands on the register of a primary school, which says nothing of a junior high.
    assert_eq!((total.in_junior, total.unreported), (2, 1));
}

#[test]
fn every_fault_of_a_tracking_is_told_at_once() {
    let place = tempfile::tempdir().unwrap();
    let draft = Draft::new("")
        .with("tracking.toml", worked("dropouts/tracking.toml"))
        .with("graduates.csv", "person,primary_code,county\n,P,420684\na,P Q,420684\n")
        .with("outcomes.csv", "person,on,outcome,note\na,2021-09-31,lost,\nb,,sought,x\n")
        .with("steps.csv", "person,step,on\na,shout,2021-09-01\n");
    draft.write(place.path());
    let found = told(keep_dropout_ledger(place.path(), &Quiet));
    assert_eq!(
        found,
        [
            "graduates.csv row 2 column person: must not be empty",
            "graduates.csv row 3 column primary_code: \"P Q\" must not hold blanks, slashes, ',', ';', ':', '=' or quotes",
            "outcomes.csv row 2 column outcome: \"lost\" must be one of deferred, suspended, moved_away, deceased, \
             special_schooling, home_schooling_refused, sought",
            "outcomes.csv row 2 column on: \"2021-09-31\" must be a date written YYYY-MM-DD",
            "outcomes.csv row 3 column on: must not be empty",
            "steps.csv row 2 column step: \"shout\" must be report, investigate or write",
            "register.csv: is missing",
        ]
    );
    draft.with("tracking.toml", "reporting_ends = \"2021-09-05\"\nreport_days = -1").write(place.path());
    assert!(told(keep_dropout_ledger(place.path(), &Quiet))[0].starts_with("tracking.toml row 2"));
}

#[test]
fn the_ten_prohibitions_are_looked_at_and_what_no_data_shows_is_said() {
    let office = Office::new();
    let found = check_prohibitions(&office.at("entry"), &office.at("result"), &[], &[], &Quiet).unwrap();
    let rows: Vec<(u32, Option<usize>)> = found
        .iter()
        .map(|line| match &line.seen {
            Seen::Checked { rows, breaches } => {
                assert!(breaches.is_empty(), "{breaches:?}");
                (line.number, Some(*rows))
            }
            Seen::NotInTheData => (line.number, None),
        })
        .collect();
    let counted: Vec<u32> =
        rows.iter().filter(|row| row.1.is_some_and(|rows| rows > 0)).map(|row| row.0).collect();
    assert_eq!(counted, [1, 2, 4, 7, 9, 10]);
    assert_eq!(rows.iter().filter(|row| row.1.is_none()).map(|row| row.0).collect::<Vec<_>>(), [3, 5, 6, 8]);
    // Eleven places, two applications to the private school, six cards.
    assert_eq!([rows[3].1, rows[1].1, rows[9].1], [Some(11), Some(2), Some(6)]);
    let run = |result: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaosheng"));
        let told =
            command.arg("prohibitions").args([office.at("entry"), office.at(result)]).output().unwrap();
        (told.status.code(), String::from_utf8(told.stdout).unwrap())
    };
    let (code, told) = run("result");
    assert_eq!((code, told.lines().count()), (Some(0), 10), "{told}");
    assert!(told.contains(" 6 donation_fees: not in the data: no sheet holds money"), "{told}");
    assert_eq!(run("entry").0, Some(1));
}

/// What one prohibition finds when something was planted.
fn planted(number: usize, plant: impl FnOnce(&mut Entry, &mut EntryRun, &mut Planted)) -> Vec<String> {
    match seen(number, plant) {
        Seen::Checked { breaches, .. } => breaches,
        Seen::NotInTheData => panic!("{number} is not in the data"),
    }
}

fn seen(number: usize, plant: impl FnOnce(&mut Entry, &mut EntryRun, &mut Planted)) -> Seen {
    let (mut entry, mut run) = Draft::of("yicheng").place().unwrap();
    let mut beside = Planted::default();
    plant(&mut entry, &mut run, &mut beside);
    let looked = Looked {
        entry: &entry,
        run: &run,
        identities: &beside.identities,
        exports: &beside.exports,
        classes: beside.classes,
        registers: beside.registers,
    };
    let all = prohibitions(&looked);
    assert!(all.iter().zip(1..).all(|(line, number)| line.number == number));
    all.into_iter().nth(number - 1).unwrap().seen
}

#[derive(Default)]
struct Planted {
    identities: BTreeMap<String, ChildIdentity>,
    exports: Vec<(String, Vec<String>)>,
    classes: Option<OtherCheck>,
    registers: Option<OtherCheck>,
}

#[test]
fn what_is_planted_against_a_prohibition_is_counted() {
    let found =
        planted(1, |entry, _, _| entry.schools.iter_mut().for_each(|school| school.plans[0].seats = 0));
    assert!(found.len() > 2 && found[0].contains("children on 0 places"), "{found:?}");
    let found = planted(2, |_, run, _| {
        for wish in run.admission.wishes.iter_mut().flatten().filter(|wish| wish.way == Way::Private) {
            wish.key.push(5);
        }
    });
    assert_eq!(found.len(), 2, "{found:?}");
    let found = planted(4, |entry, _, _| entry.schools.iter_mut().for_each(|school| school.private = true));
    assert!(found.iter().any(|breach| breach.contains("came to LT by transfer")), "{found:?}");
    let found = planted(7, |entry, _, _| entry.evidence[0].reason = "奥数一等奖".to_owned());
    assert_eq!(found, ["C01: household: names \"奥数\" as a ground"]);
    let found = planted(7, |entry, _, _| entry.policy.stages[0].categories[0].name = "By Exam".to_owned());
    assert_eq!(found, ["category 1: names \"exam\" as a ground"]);
    let check = || OtherCheck { rows: 3, breaches: vec!["uneven".to_owned()] };
    assert_eq!(planted(8, |_, _, beside| beside.classes = Some(check())), ["uneven"]);
    let export = ("loads.csv".to_owned(), vec!["zone_code".to_owned(), "学校排名".to_owned()]);
    let found = planted(9, |_, _, beside| beside.exports.push(export));
    assert_eq!(found, ["loads.csv: the column 学校排名 tells of \"排名\""]);
    assert_eq!(seen(10, |_, _, _| {}), Seen::NotInTheData, "nobody has a card, no register was given");
    let found = planted(10, |_, _, beside| {
        for child in ["C01", "C02"] {
            let card = ChildIdentity { card: "420684201503040012".to_owned(), born: None };
            beside.identities.insert(child.to_owned(), card);
        }
        beside.registers = Some(check());
    });
    assert_eq!(found, ["C01, C02: one number of identity", "uneven"]);
}
