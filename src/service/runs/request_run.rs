//! A run is asked for; an instance takes it up by itself.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::phase::Phase;
use crate::service::app::{App, Caller, OnceKey, Transaction};
use crate::service::error::ServiceError;
use crate::service::runs::run_input::run_input;
use crate::service::season::season_policy::SeasonPolicy;
use crate::storage::error::StorageError;
use crate::storage::runs::{self, RunRow};
use crate::storage::seasons::SeasonRow;
use crate::storage::{freezes, key_holders, seed_parts};

/// What is asked for.
#[derive(Clone, Debug, serde::Serialize)]
pub enum RunWanted {
    /// The result of the frozen lists, to be approved and published.
    Official,
    /// A trial of another policy, or of the season's own, on the data as they stand: compared and thrown away.
    Trial { policy: Option<String> },
}

/// Asks for a run.
///
/// # Errors
/// `Invalid` with every fault of a trial's policy; `Conflict` `not_now`, `no_key_holders`, `seed_missing`
/// while a source of the seed has not told, `run_stands` while the round has an official run.
pub async fn request_run(
    app: &App,
    caller: &Caller,
    code: String,
    wanted: RunWanted,
    once: Option<OnceKey>,
) -> Result<RunRow, ServiceError> {
    app.act_once(caller, once, move |transaction| {
        let season = transaction.season_for(Act::RequestRun, &Whose::season(&code))?;
        let mut run = RunRow {
            id: uuid::Uuid::now_v7().to_string(),
            season: code.clone(),
            state: "queued".to_owned(),
            requested_by: transaction.actor.account.clone(),
            requested_at_ms: transaction.at_ms,
            summary: "{}".to_owned(),
            breaches: "[]".to_owned(),
            key_parts: "[]".to_owned(),
            ..RunRow::default()
        };
        match wanted {
            RunWanted::Official => official(transaction, &season, &mut run)?,
            RunWanted::Trial { policy } => trial(transaction, &season, policy, &mut run)?,
        }
        let change = runs::add(transaction.connection, &run).map_err(|error| match error {
            StorageError::Stale => ServiceError::conflict(
                "run_stands",
                "this round has an official run; reject its result first",
            ),
            other => other.into(),
        })?;
        let subject = format!("run:{}", run.id);
        transaction.note(Act::RequestRun, &code, &subject, run.kind.clone(), vec![change])?;
        Ok(run)
    })
    .await
}

fn official(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    run: &mut RunRow,
) -> Result<(), ServiceError> {
    let phase = season.phase()?;
    if phase != Phase::Frozen {
        let detail = format!("an official run is of frozen lists; the season is in phase {}", phase.word());
        return Err(ServiceError::conflict("not_now", detail));
    }
    let frozen = freezes::list(transaction.connection, &season.code)?.pop();
    let frozen =
        frozen.ok_or_else(|| ServiceError::conflict("not_frozen", "the lists are not signed off"))?;
    if key_holders::list(transaction.connection, &season.code)?.len() < 3 {
        let detail = "name the three holders of the result's key first";
        return Err(ServiceError::conflict("no_key_holders", detail));
    }
    let parts = seed_parts::list(transaction.connection, &season.code)?;
    if let Some(silent) = parts.iter().find(|part| part.revealed.is_none()) {
        let detail = format!("a source of the seed has not told: {}", silent.source);
        return Err(ServiceError::conflict("seed_missing", detail));
    }
    run.kind = "official".to_owned();
    run.round = frozen.round;
    run.input_hash = frozen.input_hash;
    Ok(())
}

fn trial(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    policy: Option<String>,
    run: &mut RunRow,
) -> Result<(), ServiceError> {
    // Before the freeze a trial on real forms would tell how many want what: rehearsals may, nobody else.
    let frozen = freezes::list(transaction.connection, &season.code)?.pop();
    if season.kind == "official" && (frozen.is_none() || season.phase()? < Phase::Frozen) {
        let detail = "before the freeze a trial would tell how many want what";
        return Err(ServiceError::conflict("not_now", detail));
    }
    if let Some(policy) = &policy {
        let other = SeasonPolicy::read(policy, "/policy").map_err(ServiceError::Invalid)?;
        if other.admission() != season.admission()? {
            let rule = "must admit to what the season admits to";
            return Err(ServiceError::invalid("/policy", "policy", rule));
        }
    }
    run.kind = "trial".to_owned();
    run.round = frozen.map_or(1, |frozen| frozen.round);
    run.policy = policy.unwrap_or_default();
    run.input_hash = run_input(transaction.connection, season, "official")?.hash();
    Ok(())
}
