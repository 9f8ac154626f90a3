//! Data in: files are checked with all their faults, bound to what they were checked against, committed whole.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use calamine::{Reader, Xlsx};
use serde_json::{Value, json};
use zhaosheng::domain::role::Role;
use zhaosheng::files::encoding::Encoding;
use zhaosheng::files::season_folder::read_season;
use zhaosheng::service::data_in::import_folder::{FolderError, export_season, import_folder};
use zhaosheng::service::export_folder::Form;
use zhaosheng::storage::candidates::{self, CandidateRow};
use zhaosheng::storage::programmes::{self, ProgrammeRow};
use zhaosheng::storage::{audit_lines, scores};

use crate::harness::{Answer, Person, SEASON, Site, case, on_each_database};

const IMPORTS: &str = "/api/v1/seasons/2026/imports";

pub(crate) fn sheet(name: &str) -> Vec<u8> {
    fs::read(case(name)).unwrap()
}

/// A season without any data; returns the centre's token.
pub(crate) fn empty_season(site: &Site) -> String {
    let centre = site.centre();
    let policy = fs::read_to_string(case("season.toml")).unwrap();
    let body = json!({"code": SEASON, "kind": "demonstration", "policy": policy});
    site.post("/api/v1/seasons", &centre, &body).is(201);
    centre
}

pub(crate) fn upload(site: &Site, token: &str, kind: &str, file: &str, bytes: &[u8]) -> Answer {
    site.upload(&format!("{IMPORTS}?kind={kind}&file_name={file}"), token, bytes)
}

/// A reason for every warning of an import.
fn reasons(import: &Value) -> Value {
    let warnings = import["warnings"].as_array().unwrap();
    let reasons = warnings.iter().map(|one| (one["code"].as_str().unwrap().to_owned(), json!("已核实")));
    json!({"reasons": reasons.collect::<serde_json::Map<_, _>>()})
}

fn commit(site: &Site, token: &str, checked: &Answer) -> Answer {
    let at = format!("{IMPORTS}/{}/commit", checked.json()["id"].as_str().unwrap());
    let tag = checked.header("etag").to_owned();
    site.send("POST", &at, token, &[("If-Match", &tag)], &reasons(&checked.json()))
}

/// Uploads and commits a sheet of the case.
pub(crate) fn bring(site: &Site, token: &str, kind: &str, bytes: &[u8]) {
    let checked = upload(site, token, kind, &format!("{kind}.csv"), bytes).is(201);
    assert_eq!(checked.json()["faults"], 0, "{kind}: {}", checked.text);
    let done = commit(site, token, &checked).is(200).json();
    assert_eq!((&done["state"], &done["kind"]), (&json!("committed"), &json!(kind)));
}

const KINDS: [&str; 8] =
    ["areas", "junior_schools", "senior_schools", "programmes", "quota", "candidates", "scores", "history"];

#[test]
fn every_kind_goes_from_upload_to_the_season_and_back_out() {
    on_each_database(|site| {
        let centre = empty_season(site);
        for kind in KINDS {
            bring(site, &centre, kind, &sheet(&format!("{kind}.csv")));
        }
        let out = tempfile::tempdir().unwrap();
        let form = Form::Csv(Encoding::Utf8);
        let sheets = site.wait(export_season(&site.app, SEASON, out.path(), form)).unwrap();
        assert_eq!(sheets, KINDS.len());
        let (before, after) = (read_season(&case("")).unwrap(), read_season(out.path()).unwrap());
        assert_eq!((after.city, after.candidates), (before.city, before.candidates));
        assert_eq!((after.marks, after.policy_text), (before.marks, before.policy_text));
        for kind in KINDS {
            assert_eq!(
                cells(&out.path().join(format!("{kind}.csv"))),
                cells(&case(&format!("{kind}.csv"))),
                "{kind}"
            );
        }
        let listed = site.get(&format!("{IMPORTS}?limit=5"), &centre).is(200).json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 5);
        let rest = format!("{IMPORTS}?cursor={}", listed["next"].as_str().unwrap());
        assert_eq!(site.get(&rest, &centre).is(200).json()["items"].as_array().unwrap().len(), 3);
    });
}

/// Rows as maps of what is not empty, so that the order of columns and columns without a cell do not matter.
fn cells(path: &Path) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut rows = csv::Reader::from_path(path).unwrap();
    let header = rows.headers().unwrap().clone();
    let mut all: Vec<_> = rows
        .records()
        .map(|row| {
            let row = row.unwrap();
            let pairs = header.iter().zip(row.iter()).filter(|(_, cell)| !cell.is_empty());
            pairs
                .map(|(name, cell)| (name.trim_start_matches('\u{feff}').to_owned(), cell.to_owned()))
                .collect()
        })
        .collect();
    all.sort();
    all
}

#[test]
fn faults_are_listed_and_come_back_in_the_senders_own_workbook() {
    on_each_database(|site| {
        let centre = empty_season(site);
        bring(site, &centre, "areas", &sheet("areas.csv"));
        let text = "学校代码,学校名称,区域代码,办别,备注\nJ1,=1+1,A01,public,x\nJ1,二中,A99,集体,\n";
        let checked =
            upload(site, &centre, "junior_schools", "%E5%88%9D%E4%B8%AD.csv", text.as_bytes()).is(201);
        let told = checked.json();
        assert_eq!(
            (&told["faults"], &told["rows"], &told["file_name"]),
            (&json!(3), &json!(0), &json!("初中.csv"))
        );
        let places: Vec<(u64, &str)> = told["fault_list"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| (fault["row"].as_u64().unwrap(), fault["column"].as_str().unwrap()))
            .collect();
        assert_eq!(places, [(3, "area_code"), (3, "ownership"), (3, "school_code")]);
        assert_eq!(commit(site, &centre, &checked).is(409).code(), "has_faults");
        let location = checked.header("location");
        // Faults, notices and warnings are told in the language asked for; without one in Chinese.
        let english = site.send("GET", location, &centre, &[("Accept-Language", "en")], &Value::Null);
        assert_eq!(english.is(200).json()["fault_list"], told["fault_list"]);
        let chinese = site.get(location, &centre).is(200).json()["fault_list"].clone();
        let rules = chinese.as_array().unwrap().iter().map(|fault| fault["rule"].as_str().unwrap());
        assert_eq!(
            rules.collect::<Vec<_>>(),
            ["没有这个招生区域", "只能填写 public（公办）或 private（民办）", "重复"]
        );
        let bytes = site.download(&format!("{location}/annotated"), &centre);
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        let page = book.worksheet_range("数据").unwrap();
        assert_eq!(page.get_value((1, 1)).unwrap().to_string(), "=1+1");
        assert_eq!(page.get_value((0, 5)).unwrap().to_string(), "错误");
        assert!(page.get_value((2, 5)).unwrap().to_string().contains("没有这个招生区域"));
        // Thrown away, it is gone.
        let tag = checked.header("etag").to_owned();
        let headers = [("If-Match", tag.as_str())];
        assert_eq!(
            site.send("DELETE", location, &centre, &[], &Value::Null).is(428).code(),
            "precondition_required"
        );
        site.send("DELETE", location, &centre, &headers, &Value::Null).is(204);
        assert_eq!(site.get(location, &centre).is(404).code(), "not_found");
    });
}

#[test]
fn a_commit_is_bound_to_what_was_checked() {
    on_each_database(|site| {
        let centre = empty_season(site);
        bring(site, &centre, "areas", &sheet("areas.csv"));
        let checked = upload(site, &centre, "junior_schools", "j.csv", &sheet("junior_schools.csv")).is(201);
        let at = format!("{}/commit", checked.header("location"));
        let body = json!({"reasons": {}});
        assert_eq!(site.post(&at, &centre, &body).is(428).code(), "precondition_required");
        let other = site.send("POST", &at, &centre, &[("If-Match", "\"0\"")], &body).is(412);
        assert_eq!((other.header("etag"), other.code().as_str()), (checked.header("etag"), "stale"));
        // The areas change between the check and the commit.
        let more = [sheet("areas.csv"), b"A77,\xE6\x96\xB0\xE5\x8C\xBA,\n".to_vec()].concat();
        bring(site, &centre, "areas", &more);
        assert_eq!(commit(site, &centre, &checked).is(409).code(), "changed_since_check");
        let again = upload(site, &centre, "junior_schools", "j.csv", &sheet("junior_schools.csv")).is(201);
        assert_ne!(again.header("etag"), checked.header("etag"));
        commit(site, &centre, &again).is(200);
        assert_eq!(commit(site, &centre, &again).is(409).code(), "committed");
        let tag = again.header("etag").to_owned();
        let kept =
            site.send("DELETE", again.header("location"), &centre, &[("If-Match", &tag)], &Value::Null);
        assert_eq!(kept.is(409).code(), "committed");
        // A code that others name cannot vanish: nothing of the file is kept.
        let fewer = upload(site, &centre, "areas", "a.csv", b"area_code,name\nA01,x\n").is(201);
        assert_eq!(commit(site, &centre, &fewer).is(409).code(), "in_use");
        assert_eq!(site.get(fewer.header("location"), &centre).json()["state"], "checked");
        let twice = upload(site, &centre, "junior_schools", "j.csv", &sheet("junior_schools.csv")).is(201);
        commit(site, &centre, &twice).is(200);
    });
}

#[test]
fn a_warning_needs_its_reason() {
    on_each_database(|site| {
        let centre = empty_season(site);
        for kind in ["areas", "junior_schools"] {
            bring(site, &centre, kind, &sheet(&format!("{kind}.csv")));
        }
        let text = "考号,姓名,毕业学校代码,区域代码\n1,张三,J01,A01\n";
        let checked = upload(site, &centre, "candidates", "k.csv", text.as_bytes()).is(201);
        let warned = checked.json()["warnings"].clone();
        assert!(warned.as_array().unwrap().iter().any(|one| one["code"] == "missing_school"), "{warned}");
        assert_eq!(checked.json()["totals"]["candidates"], 1);
        let at = format!("{}/commit", checked.header("location"));
        let tag = checked.header("etag").to_owned();
        let send = |body: Value| site.send("POST", &at, &centre, &[("If-Match", &tag)], &body);
        let refused = send(json!({"reasons": {"nonsense": "x"}})).is(422).json();
        let pointers: Vec<&Value> =
            refused["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
        assert!(pointers.contains(&&json!("/reasons/missing_school")), "{pointers:?}");
        assert!(pointers.contains(&&json!("/reasons/nonsense")), "{pointers:?}");
        let done = send(reasons(&checked.json())).is(200).json();
        assert_eq!(done["reasons"]["missing_school"], "已核实");
    });
}

#[test]
fn a_later_list_changes_only_what_it_brings() {
    on_each_database(|site| {
        let centre = site.with_city();
        let text = "考号,姓名,加分,加分原因\n260101,,5,见义勇为\n260101,,10,烈士子女\n";
        bring(site, &centre, "bonuses", text.as_bytes());
        let find = |exam_no: &'static str| {
            site.write(move |connection| Ok(candidates::find(connection, SEASON, exam_no)?)).unwrap()
        };
        let row = find("260101");
        assert_eq!((row.bonus.as_str(), row.bonus_reason.as_str()), ("5;10", "见义勇为;烈士子女"));
        assert_eq!(find("260102").bonus, "");
        // A roster without these columns keeps class and bonus of everybody who stays.
        let mut roster = csv::Reader::from_path(case("candidates.csv")).unwrap();
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(["考号", "姓名", "身份证号", "毕业学校代码", "区域代码", "手机号"]).unwrap();
        for row in roster.records().map(Result::unwrap) {
            out.write_record([&row[0], "改名", &row[3], &row[4], &row[5], "13900000001"]).unwrap();
        }
        bring(site, &centre, "candidates", &out.into_inner().unwrap());
        let row = find("260101");
        assert_eq!(
            (row.name.as_str(), row.class.as_str(), row.bonus.as_str()),
            ("改名", "九（1）班", "5;10")
        );
        let listed = cells(&case("candidates.csv"));
        let id_no = &listed.iter().find(|row| row["exam_no"] == "260101").unwrap()["id_no"];
        assert_eq!(row.id_no_index, site.app.fields().keyed_index("candidates", "id_no", id_no));
        assert!(!row.guardian_phone.contains("13900000001") && !row.guardian_phone.is_empty());
    });
}

#[test]
fn what_cannot_change_any_more_or_is_nobodys_business_is_refused() {
    on_each_database(|site| {
        let centre = site.with_city();
        for (query, pointers) in [
            ("", vec!["kind", "file_name"]),
            ("?kind=preferences&file_name=a.csv", vec!["kind"]),
            ("?kind=areas&file_name=", vec!["file_name"]),
            ("?kind=areas&file_name=a%01.csv", vec!["file_name"]),
        ] {
            let refused = site.upload(&format!("{IMPORTS}{query}"), &centre, b"x").is(422).json();
            let told: Vec<&str> = refused["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|error| error["pointer"].as_str().unwrap())
                .collect();
            assert_eq!(told, pointers, "{query}");
        }
        site.open_filling(&centre);
        let late = upload(site, &centre, "candidates", "k.csv", &sheet("candidates.csv"));
        assert_eq!(late.is(409).code(), "wrong_phase");
        bring(site, &centre, "scores", &sheet("scores.csv"));
        let rows = site.write(|connection| Ok(scores::list(connection, SEASON)?));
        assert!(rows[0].marks.starts_with('{') && !rows.is_empty());
        let school = site.log_in(Role::SeniorHigh, Person { school: Some("S01"), ..Person::default() });
        assert_eq!(upload(site, &school, "scores", "s.csv", b"x").is(403).code(), "forbidden");
        let supervisor = site.log_in(Role::Supervisor, Person::default());
        let listed = site.get(IMPORTS, &supervisor).is(200).json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    });
}

/// A season with every sheet of the case, brought by the centre; returns the centre's token.
fn whole_season(site: &Site) -> String {
    let centre = empty_season(site);
    for kind in KINDS {
        bring(site, &centre, kind, &sheet(&format!("{kind}.csv")));
    }
    centre
}

fn roster(site: &Site) -> Vec<CandidateRow> {
    site.write(|connection| Ok(candidates::list(connection, SEASON)?))
}

/// Row, column and rule of every fault of an upload.
fn told(checked: &Answer) -> Vec<(u64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let faults = checked.json()["fault_list"].as_array().unwrap().clone();
    faults
        .iter()
        .map(|fault| (fault["row"].as_u64().unwrap(), text(&fault["column"]), text(&fault["rule"])))
        .collect()
}

/// Fails unless the faults stand in these rows and columns and say these words.
#[track_caller]
fn tells(checked: &Answer, faults: &[(u64, &str, &str)]) {
    let told = told(checked);
    let same = |told: &(u64, String, String), wanted: &(u64, &str, &str)| {
        (told.0, told.1.as_str()) == (wanted.0, wanted.1) && told.2.contains(wanted.2)
    };
    assert!(told.len() == faults.len() && told.iter().zip(faults).all(|(a, b)| same(a, b)), "{told:?}");
}

/// What is wrong with a parameter of an upload: its pointers and details.
fn refused(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    errors.iter().map(|error| (text(&error["pointer"]), text(&error["detail"]))).collect()
}

/// Everything that can be asked of an import, as somebody whom it does not concern: it is not there.
fn is_not_there(site: &Site, token: &str, checked: &Answer) {
    let (at, tag) = (checked.header("location").to_owned(), checked.header("etag").to_owned());
    let headers = [("If-Match", tag.as_str())];
    for (method, path, body) in [
        ("GET", at.clone(), Value::Null),
        ("GET", format!("{at}/annotated"), Value::Null),
        ("POST", format!("{at}/commit"), json!({"reasons": {}})),
        ("DELETE", at.clone(), Value::Null),
    ] {
        let answer = site.send(method, &path, token, &headers, &body).is(404);
        assert_eq!(answer.code(), "not_found", "{method} {path}");
    }
    let listed = site.get(IMPORTS, token).is(200).json();
    assert!(listed["items"].as_array().unwrap().iter().all(|one| one["id"] != checked.json()["id"]));
}

#[test]
fn a_junior_high_brings_its_own_pupils_and_touches_nobody_elses() {
    on_each_database(|site| {
        let centre = whole_season(site);
        let of_school = |school: &'static str| Person { school: Some(school), ..Person::default() };
        let school = site.log_in(Role::JuniorHigh, of_school("J01"));
        let other = site.log_in(Role::JuniorHigh, of_school("J03"));
        let county = site.log_in(Role::CountyBureau, Person { area: Some("A01"), ..Person::default() });
        let kind = upload(site, &school, "programmes", "p.csv", b"x").is(422);
        assert_eq!(refused(&kind), [("kind".to_owned(), "must be one of candidates".to_owned())]);

        let before = roster(site);
        let of_j03 = before.iter().find(|row| row.junior_code == "J03").unwrap().exam_no.clone();
        let documents = cells(&case("candidates.csv"));
        let document = |exam_no: &str| {
            documents.iter().find(|row| row["exam_no"] == exam_no).unwrap()["id_no"].to_lowercase()
        };
        let head = "考号,姓名,身份证号,毕业学校代码,区域代码\n";
        let faulty = format!(
            "{head}260101,陈一,,J01,A01\n9001,张三,,J03,A02\n9002,李四,,,A01\n{of_j03},王五,,J01,A01\n\
             9003,赵六,{},J01,A01\n9003,孙七,,J99,A01\n",
            document(&of_j03)
        );
        let checked = upload(site, &school, "candidates", "k.csv", faulty.as_bytes()).is(201);
        tells(
            &checked,
            &[
                (3, "junior_code", "must be J01"),
                (4, "junior_code", "must be J01"),
                (5, "exam_no", "stands with another school"),
                (6, "id_no", "document of a candidate of another school"),
                (7, "junior_code", "is no junior high"),
                (7, "exam_no", "stands twice"),
            ],
        );
        assert!(!checked.text.contains(&document(&of_j03)), "a document stays out of the report");

        // One stays as she is, one has another name, one is new, and the others leave.
        let good = format!(
            "{head}260101,陈一,{},J01,A01\n260102,改名,,J01,A01\n9001,张三,,J01,A02\n",
            document("260101").to_uppercase()
        );
        let checked = upload(site, &school, "candidates", "k.csv", good.as_bytes()).is(201);
        let report = checked.json();
        assert_eq!((&report["faults"], &report["school"]), (&json!(0), &json!("J01")), "{}", checked.text);
        assert_eq!(report["totals"]["candidates"], 3);
        assert_eq!(report["totals"]["juniors"].as_array().unwrap().len(), 1);
        assert!(report["warnings"].as_array().unwrap().iter().all(|one| one["code"] != "missing_school"));
        is_not_there(site, &other, &checked);
        is_not_there(site, &county, &checked);
        site.get(checked.header("location"), &centre).is(200);
        site.get(checked.header("location"), &site.log_in(Role::Supervisor, Person::default())).is(200);
        // The marks name who would leave.
        assert_eq!(commit(site, &school, &checked).is(409).code(), "in_use");
        assert_eq!(roster(site), before);
    });
}

#[test]
fn a_schools_commit_replaces_the_schools_rows_alone() {
    on_each_database(|site| {
        let centre = empty_season(site);
        for kind in ["areas", "junior_schools", "candidates"] {
            bring(site, &centre, kind, &sheet(&format!("{kind}.csv")));
        }
        let of_school = |school: &'static str| Person { school: Some(school), ..Person::default() };
        let school = site.log_in(Role::JuniorHigh, of_school("J01"));
        let other = site.log_in(Role::JuniorHigh, of_school("J03"));
        let before = roster(site);
        let head = "考号,姓名,毕业学校代码,区域代码\n";
        let good = format!("{head}260101,陈一,J01,A01\n260102,改名,J01,A01\n9001,张三,J01,A02\n");
        let checked = upload(site, &school, "candidates", "k.csv", good.as_bytes()).is(201);
        // Meanwhile another school brings its own: that outdates nothing here.
        let theirs: String = before
            .iter()
            .filter(|row| row.junior_code == "J03")
            .map(|row| format!("{},改名,J03,{}\n", row.exam_no, row.area_code))
            .collect();
        bring(site, &other, "candidates", format!("{head}{theirs}").as_bytes());
        commit(site, &school, &checked).is(200);
        let after = roster(site);
        let of = |rows: &[CandidateRow], school: &str| {
            rows.iter().filter(|row| row.junior_code == school).cloned().collect::<Vec<_>>()
        };
        let names: Vec<(String, String)> =
            of(&after, "J01").into_iter().map(|row| (row.exam_no, row.name)).collect();
        let wanted = [("260101", "陈一"), ("260102", "改名"), ("9001", "张三")];
        assert_eq!(names, wanted.map(|(exam_no, name)| (exam_no.to_owned(), name.to_owned())));
        assert!(of(&after, "J03").iter().all(|row| row.name == "改名"));
        for rest in ["J02", "J04", ""] {
            assert_eq!(of(&after, rest), of(&before, rest), "{rest:?}");
        }
        // A number that another school took between check and commit is not taken from it.
        let more = format!("{good}9002,李四,J01,A01\n");
        let checked = upload(site, &school, "candidates", "k.csv", more.as_bytes()).is(201);
        bring(site, &other, "candidates", format!("{head}{theirs}9002,王五,J03,A02\n").as_bytes());
        let late = commit(site, &school, &checked).is(409);
        assert_eq!(late.code(), "changed_since_check");
        let holder = roster(site).into_iter().find(|row| row.exam_no == "9002").unwrap();
        assert_eq!(holder.junior_code, "J03");
    });
}

#[test]
fn a_bureau_brings_the_rosters_and_plans_of_its_area() {
    on_each_database(|site| {
        let centre = whole_season(site);
        let bureau = |area: &'static str| {
            site.log_in(Role::CountyBureau, Person { area: Some(area), ..Person::default() })
        };
        let (county, other) = (bureau("A01"), bureau("A02"));
        let kind = upload(site, &county, "scores", "s.csv", b"x").is(422);
        assert_eq!(refused(&kind), [("kind".to_owned(), "must be one of programmes, candidates".to_owned())]);
        let head = "programme_code,school_code,name,batch,seats\n";
        let faulty = format!("{head}P01,S01,a,1,5\nP90,S02,b,1,5\nP02,S01,c,1,5\n");
        let checked = upload(site, &county, "programmes", "p.csv", faulty.as_bytes()).is(201);
        tells(
            &checked,
            &[
                (3, "school_code", "must be a senior high of area A01"),
                (4, "programme_code", "stands with a school of another area"),
            ],
        );
        let plans = || site.write(|connection| Ok(programmes::list(connection, SEASON)?));
        let before = plans();
        // What A01 has is replaced, and what quota cells name of A02 need not stand in the file.
        let good = format!("{head}P01,S01,云岭高级中学,1,6\nP03,S03,云岭第三高级中学,2,8\nP91,S03,新,1,4\n");
        let checked = upload(site, &county, "programmes", "p.csv", good.as_bytes()).is(201);
        assert_eq!(checked.json()["totals"]["seats"], 18, "{}", checked.text);
        assert_eq!(checked.json()["area"], "A01");
        is_not_there(site, &other, &checked);
        commit(site, &county, &checked).is(200);
        let after = plans();
        let of = |rows: &[ProgrammeRow], ours: bool| {
            let own = |row: &&ProgrammeRow| ["S01", "S03"].contains(&row.school_code.as_str()) == ours;
            rows.iter().filter(own).cloned().collect::<Vec<_>>()
        };
        assert_eq!(of(&after, false), of(&before, false));
        let seats: Vec<(String, String)> =
            of(&after, true).into_iter().map(|row| (row.programme_code, row.seats)).collect();
        let wanted = [("P01", "6"), ("P03", "8"), ("P91", "4")];
        assert_eq!(seats, wanted.map(|(code, seats)| (code.to_owned(), seats.to_owned())));

        let head = "exam_no,name,junior_code,area_code\n";
        let faulty = format!("{head}9001,张三,J03,A01\n9002,李四,J01,A02\n9003,王五,,A01\n");
        let checked = upload(site, &county, "candidates", "k.csv", faulty.as_bytes()).is(201);
        tells(
            &checked,
            &[(2, "junior_code", "must be a junior high of area A01"), (3, "area_code", "must be A01")],
        );
        // The area's own rows over themselves, one name changed: nobody of another area is touched.
        let before = roster(site);
        let rows: String = before
            .iter()
            .filter(|row| row.area_code == "A01")
            .map(|row| format!("{},改名,{},A01\n", row.exam_no, row.junior_code))
            .collect();
        bring(site, &county, "candidates", format!("{head}{rows}").as_bytes());
        let changed = |row: &CandidateRow| row.name == "改名";
        assert!(
            roster(site).iter().zip(&before).all(|(now, then)| {
                now.exam_no == then.exam_no && changed(now) == (then.area_code == "A01")
            })
        );
        assert_eq!(site.get(IMPORTS, &centre).is(200).json()["items"].as_array().unwrap().len(), 12);
    });
}

#[test]
fn rows_that_stand_as_they_are_stay_untouched() {
    on_each_database(|site| {
        let centre = whole_season(site);
        let before = roster(site);
        let changes = || {
            let lines = site.write(|connection| Ok(audit_lines::list(connection, 0, 0, 10_000)?));
            let last = lines.iter().rfind(|line| line.act == "commit_import").unwrap();
            last.changes.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        for kind in KINDS {
            bring(site, &centre, kind, &sheet(&format!("{kind}.csv")));
            assert_eq!(changes(), Vec::<String>::new(), "{kind}");
        }
        assert_eq!(roster(site), before, "the same seals too");
        let text = String::from_utf8(sheet("candidates.csv")).unwrap();
        bring(site, &centre, "candidates", text.replace("陈一", "陈二").as_bytes());
        let changes = changes();
        assert!(changes.len() == 1 && changes[0].starts_with("candidates 2026/260101 "), "{changes:?}");
    });
}

#[test]
fn an_office_may_say_what_its_columns_mean() {
    on_each_database(|site| {
        let centre = empty_season(site);
        for kind in ["areas", "junior_schools"] {
            bring(site, &centre, kind, &sheet(&format!("{kind}.csv")));
        }
        let text = "报名编号,考号,名字,母校,属地\n9001,旧1,张三,J01,A01\n";
        let send = |mapping: &str| {
            let coded: String = mapping.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let query = format!("{IMPORTS}?kind=candidates&file_name=k.csv&mapping={coded}");
            site.upload(&query, &centre, text.as_bytes())
        };
        let unmapped = upload(site, &centre, "candidates", "k.csv", text.as_bytes()).is(201);
        assert_ne!(unmapped.json()["faults"], 0);
        for (mapping, pointers) in [
            ("[]", vec!["mapping"]),
            ("{\"a\": 1}", vec!["mapping"]),
            (
                r#"{" ": "exam_no", "a": "no_column", "b": "name", "c": "name", "d": "-", "e": "-"}"#,
                vec!["mapping/ ", "mapping/a", "mapping/c"],
            ),
        ] {
            let answer = send(mapping).is(422);
            let told: Vec<String> = refused(&answer).into_iter().map(|fault| fault.0).collect();
            assert_eq!(told, pointers, "{mapping}");
        }
        let right = r#"{"报名编号": "exam_no", "考号": "-", "名字": "name", "母校": "junior_code", "属地": "area_code"}"#;
        let checked = send(right).is(201);
        assert_eq!(checked.json()["faults"], 0, "{}", checked.text);
        assert_eq!(checked.json()["mapping"]["母校"], "junior_code");
        assert_ne!(checked.header("etag"), unmapped.header("etag"), "a part of what was checked");
        let bytes = site.download(&format!("{}/annotated", checked.header("location")), &centre);
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        let page = book.worksheet_range("数据").unwrap();
        assert_eq!(page.get_value((0, 3)).unwrap().to_string(), "母校");
        commit(site, &centre, &checked).is(200);
        let rows = roster(site);
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (rows[0].exam_no.as_str(), rows[0].name.as_str(), rows[0].junior_code.as_str()),
            ("9001", "张三", "J01")
        );
    });
}

#[test]
fn hostile_files_are_faults_and_never_ours() {
    on_each_database(|site| {
        let centre = empty_season(site);
        let bomb = {
            use std::io::Write;
            let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
            zip.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
            for _ in 0..65 {
                zip.write_all(&vec![b' '; 1 << 20]).unwrap();
            }
            zip.finish().unwrap().into_inner()
        };
        let wide = vec!["c"; 1_000_000].join(",").into_bytes();
        for (file, bytes) in [
            ("a.xlsx", bomb),
            ("a.xlsx", b"PK\x03\x04".to_vec()),
            ("a.csv", wide),
            ("a.csv", Vec::new()),
            ("a.csv", b"\xFF\xFE\xFD".to_vec()),
            ("a.csv", b"area_code,name\n\"".to_vec()),
            ("a.dbf", b"\x03".to_vec()),
            ("a.xls", b"\xD0\xCF\x11\xE0".to_vec()),
        ] {
            let told = upload(site, &centre, "areas", file, &bytes).is(201).json();
            assert!(told["faults"].as_u64().unwrap() > 0, "{file} {told}");
        }
        let large = site.upload(
            &format!("{IMPORTS}?kind=areas&file_name=a.csv"),
            &centre,
            &vec![b'a'; (64 << 20) + 1],
        );
        assert_eq!(large.is(413).code(), "too_large");
    });
}

#[test]
fn a_folder_goes_into_the_database_and_comes_out_again_with_nothing_in_clear() {
    on_each_database(|site| {
        empty_season(site);
        let brought = site.wait(import_folder(&site.app, &case(""), SEASON)).unwrap();
        assert_eq!(brought.len(), KINDS.len());
        let out = tempfile::tempdir().unwrap();
        site.wait(export_season(&site.app, SEASON, out.path(), Form::Csv(Encoding::Utf8Bom))).unwrap();
        for kind in KINDS {
            assert_eq!(
                cells(&out.path().join(format!("{kind}.csv"))),
                cells(&case(&format!("{kind}.csv"))),
                "{kind}"
            );
        }
        // Once more over itself: nothing changes, and the record still holds (the harness looks).
        site.wait(import_folder(&site.app, out.path(), SEASON)).unwrap();
        // A faulty folder: its good sheets stay, the faulty one is not touched.
        let faulty = tempfile::tempdir().unwrap();
        fs::write(faulty.path().join("scores.csv"), "exam_no\n1\n").unwrap();
        let refused = site.wait(import_folder(&site.app, faulty.path(), SEASON)).unwrap_err();
        assert!(matches!(refused, FolderError::Faults(faults) if !faults.is_empty()));
        if let Some(file) = site.file() {
            let mut bytes = fs::read(&file).unwrap();
            bytes.extend(fs::read(file.with_extension("db-wal")).unwrap_or_default());
            let ids: Vec<String> =
                cells(&case("candidates.csv")).iter().filter_map(|row| row.get("id_no").cloned()).collect();
            assert!(ids.len() > 10);
            for id in ids {
                assert!(
                    !bytes.windows(id.len()).any(|window| window == id.as_bytes()),
                    "an ID number in clear"
                );
            }
        }
    });
}
