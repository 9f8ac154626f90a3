//! Entries to compulsory schools by API: sheets in, families register, the published result is the folder's.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use zhaosheng::domain::access::Act;
use zhaosheng::domain::admission_kind::AdmissionKind;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::domain::role::Role;
use zhaosheng::service::compulsory::place_entry::{entry_folder, place_entry};
use zhaosheng::service::compulsory::result_folder::root;
use zhaosheng::service::secrets::result_key::holder_keys;

use crate::access_matrix::{address, operations, somebody};
use crate::command_line::program;
use crate::harness::{Answer, Person, SEASON, Site, on_each_database};
use crate::results::{Offices, approved, frozen, parts, placed, publish};

pub(crate) const AT: &str = "/api/v1/seasons/2026";
pub(crate) const SHEETS: [&str; 9] =
    ["schools", "zones", "zone_map", "addresses", "feeders", "children", "evidence", "home_uses", "draws"];

pub(crate) fn case(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases/entries").join(name)
}

/// A right number of GB 11643 in a place that does not exist.
fn id_no(born: &str, at: usize) -> String {
    let front = format!("149901{}{:03}", born.replace('-', ""), at * 2 + 1);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = front.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{front}{}", char::from(b"10X98765432"[sum as usize % 11]))
}

/// A child of a worked case as the roster has her, with what she asks for.
pub(crate) struct Child {
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) id_no: String,
    wishes: Value,
}

/// The sheet of children with invented names and, where the birth is known, numbers of identity in its place.
pub(crate) fn children(name: &str) -> (Vec<Child>, Vec<u8>) {
    let mut rows = csv::Reader::from_path(case(name).join("children.csv")).unwrap();
    let header = rows.headers().unwrap().clone();
    let mut out = csv::Writer::from_writer(Vec::new());
    let kept: Vec<&str> = header.iter().filter(|column| *column != "born").collect();
    out.write_record(kept.iter().copied().chain(["name", "id_no", "born"])).unwrap();
    let mut all = Vec::new();
    for (at, row) in rows.records().map(Result::unwrap).enumerate() {
        let cell = |column: &str| {
            header.iter().position(|name| name == column).map_or("", |place| row.get(place).unwrap())
        };
        let sign = |number: usize| char::from_u32(0x4e00 + number as u32).unwrap();
        let name: String = [sign(at), sign(at + 500)].iter().collect();
        let id_no = if cell("born").is_empty() { String::new() } else { id_no(cell("born"), at) };
        let codes = |column: &str| -> Vec<&str> {
            cell(column).split(';').map(str::trim).filter(|code| !code.is_empty()).collect()
        };
        let mut wishes = json!({
            "choices": codes("choices"), "transfer_choices": codes("transfer_choices"),
            "direct": cell("direct") == "1",
        });
        if !cell("private_code").is_empty() {
            wishes["private"] = json!(cell("private_code"));
        }
        // A birth that the number tells need not stand in its column.
        let mut record: Vec<&str> = kept.iter().map(|column| cell(column)).collect();
        record.extend([name.as_str(), id_no.as_str(), ""]);
        out.write_record(&record).unwrap();
        all.push(Child { number: cell("child_no").to_owned(), name, id_no, wishes });
    }
    (all, out.into_inner().unwrap())
}

pub(crate) fn bring(site: &Site, token: &str, sheet: &str, file: &str, bytes: &[u8], check: bool) -> Answer {
    let path = format!("{AT}/entry-sheets/{sheet}?file_name={file}&check={check}");
    site.put_file(&path, token, bytes)
}

/// An entry season of a worked case in preparation, with every sheet.
pub(crate) fn entry(site: &Site, name: &str) -> (String, Vec<Child>) {
    let centre = site.centre();
    let policy = fs::read_to_string(case(name).join("entry.toml")).unwrap();
    let body = json!({"code": SEASON, "kind": "demonstration", "policy": policy});
    let made = site.post("/api/v1/seasons", &centre, &body).is(201).json();
    assert_eq!(made["admission"], "compulsory");
    let (children, sheet) = children(name);
    // The first sheet alone would name what is not there yet.
    for kind in SHEETS {
        let file = if kind == "zone_map" { "zones.geojson".to_owned() } else { format!("{kind}.csv") };
        let bytes = match fs::read(case(name).join(&file)) {
            Ok(_) if kind == "children" => sheet.clone(),
            Ok(bytes) => bytes,
            Err(_) => continue,
        };
        let told = bring(site, &centre, kind, &file, &bytes, true).is(200).json();
        assert_eq!(told["changed"], 0, "{kind} was only checked");
        let told = bring(site, &centre, kind, &file, &bytes, false).is(200).json();
        assert!(told["changed"].as_u64() > Some(0), "{kind} {told}");
        let again = bring(site, &centre, kind, &file, &bytes, false).is(200).json();
        assert_eq!(again["changed"], 0, "{kind} brought again changes nothing");
    }
    (centre, children)
}

pub(crate) fn open(site: &Site, centre: &str) {
    site.advance(centre, "open_registration").is(200);
    let now_ms = site.app.about_now_ms();
    site.set_window(centre, "entry", now_ms + 3_600_000, now_ms + 25 * 3_600_000).is(200);
    site.move_clock(centre, now_ms + 2 * 3_600_000);
    site.advance(centre, "open_filling").is(200);
}

pub(crate) fn family(site: &Site, number: &str) -> String {
    site.log_in(Role::Candidate, Person { exam_no: Some(number), ..Person::default() })
}

fn register(site: &Site, child: &Child, version: i64, key: &str) -> Answer {
    register_as(site, &family(site, &child.number), child, version, key)
}

fn register_as(site: &Site, own: &str, child: &Child, version: i64, key: &str) -> Answer {
    let mut body = child.wishes.clone();
    body["name"] = json!(child.name);
    body["id_no"] = json!(child.id_no);
    let at = format!("{AT}/children/{}/registrations", child.number);
    let tag = format!("\"{version}\"");
    let headers = [("If-Match", tag.as_str()), ("Idempotency-Key", key)];
    site.send("POST", &at, own, &headers, &body)
}

#[test]
fn an_entry_by_api_publishes_the_bytes_that_the_folder_gives() {
    on_each_database(|site| {
        let name = if site.kind == "sqlite" { "feeder" } else { "yicheng" };
        let (centre, children) = entry(site, name);
        open(site, &centre);
        let mut registered = 0;
        for child in &children {
            let answer = register(site, child, 0, &child.number);
            assert!([201, 422].contains(&answer.status), "{}", answer.text);
            registered += usize::from(answer.status == 201);
        }
        assert!(registered * 2 > children.len(), "{registered} of {}", children.len());
        let (offices, published) = published(site, centre, children.len());
        let (read, placed) = place_entry(&case(name), &Quiet).unwrap();
        let files = entry_folder(&read, &placed);
        assert_eq!(published["root"], root(&files), "the folder never saw the service");
        told_to_each_family(site, name, &published);
        assert_eq!(site.advance(&offices.centre, "file").is(200).json()["phase"], "filed");
    });
}

/// An entry whose forms are in, from its end to the publication.
pub(crate) fn published(site: &Site, centre: String, children: usize) -> (Offices, Value) {
    let offices = closed(site, centre);
    frozen(site, &offices);
    let run = placed(site, &offices);
    assert_eq!(run["summary"]["candidates"], children);
    approved(site, &offices, &run);
    site.move_clock(&offices.centre, site.season_now_ms() + 120_000);
    let published = publish(site, &offices, &parts(site, &offices, &run, [0, 2])).is(201).json();
    (offices, published)
}

/// The offices of an entry whose time for registrations is over, its key held by three.
pub(crate) fn closed(site: &Site, centre: String) -> Offices {
    site.move_clock(&centre, site.season_now_ms() + 26 * 3_600_000);
    let keys: Vec<(String, String)> = (0..3).map(|_| holder_keys()).collect();
    let holder = |(name, key): (&str, &(String, String))| json!({"name": name, "recipient": key.1});
    let holders: Vec<Value> = ["教育局", "监督部门", "公证处"].into_iter().zip(&keys).map(holder).collect();
    site.send("PUT", &format!("{AT}/key-holders"), &centre, &[], &json!({"holders": holders})).is(200);
    Offices {
        centre,
        second: site.centre(),
        supervisor: site.log_in(Role::Supervisor, Person::default()),
        secrets: keys.into_iter().map(|(secret, _)| secret).collect(),
    }
}

/// Every family reads what the worked case expects, and its line holds off line.
fn told_to_each_family(site: &Site, name: &str, published: &Value) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leaf.json");
    let mut rows = csv::Reader::from_path(case(name).join("expected.csv")).unwrap();
    let count = children(name).0.len().to_string();
    for (at, row) in rows.records().map(Result::unwrap).enumerate() {
        let own = family(site, &row[0]);
        let told = site.get(&format!("{AT}/children/{}/result", &row[0]), &own).is(200).json();
        let text = |field: &str| told[field].as_str().unwrap_or_default().to_owned();
        assert_eq!(
            [text("school"), text("way"), text("category")],
            [&row[1], &row[2], &row[3]],
            "{}",
            &row[0]
        );
        assert!(told["applications"].as_array().unwrap().iter().all(|one| one["reason"] != ""));
        if at < 2 {
            fs::write(&file, told["proof"].to_string()).unwrap();
            let root = |field: &str| published[field].as_str().unwrap();
            let judged = program(&[
                "verify",
                "--leaf",
                file.to_str().unwrap(),
                "--leaves-root",
                root("leaves_root"),
                "--root",
                root("root"),
                "--candidates",
                &count,
            ]);
            assert_eq!(judged.status.code(), Some(0), "{judged:?}");
            let other = family(site, if at == 0 { "nobody" } else { "X" });
            site.get(&format!("{AT}/children/{}/result", &row[0]), &other).is(404);
        }
    }
}

#[test]
fn what_is_wrong_with_a_sheet_is_told_all_at_once_and_nothing_is_written() {
    on_each_database(|site| {
        let (centre, _) = entry(site, "yicheng");
        let before = site.get(&format!("{AT}/entry-sheets/schools"), &centre).is(200).text;
        let faulty =
            "school_code,name,kind,primary_classes,primary_seats\nNJ,南街小学,castle,1,56\nNJ,,primary,x,1\n";
        let told = bring(site, &centre, "schools", "schools.csv", faulty.as_bytes(), false).is(422).json();
        let faults: Vec<String> = told["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["detail"].as_str().unwrap().to_owned())
            .collect();
        for expected in
            ["row 2 column kind", "row 3 column primary_classes", "row 3 column school_code", "zones.csv row"]
        {
            assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}\n{}", faults.join("\n"));
        }
        assert_eq!(site.get(&format!("{AT}/entry-sheets/schools"), &centre).is(200).text, before);
        for (sheet, file, bytes) in [
            ("schools", "schools.xlsx", b"PK\x03\x04rubbish".as_slice()),
            ("zone_map", "zones.geojson", b"\xff\xfe"),
            ("zone_map", "zones.geojson", b"{}"),
            ("zones", "zones.exe", b"x"),
            (
                "evidence",
                "evidence.csv",
                "child_no,fact,source,comparison\nC01,exam,police,match\n".as_bytes(),
            ),
            ("children", "children.csv", b"child_no,stage,parents_post\nC01,primary,director\n"),
        ] {
            bring(site, &centre, sheet, file, bytes, false).is(422);
        }
        bring(site, &centre, "scores", "scores.csv", b"a\n", false).is(404);
    });
}

#[test]
fn a_family_registers_with_two_fields_until_the_end() {
    on_each_database(|site| {
        let (centre, children) = entry(site, "yicheng");
        open(site, &centre);
        let child = &children[0];
        for (name, id_no, pointer) in
            [("别人", child.id_no.as_str(), "/name"), (child.name.as_str(), "149901201503040000", "/id_no")]
        {
            let wrong = Child {
                number: child.number.clone(),
                name: name.into(),
                id_no: id_no.into(),
                wishes: json!({}),
            };
            let told = register(site, &wrong, 0, "wrong").is(422).json();
            assert_eq!(told["errors"][0]["pointer"], pointer, "{told}");
        }
        let wrong = Child {
            wishes: json!({"private": "NJ", "choices": ["XX"], "direct": true, "twin": "C02"}),
            ..children_of(child)
        };
        let told = register(site, &wrong, 0, "wishes").is(422).json();
        let pointers: Vec<&str> =
            told["errors"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
        for pointer in ["/private", "/choices", "/direct", "/twin"] {
            assert!(pointers.contains(&pointer), "{pointer} {told}");
        }
        let own = family(site, &child.number);
        let receipt = register_as(site, &own, child, 0, "once").is(201).json();
        assert_eq!(
            register_as(site, &own, child, 0, "once").is(201).json(),
            receipt,
            "a retry is no second form"
        );
        register(site, child, 0, "another").is(412);
        assert_eq!(register(site, child, 1, "third").is(201).json()["version"], 2);
        let shown = site.get(&format!("{AT}/children/{}", child.number), &own).is(200);
        assert_eq!((shown.header("etag"), &shown.json()["zone"]["code"]), ("\"2\"", &json!("ZNJ")));
        assert_eq!(shown.json()["category"]["code"], "1");
        let listed = site.get(&format!("{AT}/children"), &centre).is(200);
        assert!(!listed.text.contains(&child.name), "names are masked in lists");
        assert_eq!(listed.json()["items"][0]["version"], 2);
        site.move_clock(&centre, site.season_now_ms() + 25 * 3_600_000);
        assert_eq!(register(site, child, 2, "late").is(409).code(), "closed");
        let own = family(site, &children[1].number);
        site.get(&format!("{AT}/children/{}", child.number), &own).is(404);
    });
}

fn children_of(child: &Child) -> Child {
    Child {
        number: child.number.clone(),
        name: child.name.clone(),
        id_no: child.id_no.clone(),
        wishes: child.wishes.clone(),
    }
}

#[test]
fn where_no_register_confirms_it_a_person_decides_and_it_is_on_the_record() {
    on_each_database(|site| {
        let (centre, _) = entry(site, "yicheng");
        open(site, &centre);
        let at = format!("{AT}/children/C02");
        assert_eq!(site.get(&at, &centre).is(200).json()["category"]["code"], "2", "household and no home");
        let decision = |fact: &str, accepted: bool, reason: &str| json!({"fact": fact, "source": "papers", "accepted": accepted, "reason": reason});
        let told = site.post(&format!("{at}/decisions"), &centre, &decision("exam", true, "")).is(422).json();
        assert_eq!(told["errors"].as_array().unwrap().len(), 2);
        let home = decision("property", true, "购房合同原件已核");
        site.post(&format!("{at}/decisions"), &centre, &home).is(204);
        // The sheet names no home of hers, so the fact alone moves her category and not her zone.
        let shown = site.get(&at, &centre).is(200).json();
        assert_eq!(shown["category"]["code"], "1");
        site.post(&format!("{at}/decisions"), &centre, &decision("property", false, "合同已解除")).is(204);
        assert_eq!(site.get(&at, &centre).is(200).json()["category"]["code"], "2");
        let shown = site.get(&at, &centre).is(200).text;
        assert!(shown.contains("合同已解除"), "the reason stands beside the decision: {shown}");
        let stranger = site.log_in(Role::CountyBureau, Person { area: Some("A77"), ..Person::default() });
        site.post(&format!("{at}/decisions"), &stranger, &home).is(404);
        let own = site.log_in(Role::CountyBureau, Person { area: Some("county"), ..Person::default() });
        site.post(&format!("{at}/decisions"), &own, &home).is(204);
    });
}

#[test]
fn zones_and_warnings_are_everybodys_and_codes_open_the_door() {
    on_each_database(|site| {
        let (centre, children) = entry(site, "single_school");
        let anybody = site.log_in(Role::JuniorHigh, Person { school: Some("J01"), ..Person::default() });
        let zones = site.get(&format!("{AT}/zones"), &anybody).is(200).json();
        assert!(
            zones[0].get("warning").is_none() && zones[0]["schools"][0]["seats"].as_u64() > Some(0),
            "{zones}"
        );
        let board = site.get(&format!("{AT}/zone-board"), &centre).is(200).json();
        assert_eq!(board["loads"].as_array().unwrap().len(), zones.as_array().unwrap().len());
        site.get(&format!("{AT}/zone-board"), &anybody).is(403);
        site.post(&format!("{AT}/seat-warnings"), &centre, &Value::Null).is(201);
        let posted = site.get(&format!("{AT}/zones"), &anybody).is(200).json();
        for zone in posted.as_array().unwrap() {
            let load =
                board["loads"].as_array().unwrap().iter().find(|load| load["zone"] == zone["code"]).unwrap();
            assert_eq!(zone["warning"], load["warning"], "{zone}");
        }
        let slips = site.post(&format!("{AT}/child-codes"), &centre, &Value::Null).is(201).json();
        assert_eq!(slips["items"].as_array().unwrap().len(), children.len());
        let slip = &slips["items"][0];
        let body = json!({"login": slip["login"], "password": slip["initial_code"]});
        site.post("/api/v1/sessions", "", &body).is(201);
    });
}

#[test]
fn acts_of_senior_high_seasons_are_refused_in_an_entry_and_nothing_breaks() {
    on_each_database(|site| {
        entry(site, "yicheng");
        let rules: BTreeMap<&str, Act> =
            zhaosheng::domain::access::TABLE.iter().map(|rule| (rule.act.word(), rule.act)).collect();
        for operation in operations().iter().filter(|operation| operation.path.contains("{season}")) {
            let rule = rules[operation.id.as_str()].rule();
            for role in Role::ALL {
                let token = somebody(site, role);
                let at = address(&operation.path, SEASON, "C01");
                let answer = site.send(
                    &operation.method,
                    &at,
                    &token,
                    &[("If-Match", "*"), ("Idempotency-Key", &at)],
                    &json!({}),
                );
                let told = format!("{} as {}: {} {}", operation.id, role.word(), answer.status, answer.text);
                assert!(answer.status < 500, "{told}");
                if operation.method != "GET" && !rule.admissions.contains(&AdmissionKind::Compulsory) {
                    assert!(answer.status >= 400, "{told}");
                }
            }
        }
    });
}

#[test]
fn a_trial_of_an_entry_tells_who_would_stand_elsewhere() {
    on_each_database(|site| {
        let (centre, _) = entry(site, "yicheng");
        let own = fs::read_to_string(case("yicheng").join("entry.toml")).unwrap();
        // Whoever owns a home before all others: worked in tests/entry/comparison.rs.
        let [from, last, end] =
            ["[[stage.category]]\ncode = \"1\"", "[[stage.category]]\ncode = \"4\"", "[stage.transfer]"]
                .map(|text| own.find(text).unwrap());
        let other = [&own[..from], &own[last..end], &own[from..last], &own[end..]].concat();
        let body = json!({"kind": "trial", "policy": other});
        let asked = site.post(&format!("{AT}/runs"), &centre, &body).is(202);
        site.work_on_runs();
        let run = site.get(asked.header("location"), &centre).is(200).json();
        assert_eq!(run["state"], "done", "{run}");
        let summary = &run["summary"];
        assert_eq!((&summary["better_off"], &summary["worse_off"]), (&json!(2), &json!(2)), "{summary}");
        assert_eq!((&summary["changed"], &summary["other_cost"]["unplaced"]), (&json!(4), &json!(3)));
        let first = json!({"exam_no": "C02", "category": "2", "from": "NJ", "to": "BM", "fate": "loses"});
        assert_eq!(summary["changes"][0], first, "a demonstration names");
        assert!(summary["moves"].is_array() && summary["loads"].is_array(), "{summary}");
    });
}
