//! Canaries: invented people whose ID numbers, phones and names must turn up nowhere they do not belong.
//!
//! `CANARIES=10000 cargo test --test api canary` plants as many as issue 3 asks.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;
use zhaosheng::domain::role::Role;
use zhaosheng::service::accounts::set_guardian_phone::set_guardian_phone;

use crate::harness::{Person, SEASON, Site, on_each_database};
use crate::imports::{bring, empty_season, sheet, upload};

/// What `CANARIES` says (10,000 in the full run), or less.
fn canaries(bounded: usize) -> usize {
    std::env::var("CANARIES").map_or(bounded, |number| number.parse().unwrap())
}

/// People of the roster.
fn people() -> usize {
    canaries(4_000)
}

/// How many of them file a phone.
fn phones() -> usize {
    canaries(500)
}

/// Everything that is logged while the test runs, by whatever test of this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'l> MakeWriter<'l> for Log {
    type Writer = Log;

    fn make_writer(&'l self) -> Log {
        self.clone()
    }
}

fn exam_no(at: usize) -> String {
    format!("77{at:05}")
}

/// A right number of GB 11643 in a place that does not exist.
fn id_no(at: usize) -> String {
    let front = format!("9999{:02}2010{:02}{:02}{:03}", at % 90, 1 + at % 12, 1 + at % 28, at / 90 % 1000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = front.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{front}{}", char::from(b"10X98765432"[sum as usize % 11]))
}

fn phone(at: usize) -> String {
    format!("19{:09}", 770_000_000 + at * 7)
}

/// Three characters that stand in no other word of this program.
fn name(at: usize) -> String {
    let sign = |number: usize| char::from_u32(0x3400 + number as u32).unwrap();
    [sign(at % 90), sign(100 + at / 90 % 90), sign(200 + at / 8100)].iter().collect()
}

fn roster() -> Vec<u8> {
    let mut text =
        String::from("exam_no,name,sex,id_no,junior_code,area_code,register_from,attended,repeat,local\n");
    for at in 0..people() {
        let line =
            [&exam_no(at), &name(at), "", &id_no(at), "J01", "A01", "2023-09-01", "1", "0", "1"].join(",");
        text.push_str(&line);
        text.push('\n');
    }
    text.into_bytes()
}

/// The first canary that stands in a text, by what it is.
fn found(text: &[u8], kinds: &[&str]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    // Every run of digits of the right length is looked up at once, so that thousands of people cost one pass.
    let ids: BTreeSet<String> = (0..people()).map(|at| id_no(at)[..17].to_owned()).collect();
    let told: BTreeSet<String> = (0..phones()).map(phone).collect();
    let names: BTreeSet<String> = (0..people()).map(name).collect();
    let signs: Vec<char> = text.chars().collect();
    let spoken = |length: usize, all: &BTreeSet<String>, fits: fn(char) -> bool| {
        signs
            .windows(length)
            .filter(|window| window.iter().all(|sign| fits(*sign)))
            .map(|window| window.iter().collect::<String>())
            .find(|word| all.contains(word))
    };
    let digit = |sign: char| sign.is_ascii_digit();
    let rare = |sign: char| ('\u{3400}'..'\u{3600}').contains(&sign);
    kinds.iter().find_map(|kind| match *kind {
        "id" => spoken(17, &ids, digit),
        "phone" => spoken(11, &told, digit),
        _ => spoken(3, &names, rare),
    })
}

/// Everything in the database as a superuser or a thief of the disk reads it.
pub(crate) fn stolen(site: &Site) -> Vec<u8> {
    match site.file() {
        Some(file) => {
            let mut bytes = std::fs::read(&file).unwrap();
            bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
            bytes
        }
        None => {
            let tool = std::fs::read_dir("/usr/lib/postgresql")
                .ok()
                .and_then(|versions| versions.flatten().map(|one| one.path().join("bin/pg_dump")).max())
                .filter(|path| path.exists());
            let Some(tool) = tool else {
                eprintln!("the dump is left out: there is no pg_dump");
                return Vec::new();
            };
            let dump = Command::new(tool).args(["--inserts", &site.url]).output().unwrap();
            assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
            dump.stdout
        }
    }
}

#[test]
fn no_canary_leaves_its_place() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().json().with_writer(log.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).expect("no other test sets one");
    on_each_database(|site| {
        let centre = empty_season(site);
        for kind in ["areas", "junior_schools", "senior_schools", "programmes"] {
            bring(site, &centre, kind, &sheet(&format!("{kind}.csv")));
        }
        bring(site, &centre, "candidates", &roster());
        let mut errors = Vec::new();
        // A faulty roster: its faults may name exam numbers, never whose they are.
        let faulty = String::from_utf8(roster()).unwrap().replace("A01,2023", "A99,2023");
        let refused = upload(site, &centre, "candidates", "faulty.csv", faulty.as_bytes());
        errors.push(refused.text);
        let faulty = String::from_utf8(roster()).unwrap().replace(",9999", ",8888");
        errors.push(upload(site, &centre, "candidates", "faulty.csv", faulty.as_bytes()).text);
        for at in 0..phones() {
            let number = exam_no(at);
            let own = site.caller(Role::Candidate, Person { exam_no: Some(&number), ..Person::default() });
            site.wait(set_guardian_phone(&site.app, &own, SEASON.to_owned(), number, phone(at))).unwrap();
        }
        // Requests that carry a canary where it does not belong, and all kinds of refusal.
        for at in 0..50 {
            let (id, phone, name) = (id_no(at), phone(at), name(at));
            let requests = [
                ("POST", "/api/v1/sessions".to_owned(), json!({"login": id, "password": phone})),
                (
                    "POST",
                    "/api/v1/sessions".to_owned(),
                    json!({"login": id, "password": phone, "more": name}),
                ),
                ("POST", "/api/v1/sessions".to_owned(), json!([id, phone, name])),
                ("GET", format!("/api/v1/seasons/{SEASON}/candidates/{id}"), Value::Null),
                ("GET", format!("/api/v1/seasons/{SEASON}/candidates?cursor={phone}"), Value::Null),
                ("GET", format!("/api/v1/seasons/{SEASON}/candidates?limit={id}"), Value::Null),
                ("POST", "/api/v1/accounts".to_owned(), json!({"login": name, "name": name, "role": id})),
                ("PUT", format!("/api/v1/nothing/{phone}"), Value::Null),
            ];
            for (method, path, body) in requests {
                let answer = site.send(method, &path, &centre, &[("Idempotency-Key", &id)], &body);
                if answer.status >= 400 {
                    errors.push(format!("{} {:?}", answer.text, answer.headers));
                }
            }
            site.get(&format!("/api/v1/seasons/{SEASON}/candidates/{}", exam_no(at)), &centre).is(200);
        }
        assert!(errors.len() > 300, "{}", errors.len());
        assert_eq!(found(errors.join("\n").as_bytes(), &["id", "phone", "name"]), None, "in an error's body");
        let listed = site.get(&format!("/api/v1/seasons/{SEASON}/candidates?limit=200"), &centre).is(200);
        assert_eq!(found(listed.text.as_bytes(), &["id", "phone", "name"]), None, "in a list");
        let logged = log.0.lock().unwrap().clone();
        assert!(logged.len() > 1000, "the log was caught");
        assert_eq!(found(&logged, &["id", "phone", "name"]), None, "in the log");
        let stolen = stolen(site);
        assert_eq!(found(&stolen, &["id", "phone"]), None, "in the database on {}", site.kind);
        // The search can find: names stand in the database as they are.
        assert!(stolen.is_empty() || found(&stolen, &["name"]).is_some());
    });
}
