//! Registers of other departments asked on line: a file, a service, one that is down, one that is too slow.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use zhaosheng::domain::role::Role;
use zhaosheng::service::app::Registers;
use zhaosheng::service::compulsory::registers::load_registers::load_registers;

use crate::entries::{AT, Child, bring, entry, family};
use crate::harness::{Answer, Person, Site, on_each_database, serve};
use crate::operation::Served;

/// A register's service; the number of requests is counted.
struct Service {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Service {
    /// Answers each question by the child's number of identity; no answer at all where `known` says so.
    fn start(known: impl Fn(&str) -> Option<&'static str> + Send + 'static) -> Service {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", socket.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let seen = asked.clone();
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in socket.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(&mut stream);
                let (mut line, mut length) = (String::new(), 0);
                while line != "\r\n" {
                    line.clear();
                    reader.read_line(&mut line).unwrap();
                    if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = number.trim().parse().unwrap();
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let body: Value = serde_json::from_slice(&body).unwrap();
                seen.fetch_add(1, Ordering::SeqCst);
                let questions = body["questions"].as_array().unwrap().iter();
                let answers: Option<Vec<Value>> = questions
                    .map(|one| Some(json!({"no": one["no"], "comparison": known(one["id_no"].as_str()?)?})))
                    .collect();
                let Some(answers) = answers else {
                    open.push(stream);
                    continue;
                };
                let text = json!({"format": "register_answers/1", "day": "2021-07-21", "answers": answers});
                let text = text.to_string();
                let head =
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", text.len());
                // A client that has gone away is its own affair.
                let _gone = stream.write_all((head + &text).as_bytes());
            }
        });
        Service { url, asked }
    }
}

/// `registers.toml` of four registers: the police's service, housing by a file, one that is down, one too slow.
fn settings(place: &Path, children: &[Child], police: &str, slow: &str) -> PathBuf {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut extract = "id_no,name,fact,address\n".to_owned();
    for child in children.iter().filter(|child| ["C01", "C04"].contains(&child.number.as_str())) {
        extract += &format!("{},{},property,\n", child.id_no, child.name);
    }
    fs::write(place.join("housing.csv"), extract).unwrap();
    fs::write(place.join("token"), "a-bearer-token").unwrap();
    let http = |source: &str, facts: &str, url: &str| {
        format!(
            "[[register]]\nsource = \"{source}\"\nfacts = [{facts}]\n[register.http]\nurl = \"{url}\"\n\
             token_file = \"token\"\ntries = 1\ntimeout_ms = {}\n",
            if source == "market" { 300 } else { 20_000 }
        )
    };
    let text = [
        "format = \"registers/1\"\n".to_owned(),
        http("police", "\"household\", \"residence_permit\"", police),
        "[[register]]\nsource = \"housing\"\nfacts = [\"property\"]\n[register.file]\npath = \"housing.csv\"\n\
         day = \"2021-07-20\"\n"
            .to_owned(),
        http("social_security", "\"employment\"", &format!("http://{nobody}/")),
        http("market", "\"business\"", slow),
    ];
    let file = place.join("registers.toml");
    fs::write(&file, text.concat()).unwrap();
    file
}

/// Another instance over the same database, with registers.
fn connected(site: &Site, settings: &Path, patience: Duration) -> String {
    let asked = load_registers(settings).unwrap();
    serve(site.app.clone().with_registers(Registers { asked, patience }))
}

fn ask(site: &Site, base: &str, token: &str, key: &str, body: &Value) -> Answer {
    let at = format!("{AT}/evidence-comparisons");
    let headers: &[(&str, &str)] = if key.is_empty() { &[] } else { &[("Idempotency-Key", key)] };
    site.send_to(base, "POST", &at, token, headers, body)
}

/// The rows of evidence: child, fact and source, and what stands beside them.
fn evidence(site: &Site, token: &str) -> String {
    site.get(&format!("{AT}/entry-sheets/evidence"), token).is(200).text
}

/// Fails if a text tells who a child is.
#[track_caller]
fn names_nobody(text: &str, children: &[Child]) {
    for child in children {
        assert!(!text.contains(&child.name), "{text}");
        assert!(child.id_no.is_empty() || !text.contains(&child.id_no), "{text}");
    }
}

#[test]
fn registers_are_asked_on_line_and_what_people_decided_stays() {
    on_each_database(|site| {
        let (centre, children) = entry(site, "yicheng");
        let all = json!({});
        let refused = ask(site, &site.base, &centre, "none", &all).is(409);
        assert_eq!(refused.code(), "no_registers", "the service without registers says so");
        let second = children.iter().find(|child| child.number == "C02").unwrap().id_no.clone();
        let police = Service::start(move |id| Some(if id == second { "mismatch" } else { "match" }));
        let slow = Service::start(|_| None);
        let place = tempfile::tempdir().unwrap();
        let settings = settings(place.path(), &children, &police.url, &slow.url);
        let base = connected(site, &settings, Duration::from_secs(20));

        ask(site, &base, &centre, "", &all).is(428);
        ask(site, &base, &family(site, "C01"), "k", &all).is(403);
        ask(site, &base, &site.log_in(Role::Supervisor, Person::default()), "k", &all).is(403);
        let stranger = site.log_in(Role::CountyBureau, Person { area: Some("A77"), ..Person::default() });
        ask(site, &base, &stranger, "k", &all).is(404);
        ask(site, &base, &stranger, "k", &json!({"exam_no": "C01"})).is(404);
        ask(site, &base, &centre, "k", &json!({"exam_no": "nobody"})).is(404);
        ask(site, &base, &centre, "k", &json!({"exam_no": "C01\u{0}"})).is(404);
        ask(site, &base, &centre, "k", &json!({"child": "C01"})).is(400);
        assert_eq!(police.asked.load(Ordering::SeqCst), 0, "nobody was asked for those who may not");

        let bureau = site.log_in(Role::CountyBureau, Person { area: Some("county"), ..Person::default() });
        let before = evidence(site, &centre);
        let answer = ask(site, &base, &bureau, "first", &all).is(200);
        names_nobody(&answer.text, &children);
        let count = |source: &str, [same, mismatch, not_found, unavailable]: [u64; 4]| {
            json!({"source": source, "match": same, "mismatch": mismatch, "not_found": not_found,
                "unavailable": unavailable})
        };
        // As the folder is asked (tests/entry/registers.rs): fourteen, six of which one is decided, four and four.
        let expected = json!({
            "registers": [
                count("police", [13, 1, 0, 0]), count("housing", [2, 0, 3, 0]),
                count("social_security", [0, 0, 0, 4]), count("market", [0, 0, 0, 4]),
            ],
            "decided": 1, "unasked": 0, "earlier": 2, "dropped": 0,
        });
        assert_eq!(answer.json(), expected);
        let after = evidence(site, &centre);
        for row in [
            "\nC02,household,police,mismatch,,,2021-07-21\n",
            "\nC09,household,police,match,,,2021-07-21\n",
            "\nC01,property,housing,match,,,2021-07-20\n",
            "\nC12,property,housing,not_found,,,2021-07-20\n",
            // What a person decided, and what was answered before the register went down.
            "\nC08,property,housing,mismatch,accepted,不动产权证原件已核，登记系统姓名有误,\n",
            "\nC03,martyr,papers,not_found,accepted,证明原件已核,\n",
            "\nC05,employment,social_security,match,,,\n",
            "\nC03,employment,social_security,unavailable,,,\n",
            "\nC03,business,market,unavailable,,,\n",
        ] {
            assert!(after.contains(row), "{row} not in {after}");
        }
        assert!(before.contains("C09,household,police,unavailable") && before != after);

        // The same key asks nobody again, and stands for nothing else.
        assert_eq!(ask(site, &base, &bureau, "first", &all).is(200).json(), expected);
        assert_eq!(police.asked.load(Ordering::SeqCst), 1);
        ask(site, &base, &bureau, "first", &json!({"exam_no": "C01"})).is(422);

        // The human path is open where registers are down; what is decided then is not asked again.
        let decision = json!({"fact": "employment", "source": "social_security", "accepted": true, "reason": "社保凭证已核"});
        site.post(&format!("{AT}/children/C03/decisions"), &bureau, &decision).is(204);
        let one = ask(site, &base, &bureau, "one", &json!({"exam_no": "C03"})).is(200).json();
        assert_eq!(one["registers"][0], count("police", [1, 0, 0, 0]), "{one}");
        assert_eq!(one["registers"][2], count("social_security", [0, 0, 0, 0]), "{one}");
        assert_eq!((&one["decided"], &one["earlier"]), (&json!(1), &json!(0)), "{one}");
        assert!(
            evidence(site, &centre)
                .contains("C03,employment,social_security,unavailable,accepted,社保凭证已核")
        );

        // It is on the record, in numbers.
        let supervisor = site.log_in(Role::Supervisor, Person::default());
        let lines = site.get("/api/v1/audit-lines?limit=100", &supervisor).is(200);
        let acts: Vec<Value> = lines.json()["items"].as_array().unwrap().to_vec();
        let acts: Vec<&Value> = acts.iter().filter(|line| line["act"] == "ask_registers").collect();
        // Lines about one child are in a chain of their own.
        assert_eq!(acts.len(), 1);
        assert_eq!(acts[0]["subject"], "sheet:evidence", "{acts:?}");
        names_nobody(&format!("{acts:?}"), &children);
    });
}

#[test]
fn what_changed_while_registers_were_asked_is_dropped_and_nobody_is_asked_twice() {
    on_each_database(|site| {
        let (centre, children) = entry(site, "yicheng");
        let (tell, told) = channel();
        let (go, wait) = channel();
        let (tell, wait) = (Mutex::new(tell), Mutex::new(wait));
        let begun = AtomicUsize::new(0);
        // Holds its first answer until it is let go, and knows nobody.
        let police = Service::start(move |_| {
            if begun.fetch_add(1, Ordering::SeqCst) == 0 {
                tell.lock().unwrap().send(()).unwrap();
                wait.lock().unwrap().recv().unwrap();
            }
            Some("not_found")
        });
        let slow = Service::start(|_| None);
        let place = tempfile::tempdir().unwrap();
        let settings = settings(place.path(), &children, &police.url, &slow.url);
        let base = connected(site, &settings, Duration::from_millis(200));
        let all = json!({});
        assert_eq!(ask(site, &base, &centre, "long", &all).is(202).text, "", "it is not waited for for ever");
        told.recv_timeout(Duration::from_secs(20)).expect("the police are asked");
        for key in ["long", "other"] {
            assert_eq!(ask(site, &base, &centre, key, &all).is(409).code(), "in_flight");
        }
        // A child moves, a person decides about another.
        let sheet = String::from_utf8(crate::entries::children("yicheng").1).unwrap();
        assert!(sheet.contains("C01,primary,A01,"), "{sheet}");
        let moved = sheet.replace("C01,primary,A01,", "C01,primary,A02,");
        bring(site, &centre, "children", "children.csv", moved.as_bytes(), false).is(200);
        let decision =
            json!({"fact": "household", "source": "police", "accepted": true, "reason": "户口簿原件已核"});
        site.post(&format!("{AT}/children/C02/decisions"), &centre, &decision).is(204);
        go.send(()).unwrap();
        let answer = (0..200).find_map(|_| {
            std::thread::sleep(Duration::from_millis(50));
            let answer = ask(site, &base, &centre, "long", &all);
            assert!([200, 202, 409].contains(&answer.status), "{}", answer.text);
            (answer.status == 200).then(|| answer.json())
        });
        let answer = answer.expect("the work went on without its caller");
        assert_eq!((&answer["dropped"], &answer["decided"]), (&json!(2), &json!(2)), "{answer}");
        assert_eq!(answer["registers"][0]["not_found"], 12, "{answer}");
        let after = evidence(site, &centre);
        for row in [
            "\nC01,household,police,match,,,\n",
            "\nC02,household,police,match,accepted,户口簿原件已核,\n",
            "\nC07,household,police,not_found,,,2021-07-21\n",
        ] {
            assert!(after.contains(row), "{row} not in {after}");
        }
        assert_eq!(police.asked.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn serve_reads_its_registers_at_the_start_and_logs_nothing_of_anybody() {
    on_each_database(|site| {
        let (centre, children) = entry(site, "yicheng");
        let place = tempfile::tempdir().unwrap();
        let police = Service::start(|_| Some("match"));
        let slow = Service::start(|_| None);
        let settings = settings(place.path(), &children, &police.url, &slow.url);
        let path = settings.to_str().unwrap();
        let key_file = site.key_file();
        let served = Served::start(&site.url, key_file.to_str().unwrap(), &["--registers", path]);
        // Any other instance reads the same tokens.
        let answer = ask(site, &served.base, &centre, "logged", &json!({})).is(200);
        assert_eq!(answer.json()["registers"][0]["match"], 14);
        ask(site, &served.base, &centre, "other", &json!({"exam_no": children[0].id_no})).is(404);
        let log = served.log();
        assert!(log.contains("evidence-comparisons"), "{log}");
        names_nobody(&log, &children);
        assert!(!log.contains("a-bearer-token"));

        // Everything that is wrong is told at once, and no service begins.
        fs::write(place.path().join("token"), "two\nlines").unwrap();
        fs::write(place.path().join("housing.csv"), format!("id_no,name\n{},x\n", children[0].id_no))
            .unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
            .args(["serve", "--bind", "127.0.0.1:0", "--database", &site.url, "--registers", path])
            .args(["--key-file", key_file.to_str().unwrap()])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("housing.csv") && told.matches("token").count() >= 3, "{told}");
        names_nobody(&told, &children);
    });
}
