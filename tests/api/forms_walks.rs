//! Random walks of drafts, submissions, retries, stale writes and crashes against a simple model.
//!
//! `WALKS=100000 cargo test --test api walks` walks as far as issue 3 asks.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::{Value, json};
use zhaosheng::domain::form::DraftName;
use zhaosheng::domain::role::Role;
use zhaosheng::service::app::{App, Caller};
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::forms::delete_draft::delete_draft;
use zhaosheng::service::forms::list_drafts::list_drafts;
use zhaosheng::service::forms::list_form_versions::list_form_versions;
use zhaosheng::service::forms::restore_form_version::restore_form_version;
use zhaosheng::service::forms::save_draft::save_draft;
use zhaosheng::service::forms::stored_form::FormName;
use zhaosheng::service::precondition::Precondition;
use zhaosheng::storage::schema::outbox;

use crate::forms::{send, submission};
use crate::harness::{Answer, Chance, Person, SEASON, Site, on_each_database};

/// Tables whose next row may be refused: the transaction is then aborted at that very point.
const CRASHES: [&str; 5] = ["drafts", "form_versions", "outbox", "audit_lines", "idempotency_keys"];

/// Steps of a walk.
const STEPS: usize = 6;

/// A list with the number of its version.
type Versioned = (i64, Vec<String>);

/// What a candidate's forms must be.
#[derive(Default)]
struct Model {
    drafts: BTreeMap<String, Versioned>,
    versions: Vec<Vec<String>>,
    /// Keys of acknowledged submissions: what was sent under them, and the version they made.
    keys: Vec<(String, Vec<String>, i64)>,
    /// Submissions and signatures told.
    told: i64,
    next_key: usize,
}

/// Which way the steps go.
enum Way {
    UseCases,
    /// With the candidate's access token.
    Http(String),
}

/// Why a step was refused, whichever way it went.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    Stale(String),
    KeyReused,
    NotFound,
    DraftExists,
    /// A fault of the service: the injected crash.
    Broken,
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Refusal {
        match error {
            ServiceError::Stale { etag } => Refusal::Stale(etag),
            ServiceError::KeyReused => Refusal::KeyReused,
            ServiceError::NotFound => Refusal::NotFound,
            ServiceError::Conflict { code: "draft_exists", .. } => Refusal::DraftExists,
            ServiceError::Internal(_) => Refusal::Broken,
            other => panic!("{other:?}"),
        }
    }
}

/// A success as its JSON.
fn told(answer: &Answer) -> Result<Value, Refusal> {
    match answer.status {
        200 | 201 => Ok(answer.json()),
        204 => Ok(Value::Null),
        500 => Err(Refusal::Broken),
        412 => Err(Refusal::Stale(answer.header("etag").trim_matches('"').to_owned())),
        _ => Err(match answer.code().as_str() {
            "key_reused" => Refusal::KeyReused,
            "not_found" => Refusal::NotFound,
            "draft_exists" => Refusal::DraftExists,
            other => panic!("{} {other} {}", answer.status, answer.text),
        }),
    }
}

fn version(told: &Value) -> i64 {
    told["version"].as_i64().unwrap()
}

/// The header of a precondition.
fn header(held: &Precondition) -> (&'static str, String) {
    match held {
        Precondition::Match(tags) => ("If-Match", format!("\"{}\"", tags[0])),
        _ => ("If-None-Match", "*".to_owned()),
    }
}

/// One candidate walking.
struct Walker<'w> {
    app: &'w App,
    site: &'w Site,
    way: Way,
    caller: Caller,
    exam_no: &'static str,
    model: Model,
}

/// Lists of a pupil of A01, by number: all may be submitted.
fn choices(number: usize) -> Vec<String> {
    let lists: [&[&str]; 3] = [&["P01"], &["", "P01"], &["", "", "P01"]];
    lists[number % 3].iter().map(|&code| code.to_owned()).collect()
}

impl Walker<'_> {
    fn form(&self) -> FormName {
        FormName { season: SEASON.to_owned(), exam_no: self.exam_no.to_owned(), batch: "1".to_owned() }
    }

    /// Lets the next row of a table fail.
    fn crash(&self, table: &'static str) {
        self.site.write(move |connection| {
            connection.batch_execute(&format!("INSERT INTO crashes VALUES ('{table}')")).unwrap();
            Ok(())
        });
    }

    fn recover(&self) {
        self.site.write(|connection| {
            connection.batch_execute("DELETE FROM crashes").unwrap();
            Ok(())
        });
    }

    /// Asks over HTTP below this candidate's form.
    fn ask(
        &self,
        token: &str,
        method: &str,
        below: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Result<Value, Refusal> {
        let path = format!("/api/v1/seasons/{SEASON}/candidates/{}/forms/1/{below}", self.exam_no);
        told(&self.site.send(method, &path, token, headers, body))
    }

    fn submit(&mut self, key: &str, choices: &[String], version: i64) -> Result<i64, Refusal> {
        match &self.way {
            Way::UseCases => {
                let codes: Vec<&str> = choices.iter().map(String::as_str).collect();
                let of = submission(self.exam_no, &codes);
                Ok(self.site.wait(send(self.app, &self.caller, key, of, version))?)
            }
            Way::Http(token) => {
                let tag = format!("\"{version}\"");
                let headers = [("If-Match", tag.as_str()), ("Idempotency-Key", key)];
                let made = self.ask(token, "POST", "versions", &headers, &json!({ "choices": choices }))?;
                Ok(self::version(&made))
            }
        }
    }

    fn save(&self, name: &str, choices: &[String], held: Precondition) -> Result<i64, Refusal> {
        match &self.way {
            Way::UseCases => {
                let (draft, list) = (name.parse::<DraftName>().unwrap(), choices.to_vec());
                let saved =
                    self.site.wait(save_draft(self.app, &self.caller, self.form(), draft, list, held))?;
                Ok(saved.version)
            }
            Way::Http(token) => {
                let (header, tag) = header(&held);
                let body = json!({ "choices": choices });
                let saved = self.ask(token, "PUT", &format!("drafts/{name}"), &[(header, &tag)], &body)?;
                Ok(version(&saved))
            }
        }
    }

    fn restore(&self, which: i64, name: &str) -> Result<i64, Refusal> {
        match &self.way {
            Way::UseCases => {
                let draft = name.parse::<DraftName>().unwrap();
                let made = restore_form_version(self.app, &self.caller, self.form(), which, draft);
                Ok(self.site.wait(made)?.version)
            }
            Way::Http(token) => {
                let below = format!("versions/{which}/restoration");
                Ok(version(&self.ask(token, "POST", &below, &[], &json!({ "draft": name }))?))
            }
        }
    }

    fn remove(&self, name: &str, held: Precondition) -> Result<(), Refusal> {
        match &self.way {
            Way::UseCases => {
                let draft = name.parse::<DraftName>().unwrap();
                Ok(self.site.wait(delete_draft(self.app, &self.caller, self.form(), draft, held))?)
            }
            Way::Http(token) => {
                let (header, tag) = header(&held);
                let below = format!("drafts/{name}");
                self.ask(token, "DELETE", &below, &[(header, &tag)], &Value::Null).map(|_| ())
            }
        }
    }

    /// The latest versions, newest first, and the drafts, as they are stored.
    fn stored(&self, latest: i64) -> (Vec<Versioned>, BTreeMap<String, Versioned>) {
        let form = self.form();
        let list = |choices: &str| serde_json::from_str::<Vec<String>>(choices).unwrap();
        match &self.way {
            Way::UseCases => {
                let versions = list_form_versions(self.app, &self.caller, form.clone(), i64::MAX, latest);
                let versions = self.site.wait(versions).unwrap().into_iter();
                let drafts = self.site.wait(list_drafts(self.app, &self.caller, form)).unwrap().into_iter();
                (
                    versions.map(|row| (row.version, list(&row.choices))).collect(),
                    drafts.map(|row| (row.name, (row.version, list(&row.choices)))).collect(),
                )
            }
            Way::Http(token) => {
                let items = |below: &str| {
                    let page = self.ask(token, "GET", below, &[], &Value::Null).unwrap();
                    page["items"].as_array().unwrap().clone().into_iter()
                };
                let list =
                    |item: &Value| serde_json::from_value::<Vec<String>>(item["choices"].clone()).unwrap();
                let name = |item: &Value| item["name"].as_str().unwrap().to_owned();
                (
                    items(&format!("versions?limit={latest}"))
                        .map(|item| (version(&item), list(&item)))
                        .collect(),
                    items("drafts").map(|item| (name(&item), (version(&item), list(&item)))).collect(),
                )
            }
        }
    }

    fn step(&mut self, chance: &mut Chance) {
        let list = choices(chance.below(3));
        let name = ["a", "b", "c"][chance.below(3)].to_owned();
        let version = self.model.versions.len() as i64;
        match chance.below(10) {
            0..=2 => self.submit_fresh(chance, list, version),
            3 => {
                // Against another version than the present one.
                let other = if version > 0 && chance.below(2) == 0 { version - 1 } else { version + 1 };
                let refused = self.submit("stale", &list, other);
                assert_eq!(refused, Err(Refusal::Stale(version.to_string())));
            }
            4 if !self.model.keys.is_empty() => {
                // A retry long after, of the same and of another list.
                let (key, sent, made) = self.model.keys[chance.below(self.model.keys.len())].clone();
                assert_eq!(self.submit(&key, &sent, made - 1), Ok(made));
                let other = choices(sent.len());
                assert_eq!(self.submit(&key, &other, made - 1), Err(Refusal::KeyReused));
            }
            5 if version > 0 => {
                let which = 1 + chance.below(version as usize);
                match self.restore(which as i64, &name) {
                    Ok(made) => {
                        let list = self.model.versions[which - 1].clone();
                        assert_eq!(made, 1);
                        assert!(self.model.drafts.insert(name, (1, list)).is_none());
                    }
                    Err(refused) => {
                        assert_eq!(refused, Refusal::DraftExists);
                        assert!(self.model.drafts.contains_key(&name));
                    }
                }
            }
            6 => self.delete(chance, name),
            _ => self.edit(chance, name, list),
        }
    }

    /// A submission with a key of its own, perhaps aborted, perhaps without an answer, then sent again.
    fn submit_fresh(&mut self, chance: &mut Chance, list: Vec<String>, version: i64) {
        self.model.next_key += 1;
        let key = format!("k{}", self.model.next_key);
        if chance.below(3) == 0 {
            self.crash(CRASHES[1 + chance.below(4)]);
            let crashed = self.submit(&key, &list, version);
            assert_eq!(crashed, Err(Refusal::Broken));
            self.recover();
            if chance.below(3) == 0 {
                return;
            }
        }
        let made = self.submit(&key, &list, version).unwrap();
        if chance.below(3) == 0 {
            // The answer was lost: the same again must not make another version.
            assert_eq!(self.submit(&key, &list, version), Ok(made));
        }
        self.model.acknowledge(key, list, made, version);
    }

    fn edit(&mut self, chance: &mut Chance, name: String, list: Vec<String>) {
        let present = self.model.drafts.get(&name).map(|(version, _)| *version);
        let crash = chance.below(8) == 0;
        if crash {
            self.crash(["drafts", "audit_lines"][chance.below(2)]);
        }
        let held = match chance.below(4) {
            0 => Precondition::Absent,
            1 => Precondition::Match(vec!["7000".to_owned()]),
            _ => Precondition::Match(vec![present.unwrap_or(0).to_string()]),
        };
        let fits = match (&held, present) {
            (Precondition::Absent, present) => present.is_none(),
            (Precondition::Match(tags), present) => tags[0] == present.unwrap_or(0).to_string(),
            _ => false,
        };
        match self.save(&name, &list, held) {
            Ok(made) => {
                assert!(fits && !crash && made == present.unwrap_or(0) + 1);
                self.model.drafts.insert(name, (made, list));
            }
            Err(Refusal::Broken) => assert!(crash && fits),
            Err(refused) => {
                assert!(!fits, "{refused:?}");
                assert_eq!(refused, Refusal::Stale(present.unwrap_or(0).to_string()));
            }
        }
        if crash {
            self.recover();
        }
    }

    fn delete(&mut self, chance: &mut Chance, name: String) {
        let present = self.model.drafts.get(&name).map(|(version, _)| *version);
        let tag = present.unwrap_or(1) + (chance.below(3) == 0) as i64;
        let held = Precondition::Match(vec![tag.to_string()]);
        match (self.remove(&name, held), present) {
            (Ok(()), Some(version)) if version == tag => {
                self.model.drafts.remove(&name);
            }
            (Err(Refusal::NotFound), None) => {}
            (Err(Refusal::Stale(etag)), Some(version)) => {
                assert!(etag == version.to_string() && tag != version);
            }
            other => panic!("{other:?}"),
        }
    }

    /// What is stored is what was acknowledged, and nothing else.
    fn holds(&self, latest: i64) {
        let (versions, drafts) = self.stored(latest);
        let newest = self.model.versions.iter().enumerate().rev().take(latest as usize);
        let expected: Vec<Versioned> = newest.map(|(at, list)| (at as i64 + 1, list.clone())).collect();
        assert_eq!(versions, expected, "versions of {}", self.exam_no);
        assert_eq!(drafts, self.model.drafts, "drafts of {}", self.exam_no);
    }
}

impl Model {
    fn acknowledge(&mut self, key: String, list: Vec<String>, made: i64, version: i64) {
        assert_eq!(made, version + 1, "one version more");
        self.versions.push(list.clone());
        self.told += 1;
        self.keys.push((key, list, made));
    }
}

/// Triggers that refuse a row of a table while `crashes` names the table.
fn arm(site: &Site) {
    let kind = site.kind;
    site.write(move |connection| {
        let mut sql = "CREATE TABLE crashes (name TEXT);".to_owned();
        if kind == "postgres" {
            sql += "CREATE FUNCTION crash() RETURNS trigger AS $$ BEGIN \
                    IF EXISTS (SELECT 1 FROM crashes WHERE name = TG_TABLE_NAME) THEN \
                    RAISE EXCEPTION 'injected'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql;";
        }
        for table in CRASHES {
            sql += &match kind {
                "postgres" => format!(
                    "CREATE TRIGGER crash_{table} BEFORE INSERT OR UPDATE ON {table} \
                     FOR EACH ROW EXECUTE FUNCTION crash();"
                ),
                _ => ["INSERT", "UPDATE"]
                    .map(|act| {
                        format!(
                            "CREATE TRIGGER crash_{table}_{act} BEFORE {act} ON {table} \
                             WHEN EXISTS (SELECT 1 FROM crashes WHERE name = '{table}') \
                             BEGIN SELECT RAISE(ABORT, 'injected'); END;"
                        )
                    })
                    .concat(),
            };
        }
        connection.batch_execute(&sql).unwrap();
        Ok(())
    });
}

/// Walks on a fresh city: after every walk the newest versions and the drafts are compared, at the end all.
fn walk(site: &Site, walks: usize, over_http: bool) {
    let centre = site.with_city();
    site.open_filling(&centre);
    arm(site);
    let mut chance = Chance(7);
    let pupils = ["260101", "260102", "260104", "260105", "260107"];
    let mut walkers: Vec<Walker<'_>> = pupils
        .into_iter()
        .map(|exam_no| {
            let caller = site.caller(Role::Candidate, Person { exam_no: Some(exam_no), ..Person::default() });
            let token = site.app.tokens().issue(&caller, site.app.about_now_ms());
            let way = if over_http { Way::Http(token) } else { Way::UseCases };
            Walker { app: &site.app, site, way, caller, exam_no, model: Model::default() }
        })
        .collect();
    for _ in 0..walks {
        let who = chance.below(walkers.len());
        for _ in 0..STEPS {
            walkers[who].step(&mut chance);
        }
        walkers[who].holds(20);
    }
    // All of them; a page over HTTP has 200 at most.
    walkers.iter().for_each(|walker| walker.holds(if over_http { 200 } else { i64::MAX }));
    // One notice to the candidate and one to the guardian for each version, and none for a crash.
    let told: i64 = walkers.iter().map(|walker| walker.model.told).sum();
    let notices: i64 = site.write(|connection| Ok(outbox::table.count().get_result(connection).unwrap()));
    assert_eq!(notices, 2 * told);
    println!("{}: {walks} walks, {told} versions", site.kind);
    assert!(told as usize > walks);
}

#[test]
fn random_walks_lose_nothing_that_was_acknowledged_and_keep_nothing_else() {
    on_each_database(|site| {
        let walks: usize = std::env::var("WALKS").map_or(150, |walks| walks.parse().unwrap());
        // PostgreSQL is asked over a socket: a tenth of the way there.
        walk(site, if site.kind == "postgres" { walks / 10 } else { walks }, false);
    });
}

#[test]
fn random_walks_over_http_hold_to_the_same_model() {
    on_each_database(|site| walk(site, if site.kind == "postgres" { 20 } else { 60 }, true));
}
