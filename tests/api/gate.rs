//! The gate before a publication: forged results, missing and doubled signatures, killed instances, and silence.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use diesel::prelude::*;
use serde_json::{Value, json};
use zhaosheng::domain::role::Role;
use zhaosheng::service::runs::published_result::Published;
use zhaosheng::service::runs::work_runs::{Worker, work_on_one};
use zhaosheng::service::secrets::field_cipher::Place;
use zhaosheng::service::secrets::result_key::{KeyPart, ResultKey};
use zhaosheng::storage::error::StorageError;
use zhaosheng::storage::run_files::RunFileRow;
use zhaosheng::storage::{clock, run_leases, runs, schema};

use crate::access_matrix::{address, operations, somebody};
use crate::harness::{Person, SEASON, Site, on_each_database, time};
use crate::results::{Offices, approval, approved, filled, frozen, parts, placed, publish};

const AT: &str = "/api/v1/seasons/2026";

/// A small generator: the tests need many different choices, not good ones.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

fn ready(site: &Site) -> (Offices, Value, Value) {
    let offices = filled(site);
    frozen(site, &offices);
    let run = placed(site, &offices);
    approved(site, &offices, &run);
    let parts = parts(site, &offices, &run, [0, 1]);
    site.move_clock(&offices.centre, site.season_now_ms() + 120_000);
    (offices, run, parts)
}

fn files(site: &Site) -> Vec<RunFileRow> {
    site.write(|connection| {
        Ok(schema::run_files::table
            .order((schema::run_files::path, schema::run_files::number))
            .select(RunFileRow::as_select())
            .load(connection)
            .map_err(StorageError::from)?)
    })
}

fn put(site: &Site, row: &RunFileRow) {
    let row = row.clone();
    site.write(move |connection| {
        let key = (&row.run, &row.path, row.number);
        diesel::delete(schema::run_files::table.find(key)).execute(connection).map_err(StorageError::from)?;
        if !row.content.is_empty() {
            diesel::insert_into(schema::run_files::table)
                .values(&row)
                .execute(connection)
                .map_err(StorageError::from)?;
        }
        Ok(())
    });
}

/// Results forged, so many on SQLite; `FORGERIES=1000` for the whole of it.
fn forgeries() -> usize {
    std::env::var("FORGERIES").ok().and_then(|forgeries| forgeries.parse().ok()).unwrap_or(80)
}

#[test]
fn no_forged_result_passes_the_gate() {
    on_each_database(|site| {
        let (mut offices, run, key_parts) = ready(site);
        let files = files(site);
        let open = |at: &str| KeyPart::parse(key_parts[at].as_str().unwrap()).unwrap();
        let key = ResultKey::join(&open("one"), &open("other")).unwrap();
        let tries = if site.kind == "sqlite" { forgeries() } else { forgeries() / 2 };
        let mut chance = Chance(7);
        let mut refusals: BTreeSet<String> = BTreeSet::new();
        for number in 0..tries {
            if number % 50 == 0 {
                // A token lives a few minutes.
                offices.centre = site.centre();
            }
            let at = chance.below(files.len());
            let row = &files[at];
            let place_key = format!("{}/{}/{}", row.run, row.path, row.number);
            let place = Place { table: "run_files", column: "content", row: &place_key };
            let content = key.open(place, &row.content).unwrap();
            let mut forged = row.clone();
            match number % 5 {
                // Somebody with the key writes other content: every kind of byte of every file.
                0..=2 => {
                    let mut other = content.clone();
                    match chance.below(4) {
                        0 => {
                            let at = chance.below(other.len());
                            other[at] = other[at].wrapping_add(1);
                        }
                        1 => other.truncate(chance.below(other.len())),
                        2 => other.extend_from_slice(b"260101,1,P01,open,1,700\n"),
                        _ => {
                            let at = chance.below(other.len());
                            other.rotate_left(at.max(1));
                        }
                    }
                    if other == content {
                        other.push(b'0');
                    }
                    forged.content = key.seal(place, &other);
                }
                // A part is gone, or is another one's.
                3 => forged.content = String::new(),
                _ => forged.content = files[(at + 1) % files.len()].content.clone(),
            }
            put(site, &forged);
            let refused = publish(site, &offices, &key_parts).is(409);
            refusals.insert(refused.code());
            assert_eq!(
                site.get(&format!("{AT}/publications"), &offices.centre).json(),
                json!([]),
                "{number}"
            );
            put(site, row);
        }
        assert!(refusals.iter().all(|code| ["gate", "no_key"].contains(&code.as_str())), "{refusals:?}");
        consistent_forgeries_are_refused(site, &offices, &run, &key_parts);
        publish(site, &offices, &key_parts).is(201);
    });
}

/// Somebody who can write everything names another root everywhere: in the run and under the signatures.
fn consistent_forgeries_are_refused(site: &Site, offices: &Offices, run: &Value, key_parts: &Value) {
    let id = run["id"].as_str().unwrap().to_owned();
    let before = site.write(move |connection| Ok(runs::find(connection, SEASON, &id)?.unwrap()));
    for (root, leaves_root, input_hash) in [
        ("0".repeat(64), before.leaves_root.clone(), before.input_hash.clone()),
        (before.root.clone(), "0".repeat(64), before.input_hash.clone()),
        (before.root.clone(), before.leaves_root.clone(), "0".repeat(64)),
    ] {
        let set = |root: String, leaves_root: String, input_hash: String| {
            let id = before.id.clone();
            site.write(move |connection| {
                diesel::update(schema::runs::table.find(id))
                    .set((
                        schema::runs::root.eq(root),
                        schema::runs::leaves_root.eq(leaves_root),
                        schema::runs::input_hash.eq(input_hash),
                    ))
                    .execute(connection)
                    .map_err(StorageError::from)?;
                Ok(())
            });
        };
        set(root, leaves_root, input_hash);
        assert_eq!(publish(site, offices, key_parts).is(409).code(), "not_approved");
        set(before.root.clone(), before.leaves_root.clone(), before.input_hash.clone());
    }
    // Marks changed behind the service's back, after the freeze.
    let marks = site.write(|connection| {
        Ok(schema::scores::table
            .order(schema::scores::exam_no)
            .select((schema::scores::exam_no, schema::scores::marks))
            .first::<(String, String)>(connection)
            .map_err(StorageError::from)?)
    });
    let set = |marks: (String, String)| {
        site.write(move |connection| {
            diesel::update(schema::scores::table.find((SEASON, marks.0)))
                .set(schema::scores::marks.eq(marks.1))
                .execute(connection)
                .map_err(StorageError::from)?;
            Ok(())
        });
    };
    let mut other: Value = serde_json::from_str(&marks.1).unwrap();
    other["chinese"] = json!("1");
    set((marks.0.clone(), other.to_string()));
    assert_eq!(publish(site, offices, key_parts).is(409).code(), "gate");
    set(marks);
    // Parts of one holder, of nobody, and of another key.
    let one = key_parts["one"].as_str().unwrap();
    let stranger = ResultKey::generate().split()[1].expose();
    for (one, other) in [(one, one), (one, "part-2-00"), (one, stranger.as_str())] {
        let refused = publish(site, offices, &json!({"one": one, "other": other})).is(409);
        assert_eq!(refused.code(), "no_key");
    }
}

#[test]
fn every_subset_of_signers_but_the_right_one_is_refused() {
    on_each_database(|site| {
        let offices = filled(site);
        frozen(site, &offices);
        let run = placed(site, &offices);
        let county = site.log_in(Role::CountyBureau, Person { area: Some("A01"), ..Person::default() });
        let school = site.log_in(Role::JuniorHigh, Person { school: Some("J01"), ..Person::default() });
        let signers = [&offices.centre, &offices.second, &offices.supervisor, &county, &school];
        let phase = || site.get(AT, &offices.centre).json()["phase"].as_str().unwrap().to_owned();
        // The policy wants one of the centre and a supervisor; who proposes signs first.
        for proposer in 0..signers.len() {
            let proposal = site.propose(signers[proposer], &approval(site, &run, 3_600_000));
            if proposer > 1 {
                assert_ne!(proposal.status, 201, "{}", proposal.text);
                continue;
            }
            let at = format!("{}/signatures", proposal.header("location"));
            let hash = json!({"content_hash": proposal.json()["content_hash"]});
            for (signer, token) in signers.iter().enumerate() {
                if signer == 2 {
                    continue;
                }
                let refused = site.post(&at, token, &hash);
                assert!([403, 404, 409].contains(&refused.status), "{signer}: {}", refused.text);
                assert_eq!(phase(), "placed", "{proposer} and {signer}");
            }
            if proposer == 0 {
                continue;
            }
            let other = json!({"content_hash": "0".repeat(64)});
            assert_eq!(site.post(&at, &offices.supervisor, &other).is(409).code(), "other_content");
            site.post(&at, &offices.supervisor, &hash).is(200);
            assert_eq!(phase(), "approved");
            assert_eq!(site.post(&at, &offices.supervisor, &hash).status, 409, "replayed");
        }
        // What was approved for a result that was rejected is worth nothing for the next.
        site.post(&format!("{AT}/rejection"), &offices.centre, &json!({"reason": "重新核对"})).is(200);
        let again = placed(site, &offices);
        let parts = parts(site, &offices, &again, [0, 2]);
        site.move_clock(&offices.centre, site.season_now_ms() + 4_000_000);
        assert_eq!(publish(site, &offices, &parts).is(409).code(), "wrong_phase");
    });
}

#[test]
fn one_person_with_two_accounts_is_one_signature() {
    on_each_database(|site| {
        let offices = filled(site);
        let pair = |change: fn(&mut zhaosheng::storage::accounts::AccountRow, &str)| {
            let (one, other) = (
                site.caller(Role::MunicipalCentre, Person::default()),
                site.caller(Role::MunicipalCentre, Person::default()),
            );
            for (mine, theirs) in [(&one, &other), (&other, &one)] {
                let (mine, theirs) = (mine.account.clone(), theirs.account.clone());
                let key = site.app.audit_key().clone();
                site.write(move |connection| {
                    let mut row = zhaosheng::storage::accounts::find(connection, &mine)?.unwrap();
                    change(&mut row, &theirs);
                    diesel::update(schema::accounts::table.find(&mine))
                        .set((
                            schema::accounts::name.eq(&row.name),
                            schema::accounts::access_from.eq(&row.access_from),
                        ))
                        .execute(connection)
                        .map_err(StorageError::from)?;
                    let change = zhaosheng::storage::change::Change::written(&row);
                    crate::harness::noted(connection, &key, vec![change])
                });
            }
            let token = |caller| site.app.tokens().issue(caller, site.app.about_now_ms());
            (token(&one), token(&other))
        };
        let (one, other) = pair(|row, _| row.name = "王 老师".to_owned());
        let refused = site.agree(&one, &other, &json!({"act": "freeze_lists"})).is(409);
        assert_eq!(refused.code(), "same_person");
        let (one, other) = pair(|row, theirs| row.access_from = theirs.to_owned());
        let refused = site.agree(&one, &other, &json!({"act": "freeze_lists"})).is(409);
        assert_eq!(refused.code(), "not_independent");
        frozen(site, &offices);
    });
}

#[test]
fn of_two_instances_one_works_and_a_dead_one_is_taken_over() {
    on_each_database(|site| {
        let offices = filled(site);
        frozen(site, &offices);
        let asked = site.post(&format!("{AT}/runs"), &offices.centre, &json!({"kind": "official"})).is(202);
        let id = asked.json()["id"].as_str().unwrap().to_owned();
        // An instance takes the run up and dies.
        let run = id.clone();
        let dead = site.write(move |connection| {
            let now_ms = clock::now_ms(connection)?;
            Ok(run_leases::take(connection, &run, "dead", now_ms, now_ms + 700)?.unwrap())
        });
        let instance = || {
            let app = site.app.clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async {
                    let worker = Worker::new(Duration::from_millis(700));
                    let mut worked = 0;
                    for _ in 0..60 {
                        worked += usize::from(work_on_one(&app, &worker).await.unwrap());
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                    worked
                })
            })
        };
        let instances = [instance(), instance(), instance()];
        let worked: usize = instances.into_iter().map(|one| one.join().unwrap()).sum();
        assert_eq!(worked, 1, "one instance did it, after the dead one's time was over");
        let run = site.get(asked.header("location"), &offices.centre).is(200).json();
        assert_eq!(run["state"], "done");
        let still = site.write(move |connection| Ok(run_leases::renew(connection, &dead, i64::MAX)?));
        assert!(!still, "whoever comes back is told that the run is no longer its own");
    });
}

/// Kills and tries again, this many times; `KILLS=200` for the whole of it.
fn kills() -> usize {
    std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(6)
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    on_each_database(|site| {
        let mut offices = filled(site);
        frozen(site, &offices);
        let expected = placed(site, &offices)["root"].clone();
        let key_file = site.key_file();
        let mut chance = Chance(11);
        let (mut killed, mut finished) = (0, 0);
        let mut asked = String::new();
        while killed < kills() || finished == 0 {
            offices.centre = site.centre();
            let run = if asked.is_empty() { Value::Null } else { site.get(&asked, &offices.centre).json() };
            if run.is_null() || run["state"] != "queued" {
                if !run.is_null() {
                    assert_eq!((&run["state"], &run["root"]), (&json!("done"), &expected));
                    finished += 1;
                }
                let reason = json!({"reason": "再算一次，结果应当相同"});
                site.post(&format!("{AT}/rejection"), &offices.centre, &reason).is(200);
                let again = site.post(&format!("{AT}/runs"), &offices.centre, &json!({"kind": "official"}));
                asked = again.is(202).header("location").to_owned();
            }
            // On PostgreSQL two instances share the run, and either may die first.
            let instances = if site.kind == "postgres" { 2 } else { 1 };
            let children: Vec<_> = (0..instances)
                .map(|_| {
                    Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
                        .args(["serve", "--bind", "127.0.0.1:0", "--run-lease-ms", "100"])
                        .args(["--database", &site.url])
                        .arg("--key-file")
                        .arg(&key_file)
                        .stderr(Stdio::null())
                        .spawn()
                        .unwrap()
                })
                .collect();
            for mut child in children {
                std::thread::sleep(Duration::from_millis(20 + chance.below(600 + 60 * killed) as u64));
                child.kill().unwrap();
                child.wait().unwrap();
                killed += 1;
            }
        }
        eprintln!("{}: {killed} kills, {finished} runs finished, one digest", site.kind);
        // A token lives a few minutes.
        offices.centre = site.centre();
        offices.supervisor = site.log_in(Role::Supervisor, Person::default());
        // The lease of the instance that was killed last must run out before somebody else may go on.
        let done = (0..600).find_map(|_| {
            site.work_on_runs();
            let run = site.get(&asked, &offices.centre).is(200).json();
            if run["state"] != "done" {
                std::thread::sleep(Duration::from_millis(100));
            }
            (run["state"] == "done").then_some(run)
        });
        let run = done.expect("the run is taken up again");
        assert_eq!(run["root"], expected);
        // An interrupted publication is whole or none.
        approved(site, &offices, &run);
        let parts = parts(site, &offices, &run, [0, 1]);
        site.move_clock(&offices.centre, site.season_now_ms() + 120_000);
        let folder = tempfile::tempdir().unwrap();
        let part = |name: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, parts[name].as_str().unwrap()).unwrap();
            file
        };
        let (one, other) = (part("one"), part("other"));
        for _ in 0..kills() {
            offices.centre = site.centre();
            let mut child = Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
                .args(["publish", "--season", SEASON, "--database", &site.url, "--part"])
                .arg(&one)
                .arg("--part")
                .arg(&other)
                .arg("--key-file")
                .arg(&key_file)
                .stderr(Stdio::null())
                .stdout(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(chance.below(600) as u64));
            let _gone = child.kill();
            child.wait().unwrap();
            let published = site.get(&format!("{AT}/publications"), &offices.centre).json();
            let phase = site.get(AT, &offices.centre).json()["phase"].clone();
            let whole = published[0]["root"] == expected && phase == "published";
            assert!(whole || (published == json!([]) && phase == "approved"), "{published} {phase}");
        }
    });
}

#[test]
fn before_its_time_no_answer_and_no_byte_tells_a_result() {
    on_each_database(|site| {
        let (offices, run, key_parts) = ready(site);
        let open = |at: &str| KeyPart::parse(key_parts[at].as_str().unwrap()).unwrap();
        let key = ResultKey::join(&open("one"), &open("other")).unwrap();
        let id = run["id"].as_str().unwrap().to_owned();
        let lines = site.write(move |connection| {
            let run = runs::find(connection, SEASON, &id)?.unwrap();
            let result = Published::open(connection, &run, key)?;
            let mut lines = Vec::new();
            for path in ["results.csv", "cutoffs.csv", "reasons.csv"] {
                let text = String::from_utf8(result.file(connection, path)?).unwrap();
                lines.extend(text.lines().skip(1).map(str::to_owned));
            }
            Ok(lines)
        });
        let told = |text: &str| lines.iter().find(|line| text.contains(line.as_str())).cloned();
        let mut asked = 0;
        for operation in operations().iter().filter(|operation| operation.method == "GET") {
            for role in Role::ALL {
                let at = address(&operation.path, SEASON, "260101");
                let answer = site.get(&at, &somebody(site, role));
                assert_eq!(told(&answer.text), None, "{} as {}", operation.id, role.word());
                if operation.id == "show_result" {
                    assert!([403, 404, 409].contains(&answer.status), "{}", answer.text);
                }
                asked += 1;
            }
        }
        assert!(asked > 200, "{asked}");
        if let Some(file) = site.file() {
            let mut bytes = std::fs::read(&file).unwrap();
            bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
            for line in &lines {
                assert!(memchr::memmem::find(&bytes, line.as_bytes()).is_none(), "{line}");
            }
        } else {
            let dump = dumped(site);
            assert!(dump.is_none_or(|dump| told(&dump).is_none()));
        }
        publish(site, &offices, &key_parts).is(201);
        let owner = site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        let shown = site.get(&format!("{AT}/candidates/260101/result"), &owner).is(200);
        assert!(
            told(shown.json()["proof"]["leaf"].as_str().unwrap()).is_some(),
            "the search can find a line"
        );
    });
}

/// A dump of the PostgreSQL database, where there is a program for it.
fn dumped(site: &Site) -> Option<String> {
    let program = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().next()?.path().join("bin/pg_dump");
    let dump = Command::new(program).arg(&site.url).output().ok()?;
    Some(String::from_utf8_lossy(&dump.stdout).into_owned())
}

#[test]
fn a_later_round_fills_what_is_left_and_nobody_moves() {
    on_each_database(|site| {
        let (offices, run, key_parts) = ready(site);
        publish(site, &offices, &key_parts).is(201);
        let results = site.get(&format!("{AT}/publications"), &offices.centre).is(200).json();
        assert_eq!(results[0]["round"], 1);
        site.advance(&offices.centre, "open_supplementary").is(200);
        let now_ms = site.season_now_ms();
        let windows = site.get(&format!("{AT}/windows"), &offices.centre).is(200).json();
        assert!(windows["items"].as_array().unwrap().iter().all(|window| window["closed_at"].is_string()));
        // Nobody who has a place files again.
        let placed_owner =
            site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        let at = format!("{AT}/candidates/260101/forms/3/versions");
        let headers = [("If-Match", "\"0\""), ("Idempotency-Key", "later")];
        let refused = site.send("POST", &at, &placed_owner, &headers, &json!({"choices": ["P01"]}));
        assert_eq!(refused.is(409).code(), "has_place");
        frozen(site, &offices);
        let second = placed(site, &offices);
        assert_eq!(second["round"], 2);
        assert_eq!(second["root"], run["root"], "no new list, no new result");
        let change =
            json!({"act": "approve_result", "run": second["id"], "publish_at": time(now_ms + 60_000)});
        site.agree(&offices.centre, &offices.supervisor, &change).is(200);
        site.move_clock(&offices.centre, now_ms + 120_000);
        let parts = parts(site, &offices, &second, [1, 2]);
        publish(site, &offices, &parts).is(201);
        let results = site.get(&format!("{AT}/publications"), &offices.centre).is(200).json();
        assert_eq!(results.as_array().unwrap().len(), 2);
    });
}
