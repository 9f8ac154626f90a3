//! Desks after admission by API: files in with every fault told, and out what the command line gives of the same files.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::domain::role::Role;
use zhaosheng::service::audit::verify_audit::verify_audit;
use zhaosheng::service::compulsory::group_classes::{class_files, freeze_grade, group_classes};
use zhaosheng::service::compulsory::keep_dropout_ledger::keep_dropout_ledger;
use zhaosheng::service::compulsory::open_register::{OpeningRequest, open_entry_register};
use zhaosheng::service::compulsory::place_entry::{place_entry, write_entry};
use zhaosheng::service::compulsory::result_folder::ResultFile;

use crate::canary::stolen;
use crate::entries::{AT, SHEETS, bring as bring_sheet, case, open, published};
use crate::harness::{Answer, Person, SEASON, Site, on_each_database};

const REGISTER: &str = "register/entry";
const CLASSES: &str = "classes/primary-NJ";
const LEDGER: &str = "ledger/entry";

fn after(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/after").join(path)
}

fn worked(path: &str) -> String {
    fs::read_to_string(after(path)).unwrap()
}

/// Yicheng with numbers of identity, in preparation.
fn entry(site: &Site) -> String {
    let centre = site.centre();
    let policy = fs::read_to_string(case("yicheng").join("entry.toml")).unwrap();
    let body = json!({"code": SEASON, "kind": "demonstration", "policy": policy});
    site.post("/api/v1/seasons", &centre, &body).is(201);
    for kind in SHEETS {
        let file = format!("{kind}.csv");
        let bytes = match fs::read(case("yicheng").join(&file)) {
            Ok(_) if kind == "children" => worked("register/children.csv").into_bytes(),
            Ok(bytes) => bytes,
            Err(_) => continue,
        };
        bring_sheet(site, &centre, kind, &file, &bytes, false).is(200);
    }
    centre
}

fn bring(site: &Site, token: &str, desk: &str, file: &str, text: &str, check: bool) -> Answer {
    site.put_file(&format!("{AT}/desks/{desk}/files/{file}?check={check}"), token, text.as_bytes())
}

/// What an answer tells of a list of texts.
fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// Every fault of a refused file.
fn faults(answer: Answer) -> Vec<String> {
    let told = answer.is(422).json();
    let errors = told["errors"].as_array().unwrap();
    errors.iter().map(|one| one["detail"].as_str().unwrap().to_owned()).collect()
}

/// What the desk gives is, byte for byte, what the command line gives.
fn same(site: &Site, token: &str, desk: &str, files: &[ResultFile]) {
    let shown = site.get(&format!("{AT}/desks/{desk}"), token).is(200).json();
    assert_eq!((&shown["missing"], &shown["faults"]), (&json!([]), &json!([])), "{shown}");
    assert_eq!(texts(&shown["results"]), files.iter().map(|file| file.0).collect::<Vec<_>>(), "{shown}");
    for (path, bytes) in files {
        let path = path.replace('/', "%2F");
        let given = site.download(&format!("{AT}/desks/{desk}/result-file?path={path}"), token);
        assert!(given == *bytes, "{desk} {path}");
    }
    site.get(&format!("{AT}/desks/{desk}/result-file?path=other.csv"), token).is(404);
}

/// What the command line opens of the same files.
fn opened(place: &TempDir) -> Vec<ResultFile> {
    let at = |name: &str| place.path().join(name);
    fs::create_dir(at("entry")).unwrap();
    for file in fs::read_dir(case("yicheng")).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), at("entry").join(file.file_name())).unwrap();
    }
    fs::copy(after("register/children.csv"), at("entry/children.csv")).unwrap();
    let (entry, run) = place_entry(&at("entry"), &Quiet).unwrap();
    write_entry(&entry, &run, &at("result"), &Quiet).unwrap();
    let request = OpeningRequest {
        entry: &at("entry"),
        result: &at("result"),
        arrivals: &after("register/arrivals.csv"),
        division: Some("420684"),
        earlier: &[],
    };
    open_entry_register(&request, &Quiet).unwrap().files()
}

#[test]
fn a_published_entry_opens_its_register_as_the_command_line_does() {
    on_each_database(|site| {
        let centre = entry(site);
        open(site, &centre);
        let arrivals = worked("register/arrivals.csv");
        assert_eq!(
            bring(site, &centre, REGISTER, "arrivals.csv", &arrivals, false).is(409).code(),
            "wrong_phase"
        );
        let listed = site.get(&format!("{AT}/desks"), &centre).is(200).json();
        assert_eq!((&listed[0]["desk"], &listed[0]["open"]), (&json!("register"), &json!(false)));
        assert_eq!(listed[0]["missing"], json!(["arrivals.csv"]));
        // Twelve primary schools, three junior highs, the register and the ledger.
        assert_eq!(listed.as_array().unwrap().len(), 17);
        assert_eq!(site.get(&format!("{AT}/prohibitions"), &centre).is(409).code(), "not_published");
        let (offices, _) = published(site, centre, 14);
        let centre = &offices.centre;
        assert_eq!(looked_at(site, centre), [Some(6), None]);
        let mut faulty = arrivals.clone();
        for (old, new) in [
            ("J02,是,2021-08-29,齐全", "J02,maybe,2021-08-29,齐全"),
            ("C01,是,2021-08-28,齐全", "C01,是,28.8.2021,齐全"),
            ("C08,是,2021-08-28,齐全", "C09,是,2021-08-28,齐全"),
            ("G420684201503042077", "G420684201503042078"),
            ("G420684200901313333", "G420684201503042077"),
        ] {
            assert!(faulty.contains(old), "{old}");
            faulty = faulty.replacen(old, new, 1);
        }
        let told = faults(bring(site, centre, REGISTER, "arrivals.csv", &faulty, false));
        for expected in [
            "arrivals.csv row 2 column arrived: \"maybe\" must be yes or no",
            "row 4 column arrived_on: \"28.8.2021\" must be a date",
            "row 9 column child_no: \"C09\" is no child whom this result admitted",
            "row 12 column register_no: has a wrong check digit",
            "row 3 column register_no: holds another birthday",
            "row 10 column child_no: \"C10\" has no card's number: the division must be given",
            "arrivals.csv: \"C08\" was admitted and has no row",
        ] {
            assert!(told.iter().any(|line| line.contains(expected)), "{expected}\n{told:#?}");
        }
        // Three children have no card.
        assert_eq!(told.len(), 9, "{told:#?}");
        assert!(told.iter().all(|line| !line.contains("4206842")), "{told:#?}");
        // A policy of its own keeps the division, and is read before.
        assert_eq!(faults(bring(site, centre, REGISTER, "opening.toml", "county = 1", false)).len(), 1);
        bring(site, centre, REGISTER, "opening.toml", "division = \"420684\"\n", false).is(200);
        let checked = bring(site, centre, REGISTER, "arrivals.csv", &arrivals, true).is(200).json();
        assert_eq!((&checked["rows"], &checked["changed"]), (&json!(11), &json!(false)));
        assert_eq!(site.get(&format!("{AT}/desks/{REGISTER}"), centre).is(200).json()["counts"], json!({}));
        let brought = bring(site, centre, REGISTER, "arrivals.csv", &arrivals, false).is(200).json();
        assert_eq!((&brought["changed"], &brought["breaches"]), (&json!(true), &json!([])));
        let again = bring(site, centre, REGISTER, "arrivals.csv", &arrivals, false).is(200).json();
        assert_eq!(again["changed"], false);
        let place = tempfile::tempdir().unwrap();
        let files = opened(&place);
        assert_eq!(String::from_utf8_lossy(&files[2].1), worked("register/expected_register.csv"));
        same(site, centre, REGISTER, &files);
        let shown = site.get(&format!("{AT}/desks/{REGISTER}"), centre).is(200).json();
        let counts =
            json!({"enrolled": 8, "suspended": 1, "deferred": 1, "no_shows": 1, "document_faults": 2});
        assert_eq!(shown["counts"], counts);
        assert_eq!(looked_at(site, centre), [Some(17), None]);
        registers_that_stand(site, centre);
        same(site, centre, REGISTER, &files);
        nobody_else(site, centre);
        let stolen = String::from_utf8_lossy(&stolen(site)).into_owned();
        for secret in ["G420684200901313333", "420684201503040012", "R-0007", "户口簿页码不全"] {
            assert!(!stolen.contains(secret), "{secret} can be read in the database");
        }
        let verified =
            site.wait(verify_audit(site.app.database(), site.app.audit_key(), Vec::new())).unwrap();
        assert_eq!(verified.findings, []);
        let lines = site.get("/api/v1/audit-lines?limit=200", &offices.supervisor).is(200).text;
        for act in ["bring_desk_file", "delete_desk_file", "download_desk_file", "download_desk_result"] {
            assert!(lines.contains(act), "{act}");
        }
    });
}

/// The ten prohibitions: none is broken; how many rows of registers and of classes were looked at.
fn looked_at(site: &Site, token: &str) -> [Option<u64>; 2] {
    let found = site.get(&format!("{AT}/prohibitions"), token).is(200).json();
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), 10);
    assert!(found.iter().all(|one| one["breaches"] == json!([])), "{found:#?}");
    assert!(found[0]["rows"].as_u64().unwrap() > 0);
    [&found[9], &found[7]].map(|one| one["rows"].as_u64())
}

/// A register that stands already and whose number is another person's refuses the result, not the file.
fn registers_that_stand(site: &Site, centre: &str) {
    let earlier =
        "register_no,person,school_code,status,from\nG420684201503040012,other,QQ,enrolled,2021-03-01\n";
    let told = bring(site, centre, REGISTER, "earlier.csv", earlier, false).is(200).json();
    let breaches = texts(&told["breaches"]);
    assert_eq!(breaches.len(), 2, "{breaches:?}");
    assert!(breaches[0].contains("two_persons"), "{breaches:?}");
    let shown = site.get(&format!("{AT}/desks/{REGISTER}"), centre).is(200).json();
    // The same in the language of whoever asks.
    let breaches = texts(&shown["breaches"]);
    assert!(breaches.len() == 2 && breaches[0].contains("two_persons"), "{breaches:?}");
    assert_eq!(shown["results"], json!([]));
    let at = format!("{AT}/desks/{REGISTER}/files/earlier.csv");
    assert_eq!(String::from_utf8(site.download(&at, centre)).unwrap(), earlier);
    site.send("DELETE", &at, centre, &[], &Value::Null).is(204);
    site.send("DELETE", &at, centre, &[], &Value::Null).is(404);
    site.get(&at, centre).is(404);
}

/// The county's own bureau works at its desks, the supervisor looks, another county and families find nothing.
fn nobody_else(site: &Site, centre: &str) {
    let desk = format!("{AT}/desks/{REGISTER}");
    let file = format!("{desk}/files/arrivals.csv");
    let own = site.log_in(Role::CountyBureau, Person { area: Some("county"), ..Person::default() });
    site.get(&desk, &own).is(200);
    site.download(&file, &own);
    let supervisor = site.log_in(Role::Supervisor, Person::default());
    site.get(&desk, &supervisor).is(200);
    site.put_file(&file, &supervisor, b"x").is(403);
    let other = site.log_in(Role::CountyBureau, Person { area: Some("A77"), ..Person::default() });
    let family = site.log_in(Role::Candidate, Person { exam_no: Some("C01"), ..Person::default() });
    let absent = format!("{AT}absent/desks/{REGISTER}");
    for path in ["", "/files/arrivals.csv", "/result-file?path=register.csv"] {
        let told = site.get(&format!("{desk}{path}"), &other).is(404);
        assert_eq!(told.code(), site.get(&format!("{absent}{path}"), &other).is(404).code());
        site.get(&format!("{desk}{path}"), &family).is(403);
    }
    site.put_file(&file, &other, b"x").is(404);
    site.send("DELETE", &file, &other, &[], &Value::Null).is(404);
    for path in
        ["register/primary-NJ", "classes/entry", "classes/junior-NJ", "classes/primary-XX", "scores/entry"]
    {
        site.get(&format!("{AT}/desks/{path}"), centre).is(404);
    }
    site.put_file(&format!("{desk}/files/class.toml"), centre, b"x").is(404);
}

#[test]
fn a_grade_is_frozen_drawn_and_grouped_and_the_ledger_accounts_for_everybody() {
    on_each_database(|site| {
        let centre = entry(site);
        open(site, &centre);
        ledger(site, &centre);
        let (offices, _) = published(site, centre, 14);
        let centre = &offices.centre;
        // The policy is not there yet, which is no fault of the pupils; their own faults are told.
        let told =
            faults(bring(site, centre, CLASSES, "pupils.csv", "pupil_no,sex\np 1,F\np2,woman\n", false));
        assert_eq!(told.len(), 2, "{told:?}");
        let pupils = worked("classes/pupils.csv");
        let told = bring(site, centre, CLASSES, "pupils.csv", &pupils, false).is(200).json();
        assert_eq!((&told["rows"], &told["missing"]), (&json!(10), &json!(["class.toml"])));
        let policy = worked("classes/class.toml");
        let told = bring(site, centre, CLASSES, "class.toml", &policy, true).is(200).json();
        assert_eq!(told["missing"], json!(["teachers.csv"]), "the policy draws teachers");
        bring(site, centre, CLASSES, "teachers.csv", &worked("classes/teachers.csv"), false).is(200);
        let nothing_drawn =
            policy.replace("[\"03 11 24 29\"]", "[]").replace("[\"balls of the ceremony: 2 7 1\"]", "[]");
        let told = bring(site, centre, CLASSES, "class.toml", &nothing_drawn, false).is(200).json();
        assert!(texts(&told["breaches"])[0].contains("nothing was drawn yet"), "{told}");
        let frozen = site.get(&format!("{AT}/desks/{CLASSES}"), centre).is(200).json();
        assert_eq!((&frozen["counts"]["pupils"], &frozen["results"]), (&json!(10), &json!([])));
        let list_hash =
            zhaosheng::domain::hexadecimal::hex(&freeze_grade(&after("classes")).unwrap().list_hash);
        assert_eq!(frozen["texts"]["list_hash"], list_hash);
        bring(site, centre, CLASSES, "class.toml", &policy, false).is(200);
        let grouped = group_classes(&after("classes"), &Quiet).unwrap();
        same(site, centre, CLASSES, &class_files(&grouped));
        let shown = site.get(&format!("{AT}/desks/{CLASSES}"), centre).is(200).json();
        assert_eq!(
            (&shown["texts"]["list_hash"], &shown["counts"]["head_teachers"]),
            (&json!(list_hash), &json!(3))
        );
        assert_eq!(looked_at(site, centre)[1], Some(10));
        // Another school's grade is another desk.
        let other = site.get(&format!("{AT}/desks/classes/primary-BM"), centre).is(200).json();
        assert_eq!(other["missing"], json!(["class.toml", "pupils.csv"]));
    });
}

/// The ledger's desk is open all year.
fn ledger(site: &Site, centre: &str) {
    for file in ["outcomes.csv", "graduates.csv", "tracking.toml", "steps.csv", "register.csv"] {
        let text = worked(&format!("dropouts/{file}"));
        bring(site, centre, LEDGER, file, &text, true).is(200);
        bring(site, centre, LEDGER, file, &text, false).is(200);
    }
    let told = faults(bring(
        site,
        centre,
        LEDGER,
        "steps.csv",
        "person,step,on\na,shout,2021-09-01\nb,report,x\n",
        false,
    ));
    assert_eq!(told.len(), 2, "{told:?}");
    same(site, centre, LEDGER, &keep_dropout_ledger(&after("dropouts"), &Quiet).unwrap().files());
    let shown = site.get(&format!("{AT}/desks/{LEDGER}"), centre).is(200).json();
    assert_eq!((&shown["counts"]["graduates"], &shown["counts"]["unreported"]), (&json!(8), &json!(5)));
}
