//! Preference forms: from the search to the signed print, every refusal, retries, and the deadline.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};
use zhaosheng::domain::form::ReceiptNumber;
use zhaosheng::domain::role::Role;
use zhaosheng::service::app::{App, Caller, OnceKey};
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::forms::submit_form::{Submission, submit_form};
use zhaosheng::service::precondition::Precondition;

use crate::harness::{Answer, Person, SEASON, Site, on_each_database};

/// The pupil of these tests: of J01 in A01, eligible for quota.
const PUPIL: &str = "260101";

pub(crate) fn pupil(site: &Site, exam_no: &str) -> String {
    site.log_in(Role::Candidate, Person { exam_no: Some(exam_no), ..Person::default() })
}

pub(crate) fn form(exam_no: &str, batch: &str) -> String {
    format!("/api/v1/seasons/{SEASON}/candidates/{exam_no}/forms/{batch}")
}

fn list(codes: &[&str]) -> Value {
    json!({ "choices": codes })
}

/// Submits with a fresh key against a version: `0` for the first.
pub(crate) fn submit(site: &Site, token: &str, at: &str, version: i64, codes: &[&str]) -> Answer {
    let key = uuid::Uuid::now_v7().to_string();
    let tag = format!("\"{version}\"");
    let headers = [("If-Match", tag.as_str()), ("Idempotency-Key", key.as_str())];
    site.send("POST", &format!("{at}/versions"), token, &headers, &list(codes))
}

fn codes_of(problem: &Answer) -> Vec<String> {
    let word =
        |error: &Value| format!("{} {}", error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap());
    problem.json()["errors"].as_array().unwrap().iter().map(word).collect()
}

#[test]
fn a_family_goes_from_search_to_a_signed_print() {
    on_each_database(|site| {
        let centre = site.with_city();
        let token = pupil(site, PUPIL);
        let school = site.log_in(Role::JuniorHigh, Person { school: Some("J01"), ..Person::default() });
        site.open_filling(&centre);
        let at = form(PUPIL, "1");
        // What she may list: by pinyin, with the batch's list; P02 lies outside her area but an override names it.
        let search = |query: &str| {
            let found = site.get(&format!("/api/v1/seasons/{SEASON}/programmes?{query}"), &token).is(200);
            let codes =
                found.json()["items"].as_array().unwrap().iter().map(|hit| hit["code"].clone()).collect();
            (codes, found)
        };
        let (found, page): (Vec<Value>, Answer) = search("q=yunl+gj");
        assert_eq!(found, ["P01", "P03"]);
        assert_eq!(page.json()["items"][0]["batches"], json!(["1", "3"]));
        assert_eq!(search("batch=1").0, ["P01", "P02"]);
        assert_eq!(search("area=A03").0, Vec::<Value>::new());
        // Two drafts, one changed.
        let draft = format!("{at}/drafts/%E4%BF%9D%E5%AE%88");
        let new = [("If-None-Match", "*")];
        site.send("PUT", &draft, &token, &new, &list(&["P01"])).is(201);
        let saved = site.send("PUT", &draft, &token, &[("If-Match", "\"1\"")], &list(&["P01", "", "P02"]));
        assert_eq!(saved.is(200).header("etag"), "\"2\"");
        site.send("PUT", &format!("{at}/drafts/b"), &token, &new, &list(&[])).is(201);
        let drafts = site.get(&format!("{at}/drafts"), &token).is(200).json();
        assert_eq!(drafts["items"].as_array().unwrap().len(), 2);
        site.send("DELETE", &format!("{at}/drafts/b"), &token, &[("If-Match", "\"1\"")], &Value::Null)
            .is(204);
        assert_eq!(status(site, &school, PUPIL, "1"), "draft");
        // The check tells remarks and guidance in her language.
        let checked = site.post(&format!("{at}/check"), &token, &list(&["P01", "", "P02"])).is(200).json();
        assert_eq!(checked["faults"], json!([]));
        assert_eq!(checked["warnings"][0]["code"], "blank_slot");
        assert!(checked["guidance"][0]["detail"].as_str().unwrap().starts_with("各校按成绩"));
        // Submitted, submitted again: what was last submitted counts.
        let first = submit(site, &token, &at, 0, &["P01", "", "P02"]).is(201);
        assert_eq!(first.header("etag"), "\"1\"");
        let second = submit(site, &token, &at, 1, &["P02"]).is(201).json();
        let shown = site.get(&at, &token).is(200);
        assert_eq!(shown.header("etag"), "\"2\"");
        assert_eq!((&shown.json()["choices"], &shown.json()["confirmed"]), (&json!(["P02"]), &json!(false)));
        assert_eq!(second["previous"], first.json()["hash"]);
        assert!(second["receipt"].as_str().unwrap().parse::<ReceiptNumber>().is_ok());
        assert!(second["submitted_at"].as_str().unwrap().ends_with("+08:00"));
        // History, and the first version back as a draft.
        let history = site.get(&format!("{at}/versions?limit=1"), &token).is(200);
        assert_eq!(history.json()["items"][0]["version"], 2);
        let next = history.json()["next"].as_str().unwrap().to_owned();
        let older = site.get(&format!("{at}/versions?limit=1&cursor={next}"), &token).is(200).json();
        assert_eq!((&older["items"][0]["version"], &older["next"]), (&json!(1), &Value::Null));
        let back = site.post(&format!("{at}/versions/1/restoration"), &token, &json!({"draft": "第一版"}));
        assert_eq!(back.is(201).json()["choices"], json!(["P01", "", "P02"]));
        let again = site.post(&format!("{at}/versions/1/restoration"), &token, &json!({"draft": "第一版"}));
        assert_eq!(again.is(409).code(), "draft_exists");
        // The school records the signature against the version that was printed.
        assert_eq!(status(site, &school, PUPIL, "1"), "submitted");
        let confirmation = format!("{at}/confirmation");
        let of = |version: i64, hash: &Value| json!({"version": version, "hash": hash});
        let stale = site.post(&confirmation, &school, &of(1, &first.json()["hash"])).is(409);
        assert_eq!(stale.code(), "other_version");
        assert!(stale.json()["detail"].as_str().unwrap().contains("第 2 版"));
        assert_eq!(
            site.post(&confirmation, &school, &of(2, &first.json()["hash"])).is(409).code(),
            "other_version"
        );
        site.post(&confirmation, &school, &of(2, &second["hash"])).is(200);
        site.post(&confirmation, &school, &of(2, &second["hash"])).is(200);
        assert_eq!(status(site, &school, PUPIL, "1"), "confirmed");
        assert_eq!(site.get(&at, &token).is(200).json()["confirmed"], true);
        // A later list is not confirmed by the earlier signature.
        submit(site, &token, &at, 2, &["P01"]).is(201);
        assert_eq!(status(site, &school, PUPIL, "1"), "submitted");
        // Every change was told.
        let notices = site.get(&format!("/api/v1/seasons/{SEASON}/candidates/{PUPIL}/notices"), &token);
        let texts: Vec<String> = notices.is(200).json()["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|notice| notice["text"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(texts.len(), 4, "{texts:?}");
        assert!(texts.iter().all(|text| !text.contains("高级中学") && !text.contains("陈")), "{texts:?}");
    });
}

/// What the board of a school says of a pupil.
fn status(site: &Site, school: &str, exam_no: &str, batch: &str) -> String {
    let board = site.get(&format!("/api/v1/seasons/{SEASON}/form-status"), school).is(200);
    assert!(!board.text.contains("choices") && !board.text.contains("P0"), "{}", board.text);
    let board = board.json();
    let line = board["items"].as_array().unwrap().iter().find(|line| line["exam_no"] == exam_no).unwrap();
    let lists = line["lists"].as_array().unwrap();
    let list = lists.iter().find(|list| list["batch"] == batch).unwrap();
    list["status"].as_str().unwrap().to_owned()
}

#[test]
fn every_refusal_has_its_status_and_code() {
    on_each_database(|site| {
        let centre = site.with_city();
        let token = pupil(site, PUPIL);
        let at = form(PUPIL, "1");
        let versions = format!("{at}/versions");
        let draft = format!("{at}/drafts/a");
        let keyed = |key: &'static str| [("If-None-Match", "*"), ("Idempotency-Key", key)];
        assert_eq!(
            site.send("POST", &versions, &token, &keyed("k0"), &list(&["P01"])).is(409).code(),
            "wrong_phase"
        );
        site.open_filling(&centre);
        assert_eq!(site.get(&at, &token).is(404).code(), "not_found");
        // Preconditions.
        let send = |headers: &[(&str, &str)], codes: &[&str]| {
            site.send("POST", &versions, &token, headers, &list(codes))
        };
        assert_eq!(send(&[("If-None-Match", "*")], &["P01"]).is(428).code(), "precondition_required");
        assert_eq!(send(&[("Idempotency-Key", "k1")], &["P01"]).is(428).code(), "precondition_required");
        assert_eq!(
            send(&[("If-Match", "\"3\""), ("Idempotency-Key", "k1")], &["P01"]).is(412).header("etag"),
            "\"0\""
        );
        assert_eq!(send(&keyed("k1"), &["P01"]).is(201).header("etag"), "\"1\"");
        let stale = send(&keyed("k2"), &["P02"]).is(412);
        assert_eq!((stale.code().as_str(), stale.header("etag")), ("stale", "\"1\""));
        // The same key: the same answer; another body or precondition under it: refused.
        let again = send(&keyed("k1"), &["P01"]).is(201);
        assert_eq!((again.header("etag"), &again.json()["version"]), ("\"1\"", &json!(1)));
        assert_eq!(send(&keyed("k1"), &["P02"]).is(422).code(), "key_reused");
        assert_eq!(
            send(&[("If-Match", "\"1\""), ("Idempotency-Key", "k1")], &["P01"]).is(422).code(),
            "key_reused"
        );
        // All faults of a list at once, in the language asked for.
        let faulty = ["P04", "NONE", "P01", "P01", "P03"];
        let refused = submit(site, &token, &at, 1, &faulty).is(422);
        assert_eq!(
            codes_of(&refused),
            [
                "/choices/0 not_in_this_batch",
                "/choices/1 unknown_programme",
                "/choices/3 duplicate_choice",
                "/choices/4 not_in_this_batch"
            ]
        );
        assert_eq!(refused.json()["errors"][2]["detail"], "与第3志愿重复");
        let english = [("If-Match", "\"1\""), ("Idempotency-Key", "k9"), ("Accept-Language", "en")];
        assert_eq!(send(&english, &faulty).is(422).json()["errors"][2]["detail"], "is already choice 3");
        assert_eq!(codes_of(&submit(site, &token, &at, 1, &["", ""]).is(422)), ["/choices empty_list"]);
        assert_eq!(codes_of(&submit(site, &token, &at, 1, &["P\u{0}1"]).is(422)), ["/choices/0 malformed"]);
        let long = vec!["P01"; 201];
        assert_eq!(codes_of(&submit(site, &token, &at, 1, &long).is(422)), ["/choices too_long"]);
        let out_of_area = form("260220", "2");
        let other = pupil(site, "260220");
        assert_eq!(
            codes_of(&submit(site, &other, &out_of_area, 0, &["P04"]).is(422)),
            ["/choices/0 out_of_scope"]
        );
        // The list of the supplementary round is not taken while the first lists are.
        assert_eq!(submit(site, &token, &form(PUPIL, "3"), 0, &["P01"]).is(409).code(), "not_open");
        assert_eq!(submit(site, &token, &form(PUPIL, "9"), 0, &["P01"]).is(404).code(), "not_found");
        // Drafts.
        let put = |headers: &[(&str, &str)], body: &Value| site.send("PUT", &draft, &token, headers, body);
        assert_eq!(put(&[], &list(&[])).is(428).code(), "precondition_required");
        assert_eq!(put(&[("If-Match", "\"1\"")], &list(&[])).is(412).header("etag"), "\"0\"");
        put(&[("If-None-Match", "*")], &list(&["X", ""])).is(201);
        assert_eq!(put(&[("If-None-Match", "*")], &list(&[])).is(412).header("etag"), "\"1\"");
        assert_eq!(
            codes_of(&put(&[("If-Match", "\"1\"")], &list(&["a b"])).is(422)),
            ["/choices/0 malformed"]
        );
        assert_eq!(put(&[("If-Match", "\"1\"")], &json!({"choices": 7})).is(400).code(), "malformed");
        let name = format!("{at}/drafts/{}", "n".repeat(41));
        let refused = site.send("PUT", &name, &token, &[("If-None-Match", "*")], &list(&[]));
        assert_eq!(refused.is(422).code(), "invalid");
        let gone = format!("{at}/drafts/gone");
        assert_eq!(
            site.send("DELETE", &gone, &token, &[("If-Match", "\"1\"")], &Value::Null).is(404).code(),
            "not_found"
        );
        assert_eq!(
            site.send("DELETE", &draft, &token, &[], &Value::Null).is(428).code(),
            "precondition_required"
        );
        for number in 1..20 {
            let path = format!("{at}/drafts/d{number}");
            site.send("PUT", &path, &token, &[("If-None-Match", "*")], &list(&[])).is(201);
        }
        let path = format!("{at}/drafts/last");
        let refused = site.send("PUT", &path, &token, &[("If-None-Match", "*")], &list(&[]));
        assert_eq!(refused.is(409).code(), "too_many_drafts");
        // The school signs only what was submitted.
        let school = site.log_in(Role::JuniorHigh, Person { school: Some("J01"), ..Person::default() });
        let unsent = format!("{}/confirmation", form("260102", "1"));
        let body = json!({"version": 1, "hash": ""});
        assert_eq!(site.post(&unsent, &school, &body).is(409).code(), "not_submitted");
        // A zero character reaches no database.
        for path in [form("26%000101", "1"), format!("{at}/drafts/a%00b"), form(PUPIL, "1%00")] {
            let refused = site.get(&path, &token);
            assert!((400..500).contains(&refused.status), "{} {}", refused.status, refused.text);
        }
    });
}

#[test]
fn forms_are_sealed_from_everybody_but_their_owner() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let at = form(PUPIL, "1");
        submit(site, &pupil(site, PUPIL), &at, 0, &["P01"]).is(201);
        let of = |role, person| site.log_in(role, person);
        let school = |code| Person { school: Some(code), ..Person::default() };
        let others = [
            (pupil(site, "260102"), 404),
            (of(Role::JuniorHigh, school("J01")), 403),
            (of(Role::SeniorHigh, school("S01")), 403),
            (of(Role::CountyBureau, Person { area: Some("A01"), ..Person::default() }), 403),
            (of(Role::Supervisor, Person::default()), 403),
            (centre.clone(), 403),
        ];
        for (token, status) in &others {
            for path in [at.clone(), format!("{at}/versions"), format!("{at}/drafts")] {
                assert!(!site.get(&path, token).is(*status).text.contains("P01"));
            }
            let body = list(&["P01"]);
            let headers = [("If-Match", "\"1\""), ("Idempotency-Key", "x")];
            site.send("POST", &format!("{at}/versions"), token, &headers, &body).is(*status);
        }
        // The board: its own pupils to a junior high, to nobody else anything.
        let board = format!("/api/v1/seasons/{SEASON}/form-status");
        for (token, _) in others.iter().filter(|(_, status)| *status == 403).skip(1) {
            site.get(&board, token).is(403);
        }
        let other = site.get(&board, &of(Role::JuniorHigh, school("J02"))).is(200);
        assert!(!other.text.contains(PUPIL));
        let body = json!({"version": 1, "hash": ""});
        let signed = site.post(&format!("{at}/confirmation"), &of(Role::JuniorHigh, school("J02")), &body);
        assert_eq!(signed.is(404).code(), "not_found");
        // An office's search tells what is offered, and nothing of demand.
        let found = site.get(&format!("/api/v1/seasons/{SEASON}/programmes?q=P01"), &centre).is(200).json();
        let keys: Vec<&String> = found["items"][0].as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            ["code", "name", "school_code", "school_name", "area_code", "seats", "batches", "quota"]
        );
    });
}

/// A caller and what it submits, for calling the use case directly.
pub(crate) fn submission(exam_no: &str, codes: &[&str]) -> Submission {
    Submission {
        season: SEASON.to_owned(),
        exam_no: exam_no.to_owned(),
        batch: "1".to_owned(),
        choices: codes.iter().map(|&code| code.to_owned()).collect(),
    }
}

pub(crate) fn once(key: &str, submission: &Submission, version: i64) -> OnceKey {
    OnceKey::new(key.to_owned(), "submit_form", &(submission, version))
}

pub(crate) async fn send(
    app: &App,
    caller: &Caller,
    key: &str,
    of: Submission,
    version: i64,
) -> Result<i64, ServiceError> {
    let key = once(key, &of, version);
    let held = Precondition::Match(vec![version.to_string()]);
    submit_form(app, caller, of, held, key).await.map(|row| row.version)
}

#[test]
fn a_retry_storm_makes_one_version_of_each_form() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        // The pupils of area A01 whose forms are sent, each in five rounds.
        let pupils = ["260101", "260102", "260103", "260104", "260105", "260106"];
        let callers: Vec<(String, Caller, String)> = pupils
            .iter()
            .map(|exam_no| {
                let caller =
                    site.caller(Role::Candidate, Person { exam_no: Some(exam_no), ..Person::default() });
                let token = site.app.tokens().issue(&caller, site.app.about_now_ms());
                ((*exam_no).to_owned(), caller, token)
            })
            .collect();
        let mut in_flight = 0;
        for round in 0..5 {
            std::thread::scope(|scope| {
                let sends = callers.iter().enumerate().map(|(at, (exam_no, _, token))| {
                    scope.spawn(move || {
                        let body = list([&["P01"][..], &["", "P01"]][round % 2]);
                        let key = format!("{exam_no}-{round}");
                        let tag = format!("\"{round}\"");
                        let path = format!("{}/versions", form(exam_no, "1"));
                        // One is cut off in mid-answer, the others come at once.
                        cut_off(site, &path, token, &key, &tag, &body);
                        let answers: Vec<u16> = std::thread::scope(|scope| {
                            let one = || {
                                let headers = [("If-Match", tag.as_str()), ("Idempotency-Key", key.as_str())];
                                site.send("POST", &path, token, &headers, &body).status
                            };
                            let each: Vec<_> = (0..1 + (at + round) % 4).map(|_| scope.spawn(one)).collect();
                            each.into_iter().map(|one| one.join().unwrap()).collect()
                        });
                        assert!(answers.iter().all(|status| [201, 409].contains(status)), "{answers:?}");
                        // Whoever was told "in flight" asks again and gets the same answer.
                        let headers = [("If-Match", tag.as_str()), ("Idempotency-Key", key.as_str())];
                        let mut last = site.send("POST", &path, token, &headers, &body);
                        for _ in 0..100 {
                            if last.status != 409 {
                                break;
                            }
                            assert_eq!(last.code(), "in_flight");
                            std::thread::sleep(std::time::Duration::from_millis(20));
                            last = site.send("POST", &path, token, &headers, &body);
                        }
                        assert_eq!(last.is(201).json()["version"], round as i64 + 1);
                        answers.iter().filter(|status| **status == 409).count()
                    })
                });
                let sends: Vec<_> = sends.collect();
                in_flight += sends.into_iter().map(|one| one.join().unwrap()).sum::<usize>();
            });
        }
        println!("{}: {in_flight} told in flight", site.kind);
        for (exam_no, _, token) in &callers {
            let history = site.get(&format!("{}/versions", form(exam_no, "1")), token).is(200).json();
            let versions: Vec<i64> = history["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|version| version["version"].as_i64().unwrap())
                .collect();
            assert_eq!(versions, [5, 4, 3, 2, 1], "{exam_no}");
        }
    });
}

/// Sends a submission and goes away before the answer.
fn cut_off(site: &Site, path: &str, token: &str, key: &str, tag: &str, body: &Value) {
    let body = body.to_string();
    let host = site.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         If-Match: {tag}\r\nIdempotency-Key: {key}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    if key.ends_with(['0', '2']) {
        // Some wait for the first bytes, some for nothing.
        let _read = stream.read(&mut [0; 8]);
    }
}

#[test]
fn of_two_devices_one_is_told_that_it_is_stale() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let caller = site.caller(Role::Candidate, Person { exam_no: Some(PUPIL), ..Person::default() });
        for version in 0..20 {
            let (a, b) = (format!("a{version}"), format!("b{version}"));
            let both = site.wait(async {
                tokio::join!(
                    send(&site.app, &caller, &a, submission(PUPIL, &["P01"]), version),
                    send(&site.app, &caller, &b, submission(PUPIL, &["P02"]), version),
                )
            });
            let stale = ServiceError::Stale { etag: (version + 1).to_string() };
            assert!(
                both == (Ok(version + 1), Err(stale.clone())) || both == (Err(stale), Ok(version + 1)),
                "{both:?}"
            );
        }
    });
}
