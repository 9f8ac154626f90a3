//! Instances work on runs: one at a time, taken over from an instance that died, with the same bytes at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

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
use crate::service::runs::place_season::{Placed, PlacedEntry, place_season};
use crate::service::runs::run_input::{RunInput, read_run_input};
use crate::service::runs::seal_result::{SealedRoot, sealed_root, sealed_sheets};
use crate::service::runs::share_areas::{LOOK, Share, Taken, joined};
pub use crate::service::runs::worker::Worker;
use crate::service::season::gated_step::step;
use crate::service::secrets::result_key::{HOLDERS, ResultKey};
use crate::storage::run_leases::RunLeaseRow;
use crate::storage::runs::RunRow;
use crate::storage::{
    clock, key_holders, key_requests, run_areas, run_events, run_files, run_leases, runs, seasons,
};

/// What a run came to.
enum Outcome {
    /// Everything but these files is put down already.
    Official {
        root: String,
        sealed: SealedRoot,
        key_parts: Vec<String>,
        summary: serde_json::Value,
    },
    Trial {
        summary: serde_json::Value,
    },
    Refused(Vec<String>),
}

/// Takes up and finishes one run, if one waits; whether there was one.
///
/// # Errors
/// Storage failed; the run waits for the next instance then.
pub async fn work_on_one(app: &App, worker: &Worker) -> Result<bool, ServiceError> {
    let Some((run, lease)) = take_up(app, worker).await? else { return Ok(false) };
    let code = run.season.clone();
    let (season, holders) = app
        .database()
        .read(move |connection| {
            let season = seasons::find(connection, &code)?.ok_or(ServiceError::NotFound)?;
            let holders = key_holders::list(connection, &code)?;
            Ok::<_, ServiceError>((season, holders))
        })
        .await?;
    // Who would stand where is a result: of an official season a trial tells counts only.
    let named = season.kind != "official" || planted("bug-result-early");
    let recipients: Vec<String> = holders.into_iter().map(|holder| holder.recipient).collect();
    let share = Share { app: app.clone(), worker: worker.clone(), lease };
    let key = ResultKey::generate();
    let (tell, told) = channel();
    let stages = Arc::new(Stages(Mutex::new(tell)));
    let mut said = tokio::time::Instant::now();
    let still = async || {
        let stages: Vec<(String, i64)> = waiting(&told);
        share.give_key(&key).await?;
        if stages.is_empty() && said.elapsed() < worker.lease / 4 {
            return Ok(true);
        }
        said = tokio::time::Instant::now();
        // If not, another instance believes that this one has died.
        share.go_on(stages).await
    };
    let work = async {
        let input = read_run_input(app.database(), season, "official").await?;
        let placing = {
            let (run, stages) = (run.clone(), stages.clone());
            // The engine has threads of its own; this one waits for them.
            tokio::task::spawn_blocking(move || work(&run, &input, named, &*stages))
        };
        match joined(placing.await, &run.id)? {
            Worked::Placed(placed) => official(&share, &key, Arc::new(placed), &recipients, &stages).await,
            Worked::Ended(outcome) => Ok(Some(outcome)),
        }
    };
    if let Some(worked) = worker.while_ours(work, still).await?
        && let Some(outcome) = worked?
    {
        finish(app, run, share.lease.clone(), waiting(&told), outcome).await?;
    }
    Ok(true)
}

/// The first run that waits and that nobody works on.
async fn take_up(app: &App, worker: &Worker) -> Result<Option<(RunRow, RunLeaseRow)>, ServiceError> {
    let waiting = app.database().read(runs::list_queued).await?;
    for run in waiting {
        let (season, id, worker) = (run.season.clone(), run.id.clone(), worker.clone());
        let lease = app
            .database()
            .write(move |connection| {
                let now_ms = clock::now_ms(connection)?;
                let lease = run_leases::take(connection, &id, &worker.name, now_ms, worker.until_ms(now_ms))?;
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

/// What the engine came to.
enum Worked {
    Placed(Placed),
    Ended(Outcome),
}

/// The work itself: nothing of it depends on who does it, when or with how many threads.
fn work(run: &RunRow, input: &RunInput, named: bool, progress: &dyn Progress) -> Worked {
    if input.hash() != run.input_hash {
        return Worked::Ended(Outcome::Refused(vec![
            "the lists are not those that were signed off: their hash differs".to_owned(),
        ]));
    }
    let worked = if run.kind == "official" {
        place_season(input, None, progress).map(Worked::Placed)
    } else {
        trial(run, input, named, progress).map(Worked::Ended)
    };
    worked.unwrap_or_else(|breaches| Worked::Ended(Outcome::Refused(breaches)))
}

/// Writes the result down, together with whoever helps; `None` when the run is no longer this instance's.
async fn official(
    share: &Share,
    key: &ResultKey,
    placed: Arc<Placed>,
    recipients: &[String],
    progress: &Stages,
) -> Result<Option<Outcome>, ServiceError> {
    let parts: Result<Vec<String>, _> =
        key.split().iter().zip(recipients).map(|(part, recipient)| part.sealed_to(recipient)).collect();
    let Some(key_parts) = parts.ok().filter(|parts| parts.len() == HOLDERS) else {
        return Ok(Some(Outcome::Refused(vec![
            "the three holders of the key are not named, or a public key is none".to_owned(),
        ])));
    };
    if !share.offer(&placed).await? {
        return Ok(None);
    }
    progress.stage("write, pack and seal the sheets", placed.heads() as u64);
    let sheets = {
        let (placed, key, run) = (placed.clone(), key.clone(), share.lease.run.clone());
        tokio::task::spawn_blocking(move || sealed_sheets(&placed, &run, &key))
    };
    let sheets = joined(sheets.await, "sheets")?;
    // They are put down while the first area is written.
    let putting = tokio::spawn({
        let share = share.clone();
        async move { share.put_files(sheets.files).await }
    });
    progress.stage("explain, pack and seal", placed.heads() as u64);
    loop {
        match share.seal_areas(&placed, key).await? {
            (_, Taken::Done) => break,
            (_, Taken::Wait) => tokio::time::sleep(LOOK).await,
            // Without candidates there is no area.
            (_, Taken::Nothing) if placed.heads() == 0 => break,
            (_, Taken::Nothing | Taken::Area(_)) => return Ok(None),
        }
    }
    if !joined(putting.await, "sheets")?? {
        return Ok(None);
    }
    let (hashes, of_others) = share.hashes(&placed).await?;
    if of_others > 0 {
        progress.stage("areas of other instances", of_others);
    }
    let sealed = sealed_root(&placed, &share.lease.run, key, &hashes)
        .ok_or_else(|| ServiceError::Internal(format!("run {}: leaves are missing", share.lease.run)))?;
    Ok(Some(Outcome::Official { root: sheets.root, sealed, key_parts, summary: placed.summary() }))
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
async fn finish(
    app: &App,
    run: RunRow,
    lease: RunLeaseRow,
    stages: Vec<(String, i64)>,
    outcome: Outcome,
) -> Result<(), ServiceError> {
    let audit_key = app.audit_key().clone();
    app.database()
        .write(move |connection| {
            if !run_leases::renew(connection, &lease, 0)? {
                return Ok(());
            }
            let mut transaction = Transaction::of_operator(connection, Actor::service(), &audit_key)?;
            run_events::add_all(transaction.connection, &run.id, &stages, transaction.at_ms)?;
            put(&mut transaction, run, outcome)
        })
        .await
}

fn put(transaction: &mut Transaction<'_>, mut run: RunRow, outcome: Outcome) -> Result<(), ServiceError> {
    let season = seasons::find(transaction.connection, &run.season)?.ok_or(ServiceError::NotFound)?;
    run.finished_at_ms = Some(transaction.at_ms);
    run_areas::withdraw(transaction.connection, &run.id)?;
    key_requests::delete_of(transaction.connection, &run.id)?;
    let mut changes = Vec::new();
    match outcome {
        Outcome::Official { .. } if season.phase()? != Phase::Frozen => {
            run_files::delete(transaction.connection, &run.id)?;
            run.state = "refused".to_owned();
            run.breaches = json!(["the season has moved on while the run was at work"]).to_string();
        }
        Outcome::Official { root, sealed, key_parts, summary } => {
            run.state = "done".to_owned();
            run.root = root;
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
