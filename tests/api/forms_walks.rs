//! Random walks of drafts, submissions, retries, stale writes and crashes against a simple model.
//!
//! `WALKS=100000 cargo test --test api walks` walks as far as issue 3 asks.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
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
use crate::harness::{Chance, Person, SEASON, Site, on_each_database};

/// Tables whose next row may be refused: the transaction is then aborted at that very point.
const CRASHES: [&str; 5] = ["drafts", "form_versions", "outbox", "audit_lines", "idempotency_keys"];

/// Steps of a walk.
const STEPS: usize = 6;

/// What a candidate's forms must be.
#[derive(Default)]
struct Model {
    drafts: BTreeMap<String, (i64, Vec<String>)>,
    versions: Vec<Vec<String>>,
    /// Keys of acknowledged submissions: what was sent under them, and the version they made.
    keys: Vec<(String, Vec<String>, i64)>,
    /// Submissions and signatures told.
    told: i64,
    next_key: usize,
}

/// One candidate walking.
struct Walker<'w> {
    app: &'w App,
    site: &'w Site,
    caller: Caller,
    exam_no: &'static str,
    model: Model,
}

/// Lists of a pupil of A01, by number: all may be submitted.
fn choices(number: usize) -> Vec<String> {
    let lists: [&[&str]; 3] = [&["P01"], &["", "P01"], &["", "", "P01"]];
    lists[number % 3].iter().map(|&code| code.to_owned()).collect()
}

fn version_of(error: &ServiceError) -> Option<&str> {
    match error {
        ServiceError::Stale { etag } => Some(etag),
        _ => None,
    }
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

    fn submit(&mut self, key: &str, choices: &[String], version: i64) -> Result<i64, ServiceError> {
        let codes: Vec<&str> = choices.iter().map(String::as_str).collect();
        self.site.wait(send(self.app, &self.caller, key, submission(self.exam_no, &codes), version))
    }

    fn save(&self, name: &str, choices: &[String], held: Precondition) -> Result<i64, ServiceError> {
        let name: DraftName = name.parse().unwrap();
        let saved =
            self.site.wait(save_draft(self.app, &self.caller, self.form(), name, choices.to_vec(), held));
        saved.map(|draft| draft.version)
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
                assert_eq!(refused, Err(ServiceError::Stale { etag: version.to_string() }));
            }
            4 if !self.model.keys.is_empty() => {
                // A retry long after, of the same and of another list.
                let (key, sent, made) = self.model.keys[chance.below(self.model.keys.len())].clone();
                assert_eq!(self.submit(&key, &sent, made - 1), Ok(made));
                let other = choices(sent.len());
                assert_eq!(self.submit(&key, &other, made - 1), Err(ServiceError::KeyReused));
            }
            5 if version > 0 => {
                let which = 1 + chance.below(version as usize);
                let restored = self.site.wait(restore_form_version(
                    self.app,
                    &self.caller,
                    self.form(),
                    which as i64,
                    name.parse().unwrap(),
                ));
                match restored {
                    Ok(draft) => {
                        let list = self.model.versions[which - 1].clone();
                        assert_eq!(draft.version, 1);
                        assert!(self.model.drafts.insert(name, (1, list)).is_none());
                    }
                    Err(ServiceError::Conflict { code: "draft_exists", .. }) => {
                        assert!(self.model.drafts.contains_key(&name));
                    }
                    Err(other) => panic!("{other:?}"),
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
            assert!(matches!(crashed, Err(ServiceError::Internal(_))), "{crashed:?}");
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
            Err(ServiceError::Internal(_)) => assert!(crash && fits),
            Err(error) => {
                assert!(!fits, "{error:?}");
                assert_eq!(version_of(&error), Some(present.unwrap_or(0).to_string().as_str()), "{error:?}");
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
        let deleted =
            self.site.wait(delete_draft(self.app, &self.caller, self.form(), name.parse().unwrap(), held));
        match (deleted, present) {
            (Ok(()), Some(version)) if version == tag => {
                self.model.drafts.remove(&name);
            }
            (Err(ServiceError::NotFound), None) => {}
            (Err(ServiceError::Stale { etag }), Some(version)) => {
                assert!(etag == version.to_string() && tag != version);
            }
            other => panic!("{other:?}"),
        }
    }

    /// What is stored is what was acknowledged, and nothing else.
    fn holds(&self, latest: i64) {
        let form = self.form();
        let stored = self
            .site
            .wait(list_form_versions(self.app, &self.caller, form.clone(), i64::MAX, latest))
            .unwrap();
        let count = self.model.versions.len();
        assert_eq!(stored.len(), count.min(latest as usize), "versions of {}", self.exam_no);
        for (row, (number, list)) in stored.iter().zip(self.model.versions.iter().enumerate().rev()) {
            assert_eq!(
                (row.version, &row.choices),
                (number as i64 + 1, &serde_json::to_string(list).unwrap())
            );
        }
        let drafts = self.site.wait(list_drafts(self.app, &self.caller, form)).unwrap();
        let stored: BTreeMap<String, (i64, Vec<String>)> = drafts
            .into_iter()
            .map(|draft| (draft.name, (draft.version, serde_json::from_str(&draft.choices).unwrap())))
            .collect();
        assert_eq!(stored, self.model.drafts, "drafts of {}", self.exam_no);
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

#[test]
fn random_walks_lose_nothing_that_was_acknowledged_and_keep_nothing_else() {
    on_each_database(|site| {
        let walks: usize = std::env::var("WALKS").map_or(300, |walks| walks.parse().unwrap());
        // PostgreSQL is asked over a socket: a tenth of the way there.
        let walks = if site.kind == "postgres" { walks / 10 } else { walks };
        let centre = site.with_city();
        site.open_filling(&centre);
        arm(site);
        let mut chance = Chance(7);
        let pupils = ["260101", "260102", "260104", "260105", "260107"];
        let mut walkers: Vec<Walker<'_>> = pupils
            .into_iter()
            .map(|exam_no| Walker {
                app: &site.app,
                site,
                caller: site.caller(Role::Candidate, Person { exam_no: Some(exam_no), ..Person::default() }),
                exam_no,
                model: Model::default(),
            })
            .collect();
        for _ in 0..walks {
            let who = chance.below(walkers.len());
            for _ in 0..STEPS {
                walkers[who].step(&mut chance);
            }
            walkers[who].holds(20);
        }
        walkers.iter().for_each(|walker| walker.holds(i64::MAX));
        // One notice to the candidate and one to the guardian for each version, and none for a crash.
        let told: i64 = walkers.iter().map(|walker| walker.model.told).sum();
        let notices: i64 = site.write(|connection| Ok(outbox::table.count().get_result(connection).unwrap()));
        assert_eq!(notices, 2 * told);
        println!("{}: {walks} walks, {told} versions", site.kind);
        assert!(told as usize > walks);
    });
}
