//! Instances work on runs: one at a time, taken over from an instance that died, with the same bytes at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::json;

use crate::domain::access::Act;
use crate::domain::actor::Actor;
use crate::domain::phase::{Phase, Step};
use crate::domain::progress::Progress;
use crate::engine::comparison::{Change, Cost, compare};
use crate::engine::compulsory::entry_comparison::compare_entries;
use crate::faults::crash_point::crash_point;
use crate::faults::planted_bug::planted;
use crate::service::app::{App, Transaction};
use crate::service::compulsory::compare_entry_policies;
use crate::service::error::ServiceError;
use crate::service::runs::place_season::{Placed, PlacedEntry, SealedResult, place_season};
use crate::service::runs::run_input::{RunInput, run_input};
use crate::service::season::gated_step::step;
use crate::service::secrets::result_key::ResultKey;
use crate::storage::run_leases::RunLeaseRow;
use crate::storage::runs::RunRow;
use crate::storage::{clock, key_holders, run_events, run_files, run_leases, runs, seasons};

/// How an instance works.
#[derive(Clone, Debug)]
pub struct Worker {
    /// Its name: no two instances share one.
    pub name: String,
    /// How long a run waits for an instance that says nothing.
    pub lease: Duration,
}

impl Worker {
    /// A worker with a name of its own.
    pub fn new(lease: Duration) -> Worker {
        Worker { name: uuid::Uuid::now_v7().to_string(), lease }
    }
}

/// What a run came to.
enum Outcome {
    Official { sealed: SealedResult, key_parts: Vec<String>, summary: serde_json::Value },
    Trial { summary: serde_json::Value },
    Refused(Vec<String>),
}

/// Takes up and finishes one run, if one waits; whether there was one.
///
/// # Errors
/// Storage failed; the run waits for the next instance then.
pub async fn work_on_one(app: &App, worker: &Worker) -> Result<bool, ServiceError> {
    let Some((run, lease)) = take_up(app, worker).await? else { return Ok(false) };
    let code = run.season.clone();
    let (input, holders, kind) = app
        .database()
        .read(move |connection| {
            let season = seasons::find(connection, &code)?.ok_or(ServiceError::NotFound)?;
            let input = run_input(connection, &season, "official")?;
            let holders = key_holders::list(connection, &code)?;
            Ok::<_, ServiceError>((input, holders, season.kind))
        })
        .await?;
    // Who would stand where is a result: of an official season a trial tells counts only.
    let named = kind != "official" || planted("bug-result-early");
    let recipients: Vec<String> = holders.into_iter().map(|holder| holder.recipient).collect();
    let (tell, told) = channel();
    let mut work = {
        let run = run.clone();
        // The engine has threads of its own; this one waits for them.
        tokio::task::spawn_blocking(move || work(&run, &input, &recipients, named, &Stages(Mutex::new(tell))))
    };
    let mut tick = tokio::time::interval((worker.lease / 4).min(Duration::from_millis(250)));
    let mut said = tokio::time::Instant::now();
    let outcome = loop {
        let ended = tokio::select! {
            outcome = &mut work => Some(outcome),
            _ = tick.tick() => None,
        };
        let stages: Vec<(String, i64)> = waiting(&told);
        if !stages.is_empty() || said.elapsed() >= worker.lease / 4 {
            said = tokio::time::Instant::now();
            if !go_on(app, &lease, stages, worker.lease).await? {
                // Another instance believes that this one has died; what it finds is the same.
                return Ok(true);
            }
        }
        if let Some(outcome) = ended {
            break outcome;
        }
    };
    let outcome = outcome.map_err(|error| ServiceError::Internal(format!("run {}: {error}", run.id)))?;
    finish(app, run, lease, outcome).await?;
    Ok(true)
}

/// The first run that waits and that nobody works on.
async fn take_up(app: &App, worker: &Worker) -> Result<Option<(RunRow, RunLeaseRow)>, ServiceError> {
    let waiting = app.database().read(runs::list_queued).await?;
    let lease_ms = i64::try_from(worker.lease.as_millis()).unwrap_or(i64::MAX);
    for run in waiting {
        let (season, id, name) = (run.season.clone(), run.id.clone(), worker.name.clone());
        let lease = app
            .database()
            .write(move |connection| {
                let now_ms = clock::now_ms(connection)?;
                let lease = run_leases::take(connection, &id, &name, now_ms, now_ms + lease_ms)?;
                // Whoever held the lease may have finished the run since it was listed.
                let waits = runs::find(connection, &season, &id)?.is_some_and(|run| run.state == "queued");
                Ok::<_, ServiceError>(lease.filter(|_| waits))
            })
            .await?;
        if let Some(lease) = lease {
            return Ok(Some((run, lease)));
        }
    }
    Ok(None)
}

/// Says that the work goes on and how far it is; whether it is still ours.
async fn go_on(
    app: &App,
    lease: &RunLeaseRow,
    stages: Vec<(String, i64)>,
    patience: Duration,
) -> Result<bool, ServiceError> {
    let lease = lease.clone();
    let lease_ms = i64::try_from(patience.as_millis()).unwrap_or(i64::MAX);
    app.database()
        .write(move |connection| {
            let now_ms = clock::now_ms(connection)?;
            if !run_leases::renew(connection, &lease, now_ms + lease_ms)? {
                return Ok(false);
            }
            run_events::add_all(connection, &lease.run, &stages, now_ms)?;
            Ok::<_, ServiceError>(true)
        })
        .await
}

/// Hears the stages and passes them on.
struct Stages(Mutex<Sender<(String, i64)>>);

impl Progress for Stages {
    fn stage(&self, name: &'static str, size: u64) {
        crash_point("run-stage");
        let tell = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Nobody listens any more when the run was taken over.
        let _gone = tell.send((name.to_owned(), i64::try_from(size).unwrap_or(i64::MAX)));
    }
}

fn waiting(told: &Receiver<(String, i64)>) -> Vec<(String, i64)> {
    told.try_iter().collect()
}

/// The work itself: nothing of it depends on who does it, when or with how many threads.
fn work(
    run: &RunRow,
    input: &RunInput,
    recipients: &[String],
    named: bool,
    progress: &dyn Progress,
) -> Outcome {
    if input.hash() != run.input_hash {
        return Outcome::Refused(vec![
            "the lists are not those that were signed off: their hash differs".to_owned(),
        ]);
    }
    let outcome = if run.kind == "official" {
        place_season(input, None, progress).and_then(|placed| official(run, &placed, recipients, progress))
    } else {
        trial(run, input, named, progress)
    };
    outcome.unwrap_or_else(Outcome::Refused)
}

fn official(
    run: &RunRow,
    placed: &Placed,
    recipients: &[String],
    progress: &dyn Progress,
) -> Result<Outcome, Vec<String>> {
    let key = ResultKey::generate();
    let sealed = placed.sealed(&run.id, &key, progress);
    let key_parts: Result<Vec<String>, _> =
        key.split().iter().zip(recipients).map(|(part, recipient)| part.sealed_to(recipient)).collect();
    match key_parts {
        Ok(key_parts) if key_parts.len() == 3 => {
            Ok(Outcome::Official { sealed, key_parts, summary: placed.summary() })
        }
        _ => Err(vec!["the three holders of the key are not named, or a public key is none".to_owned()]),
    }
}

/// Changes and lines that a trial names at most.
const MOST_NAMED: usize = 500;

/// The season's own policy beside another one: counts, and where nobody is real also who and which lines.
fn trial(
    run: &RunRow,
    input: &RunInput,
    named: bool,
    progress: &dyn Progress,
) -> Result<Outcome, Vec<String>> {
    let own = place_season(input, None, progress)?;
    if run.policy.is_empty() {
        return Ok(Outcome::Trial { summary: own.summary() });
    }
    let other = place_season(input, Some(&run.policy), progress)?;
    progress.stage("compare", own.heads() as u64);
    let (one, two) = match (&own, &other) {
        (Placed::SeniorHigh(one), Placed::SeniorHigh(two)) => (one, two),
        (Placed::Compulsory(one), Placed::Compulsory(two)) => {
            let mut summary = json!({ "own": own.summary(), "other": other.summary() });
            add(&mut summary, entry_trial(one, two, named));
            return Ok(Outcome::Trial { summary });
        }
        _ => return Err(vec!["must admit to what the season admits to".to_owned()]),
    };
    let comparison = compare((&one.season, &one.run), (&two.season, &two.run));
    let cost = |cost: &Cost| {
        json!({
            "admitted": cost.admitted, "empty_seats": cost.empty_seats,
            "envious": cost.envious, "envy_pairs": cost.envy_pairs,
        })
    };
    let mut summary = json!({
        "own": own.summary(), "other": other.summary(),
        "better_off": comparison.gain.len(), "worse_off": comparison.lose.len(),
        "own_cost": cost(&comparison.first), "other_cost": cost(&comparison.second),
    });
    if named {
        let code = |place: Option<u32>| place.map(|at| one.season.city.programmes[at as usize].code.clone());
        let changes = comparison.gain.iter().chain(&comparison.lose).take(MOST_NAMED);
        let change = |change: &Change| {
            let exam_no = one.season.candidates.exam_no.get(change.candidate as usize);
            json!({ "exam_no": exam_no, "from": code(change.from), "to": code(change.to) })
        };
        summary["changes"] = changes.map(change).collect();
        summary["lines"] = moved_lines(&own, &other);
    }
    Ok(Outcome::Trial { summary })
}

/// Of an entry: who would stand at another school, and what each policy costs.
fn entry_trial(one: &PlacedEntry, two: &PlacedEntry, named: bool) -> serde_json::Value {
    let comparison = compare_entries((&one.entry, &one.run), (&two.entry, &two.run));
    let mut told = compare_entry_policies::counts(&comparison);
    if named {
        add(&mut told, compare_entry_policies::named(&one.entry, &one.run, &comparison, MOST_NAMED));
    }
    told
}

/// Adds the keys of one object to another.
fn add(told: &mut serde_json::Value, more: serde_json::Value) {
    if let (serde_json::Value::Object(told), serde_json::Value::Object(more)) = (told, more) {
        told.extend(more);
    }
}

/// Rows of `cutoffs.csv` that only one of the two has: programme, batch, seat and junior high with both totals.
fn moved_lines(own: &Placed, other: &Placed) -> serde_json::Value {
    let lines = |placed: &Placed| {
        let sheet = placed.file("cutoffs.csv");
        let mut lines = BTreeMap::new();
        for row in csv::Reader::from_reader(sheet.as_slice()).records().flatten() {
            let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
            lines.insert([cell(0), cell(1), cell(2), cell(3)], cell(4));
        }
        lines
    };
    let (own, other) = (lines(own), lines(other));
    let keys: BTreeSet<&[String; 4]> = own.keys().chain(other.keys()).collect();
    let moved = keys.into_iter().filter(|key| own.get(*key) != other.get(*key)).take(MOST_NAMED);
    let line = |key: &[String; 4]| {
        let [programme, batch, seat, junior] = key;
        json!({
            "programme": programme, "batch": batch, "seat": seat, "junior": junior,
            "own": own.get(key), "other": other.get(key),
        })
    };
    moved.map(line).collect()
}

/// Puts the outcome on record, if the run is still ours and the lists are still frozen.
async fn finish(app: &App, run: RunRow, lease: RunLeaseRow, outcome: Outcome) -> Result<(), ServiceError> {
    let audit_key = app.audit_key().clone();
    app.database()
        .write(move |connection| {
            if !run_leases::renew(connection, &lease, 0)? {
                return Ok(());
            }
            let mut transaction = Transaction::of_operator(connection, Actor::service(), &audit_key)?;
            put(&mut transaction, run, outcome)
        })
        .await
}

fn put(transaction: &mut Transaction<'_>, mut run: RunRow, outcome: Outcome) -> Result<(), ServiceError> {
    let season = seasons::find(transaction.connection, &run.season)?.ok_or(ServiceError::NotFound)?;
    run.finished_at_ms = Some(transaction.at_ms);
    let mut changes = Vec::new();
    match outcome {
        Outcome::Official { .. } if season.phase()? != Phase::Frozen => {
            run.state = "refused".to_owned();
            run.breaches = json!(["the season has moved on while the run was at work"]).to_string();
        }
        Outcome::Official { sealed, key_parts, summary } => {
            run.state = "done".to_owned();
            run.root = sealed.root;
            run.leaves_root = sealed.leaves_root;
            run.summary = summary.to_string();
            run.key_parts = json!(key_parts).to_string();
            run_files::add_all(transaction.connection, &sealed.files)?;
            changes.push(step(transaction, &season, Step::Place)?);
        }
        Outcome::Trial { summary } => {
            run.state = "done".to_owned();
            run.summary = summary.to_string();
        }
        Outcome::Refused(breaches) => {
            run.state = "refused".to_owned();
            run.breaches = json!(breaches).to_string();
        }
    }
    changes.push(runs::replace(transaction.connection, "queued", &run)?);
    let subject = format!("run:{}", run.id);
    let detail = format!("{} {} {}", run.kind, run.state, run.root);
    transaction.note(Act::FinishRun, &run.season, &subject, detail, changes)
}
