//! What clients were told, held against what the store has.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use serde_json::{Value, json};
use zhaosheng::domain::role::Role;
use zhaosheng::service::app::{Caller, Database};
use zhaosheng::storage::error::StorageError;
use zhaosheng::storage::form_versions::FormVersionRow;
use zhaosheng::storage::schema::form_versions;

use crate::harness::{Person, SEASON, Site};

/// Clients that send at the same time.
const CLIENTS: usize = 6;

/// A submission that was told to be kept.
struct Receipt {
    version: i64,
    hash: String,
    choices: Vec<String>,
}

/// A submission that nobody has answered yet: it is sent again under its key until somebody does.
struct Attempt {
    key: String,
    choices: Vec<String>,
}

/// One candidate's side.
struct Pupil {
    exam_no: String,
    caller: Caller,
    token: String,
    receipts: Vec<Receipt>,
    attempt: Option<Attempt>,
    /// Submissions begun, for keys and lists that differ.
    begun: usize,
}

/// Ends the load when it is dropped.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The clients' book.
pub(crate) struct Ledger {
    pupils: Vec<Mutex<Pupil>>,
    faults: Mutex<Vec<String>>,
    acknowledged: AtomicUsize,
    /// Requests without an answer, and with one that says "later".
    unanswered: AtomicUsize,
    /// How long each answer took.
    waits: Mutex<Vec<Duration>>,
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap()
}

impl Ledger {
    /// Every candidate of the small city, logged in.
    pub(crate) fn of(site: &Site) -> Ledger {
        let exam_nos: Vec<String> = site.write(|connection| {
            use zhaosheng::storage::schema::candidates;
            let numbers = candidates::table.select(candidates::exam_no).load(connection);
            Ok(numbers.map_err(StorageError::from)?)
        });
        let pupil = |exam_no: String| {
            let caller =
                site.caller(Role::Candidate, Person { exam_no: Some(&exam_no), ..Person::default() });
            let (token, receipts) = (String::new(), Vec::new());
            Mutex::new(Pupil { exam_no, caller, token, receipts, attempt: None, begun: 0 })
        };
        Ledger {
            pupils: exam_nos.into_iter().map(pupil).collect(),
            faults: Mutex::default(),
            acknowledged: AtomicUsize::new(0),
            unanswered: AtomicUsize::new(0),
            waits: Mutex::default(),
        }
    }

    /// Gives everybody a fresh access token: they live for minutes only.
    pub(crate) fn renew_tokens(&self, site: &Site) {
        for pupil in &self.pupils {
            let mut pupil = locked(pupil);
            pupil.token = site.app.tokens().issue(&pupil.caller, site.app.about_now_ms());
        }
    }

    /// Submissions acknowledged so far.
    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Requests so far that got no answer, or one that says "later".
    pub(crate) fn unanswered(&self) -> usize {
        self.unanswered.load(Ordering::Relaxed)
    }

    /// The wait that 99 of 100 answers were within, in milliseconds, of those since it was last asked for.
    pub(crate) fn p99_ms(&self) -> f64 {
        let mut waits = std::mem::take(&mut *locked(&self.waits));
        waits.sort_unstable();
        waits.get(waits.len() * 99 / 100).map_or(0.0, |wait| wait.as_secs_f64() * 1e3)
    }

    /// Submits without pause until it is over; `meanwhile` runs beside it and its end is the end.
    pub(crate) fn under_load<T>(&self, base: &str, meanwhile: impl FnOnce() -> T) -> T {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for client in 0..CLIENTS {
                let over = &over;
                scope.spawn(move || {
                    let agent = agent();
                    while !over.load(Ordering::Relaxed) {
                        for pupil in self.pupils.iter().skip(client).step_by(CLIENTS) {
                            self.submit(&agent, base, &mut locked(pupil));
                        }
                    }
                });
            }
            // Also when it fails: the clients would go on for ever.
            let _end = Over(&over);
            meanwhile()
        })
    }

    /// Sends what nobody answered again, until everybody has an answer.
    pub(crate) fn settle(&self, base: &str) {
        let agent = agent();
        for pupil in &self.pupils {
            let mut pupil = locked(pupil);
            for _ in 0..2_000 {
                if pupil.attempt.is_none() || !locked(&self.faults).is_empty() {
                    break;
                }
                self.submit(&agent, base, &mut pupil);
            }
            if pupil.attempt.is_some() {
                locked(&self.faults).push(format!("{}: nobody answers a submission", pupil.exam_no));
            }
        }
    }

    /// Sends the next submission of one pupil, or again the one that waits; whether it was answered.
    pub(crate) fn submit_first(&self, base: &str) -> bool {
        let mut pupil = locked(&self.pupils[0]);
        self.submit(&agent(), base, &mut pupil);
        pupil.attempt.is_none()
    }

    fn submit(&self, agent: &ureq::Agent, base: &str, pupil: &mut Pupil) {
        // Every list differs from the one before it: a blank slot comes and goes.
        let programme = if pupil.exam_no.starts_with("2603") { "P04" } else { "P03" };
        let choices = ["", programme][pupil.begun % 2..].iter().map(|&code| code.to_owned()).collect();
        let begun = &mut pupil.begun;
        let attempt = pupil.attempt.get_or_insert_with(|| {
            *begun += 1;
            Attempt { key: format!("{}-{begun}", pupil.exam_no), choices }
        });
        let version = pupil.receipts.len();
        let request = ureq::http::Request::post(format!(
            "{base}/api/v1/seasons/{SEASON}/candidates/{}/forms/2/versions",
            pupil.exam_no
        ))
        .header("Authorization", format!("Bearer {}", pupil.token))
        .header("If-Match", format!("\"{version}\""))
        .header("Idempotency-Key", &attempt.key)
        .header("Content-Type", "application/json")
        .body(json!({ "choices": attempt.choices }).to_string())
        .unwrap();
        let sent = Instant::now();
        let answer = agent
            .run(request)
            .and_then(|mut answer| Ok((answer.status().as_u16(), answer.body_mut().read_to_string()?)));
        let Ok((status, body)) = answer else {
            // Killed in between, or not up: nobody knows, so it is sent again.
            self.unanswered.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(5));
            return;
        };
        locked(&self.waits).push(sent.elapsed());
        let told: Value = serde_json::from_str(&body).unwrap_or_default();
        match status {
            200 | 201 => {
                let receipt = Receipt {
                    version: told["version"].as_i64().unwrap_or_default(),
                    hash: told["hash"].as_str().unwrap_or_default().to_owned(),
                    choices: attempt.choices.clone(),
                };
                if receipt.version != version as i64 + 1 {
                    let fault = format!("{}: version {} after {version}", pupil.exam_no, receipt.version);
                    locked(&self.faults).push(fault);
                }
                pupil.receipts.push(receipt);
                pupil.attempt = None;
                self.acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            429 | 502..=504 => {
                self.unanswered.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
            409 if told["code"] == "in_flight" => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                locked(&self.faults).push(format!("{}: {status} {body} for {}", pupil.exam_no, attempt.key));
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }

    /// What differs between the clients' book and the store.
    pub(crate) fn faults(&self, stored: &[FormVersionRow]) -> Vec<String> {
        let mut faults = locked(&self.faults).clone();
        for pupil in &self.pupils {
            let pupil = locked(pupil);
            let own: Vec<&FormVersionRow> =
                stored.iter().filter(|row| row.exam_no == pupil.exam_no).collect();
            for receipt in &pupil.receipts {
                let kept = own.iter().find(|row| row.version == receipt.version);
                let same = |row: &&&FormVersionRow| {
                    row.hash == receipt.hash
                        && row.choices == serde_json::to_string(&receipt.choices).unwrap()
                };
                if kept.filter(same).is_none() {
                    faults.push(format!(
                        "{} version {}: acknowledged and lost",
                        pupil.exam_no, receipt.version
                    ));
                }
            }
            let most = pupil.receipts.len() + usize::from(pupil.attempt.is_some());
            if own.len() > most {
                faults.push(format!("{}: {} versions of {most} submissions", pupil.exam_no, own.len()));
            }
        }
        faults
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(20)))
        .build()
        .into()
}

/// Every submitted version that a database holds.
pub(crate) fn stored(site: &Site, database: &Database) -> Vec<FormVersionRow> {
    site.wait(database.read(|connection| {
        let rows = form_versions::table.select(FormVersionRow::as_select()).load(connection);
        rows.map_err(StorageError::from)
    }))
    .unwrap()
}

/// How often a test does something: its full number when its variable says so.
pub(crate) fn times(variable: &str, bounded: usize) -> usize {
    std::env::var(variable).map_or(bounded, |times| times.parse().unwrap())
}
