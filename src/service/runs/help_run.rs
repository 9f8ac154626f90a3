//! An instance that has time helps with a run that another one leads.

use std::sync::Arc;

use crate::domain::progress::Quiet;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::runs::place_season::place_season;
use crate::service::runs::run_input::read_run_input;
use crate::service::runs::share_areas::{LOOK, Share, joined};
use crate::service::runs::worker::Worker;
use crate::service::secrets::result_key::{ResultKey, holder_keys};
use crate::storage::key_requests::{self, REFUSED};
use crate::storage::runs::RunRow;
use crate::storage::{clock, run_leases, runs, seasons};

/// Helps with one official run until it has ended, if another instance leads one; how many areas it did.
///
/// # Errors
/// Storage failed; others do its areas then.
pub async fn help_with_one(app: &App, worker: &Worker) -> Result<usize, ServiceError> {
    let Some((run, share)) = find(app, worker).await? else { return Ok(0) };
    let (secret, public) = holder_keys();
    share.ask_for_key(public).await?;
    let season = run.season.clone();
    let season = app.database().read(move |connection| {
        let season = seasons::find(connection, &season)?;
        season.ok_or(ServiceError::NotFound)
    });
    let (season, input_hash) = (season.await?, run.input_hash.clone());
    let input = read_run_input(app.database(), season, "official").await?;
    let placing = tokio::task::spawn_blocking(move || {
        // Whoever leads tells what is wrong.
        (input.hash() == input_hash).then(|| place_season(&input, None, &Quiet).ok()).flatten()
    });
    let Some(placed) = joined(placing.await, &run.id)?.map(Arc::new) else { return Ok(0) };
    let mut done = 0;
    let helping = async {
        while goes_on(&share, &run).await? {
            match key(&share, &secret).await? {
                Key::Waits => {}
                Key::Refused => return Ok(()),
                Key::Given(key) => done += share.seal_areas(&placed, &key).await?.0,
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    };
    let still = async || share.renew_areas().await.map(|()| true);
    let ended: Option<Result<(), ServiceError>> = worker.while_ours(helping, still).await?;
    ended.unwrap_or(Ok(()))?;
    Ok(done)
}

/// The first official run that another instance leads and that this one does not yet help with.
async fn find(app: &App, worker: &Worker) -> Result<Option<(RunRow, Share)>, ServiceError> {
    let (app, worker) = (app.clone(), worker.clone());
    let database = app.database().clone();
    database
        .read(move |connection| {
            let now_ms = clock::now_ms(connection)?;
            for run in runs::list_queued(connection)?.into_iter().filter(|run| run.kind == "official") {
                let Some(lease) = run_leases::find(connection, &run.id)? else { continue };
                let led = lease.until_ms > now_ms && lease.owner != worker.name;
                let known = (run.id.as_str(), lease.attempt);
                if led && key_requests::find(connection, known, &worker.name)?.is_none() {
                    return Ok(Some((run, Share { app, worker, lease })));
                }
            }
            Ok(None)
        })
        .await
}

/// Whether the run still waits for its end under the same lease.
async fn goes_on(share: &Share, run: &RunRow) -> Result<bool, ServiceError> {
    let (lease, season) = (share.lease.clone(), run.season.clone());
    share
        .app
        .database()
        .read(move |connection| {
            let now_ms = clock::now_ms(connection)?;
            let held = run_leases::find(connection, &lease.run)?;
            let led = held.is_some_and(|held| held.attempt == lease.attempt && held.until_ms > now_ms);
            let waits = runs::find(connection, &season, &lease.run)?.is_some_and(|run| run.state == "queued");
            Ok(led && waits)
        })
        .await
}

/// What came of asking for the result's key.
enum Key {
    Waits,
    Refused,
    Given(Box<ResultKey>),
}

async fn key(share: &Share, secret: &str) -> Result<Key, ServiceError> {
    let (lease, name) = (share.lease.clone(), share.worker.name.clone());
    let request = share.app.database().read(move |connection| {
        Ok::<_, ServiceError>(key_requests::find(connection, (&lease.run, lease.attempt), &name)?)
    });
    Ok(match request.await?.map(|request| request.result_key) {
        Some(sealed) if sealed.is_empty() => Key::Waits,
        None => Key::Waits,
        Some(sealed) if sealed == REFUSED => Key::Refused,
        Some(sealed) => {
            ResultKey::unsealed(&sealed, secret).map_or(Key::Refused, |key| Key::Given(Box::new(key)))
        }
    })
}
