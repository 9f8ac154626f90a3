//! The season clock of the demonstration: from one stop to the next, by the same acts as in any season.

use crate::domain::phase::Phase;
use crate::service::app::App;
use crate::service::demonstration::offices::Offices;
use crate::service::demonstration::stage_city::{SEASON, StagedCity};
use crate::service::demonstration::stage_entry::ENTRY;
use crate::service::error::ServiceError;
use crate::service::proposals::content::Wanted;
use crate::service::runs::list_runs::list_runs;
use crate::service::runs::publish_result::publish_result;
use crate::service::runs::request_run::{RunWanted, request_run};
use crate::service::runs::seed_sources::{list_seed_sources, tell_seed_part};
use crate::service::runs::show_key_parts::show_key_parts;
use crate::service::season::show_season::show_season;
use crate::service::season::windows::list_windows;
use crate::service::secrets::result_key::KeyPart;
use crate::storage::seasons;

/// What a source of chance tells in the demonstration, once the lists are frozen.
const BALLS_DRAWN: &str = "03 11 24 29 31";

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60 * 1000;

/// Goes on to the next stop and returns the phase it ends in. A run that is under way is waited for by asking again.
///
/// # Errors
/// What the acts ask.
pub async fn take_stop(app: &App, city: &StagedCity) -> Result<Phase, ServiceError> {
    let offices = city.offices(app).await?;
    // The entry to compulsory schools goes beside it; its run is asked for first and is done first.
    let entry = Offices { season: ENTRY, ..offices.clone() };
    if !matches!(season_phase(app, ENTRY).await?, Phase::Published | Phase::Filed) {
        stop_of(app, city, &entry).await?;
    }
    stop_of(app, city, &offices).await?;
    phase(app).await
}

/// One season's next stop.
async fn stop_of(app: &App, city: &StagedCity, offices: &Offices<'_>) -> Result<(), ServiceError> {
    let code = || offices.season.to_owned();
    let (season, now_ms) = show_season(app, &offices.centre, code()).await?;
    match season.phase()? {
        Phase::Filling | Phase::Supplementary => {
            let windows = list_windows(app, &offices.centre, code()).await?;
            let last = windows.iter().map(|window| window.closes_at_ms).max().unwrap_or(now_ms);
            offices.move_to(last.max(now_ms) + MINUTE_MS).await?;
            offices.together(Wanted::FreezeLists, &offices.second).await?;
        }
        Phase::Frozen => {
            for source in list_seed_sources(app, &offices.centre, code()).await? {
                if source.revealed.is_none() {
                    let balls = BALLS_DRAWN.to_owned();
                    tell_seed_part(app, &offices.centre, code(), source.source, balls).await?;
                }
            }
            let runs = list_runs(app, &offices.centre, code(), String::new(), 100).await?;
            // While one is under way the phase stays: whoever asks again sees when it is done.
            if !runs.iter().any(|run| run.kind == "official" && run.state == "queued") {
                request_run(app, &offices.centre, code(), RunWanted::Official, None).await?;
            }
        }
        Phase::Placed => {
            let run = official_run(app, offices).await?;
            let publish_at_ms = now_ms + MINUTE_MS;
            offices.together(Wanted::ApproveResult { run, publish_at_ms }, &offices.supervisor).await?;
        }
        Phase::Approved => {
            offices.move_to(now_ms + 2 * MINUTE_MS).await?;
            let run = official_run(app, offices).await?;
            let sealed = show_key_parts(app, &offices.centre, code(), run).await?;
            let opened = |at: usize| {
                let (_, sealed) = sealed.get(at).ok_or(ServiceError::NotFound)?;
                let part = KeyPart::open(sealed, &city.holder_secrets[at]);
                part.map(|part| part.expose()).map_err(|_| ServiceError::NotFound)
            };
            publish_result(app, &offices.centre, code(), [opened(1)?, opened(2)?]).await?;
        }
        other => {
            return Err(ServiceError::WrongPhase { phase: other });
        }
    }
    Ok(())
}

/// The phase of the demonstration's season.
///
/// # Errors
/// Storage failed.
pub async fn phase(app: &App) -> Result<Phase, ServiceError> {
    season_phase(app, SEASON).await
}

async fn season_phase(app: &App, code: &'static str) -> Result<Phase, ServiceError> {
    app.database()
        .read(move |connection| {
            let season = seasons::find(connection, code)?.ok_or(ServiceError::NotFound)?;
            Ok::<_, ServiceError>(season.phase()?)
        })
        .await
}

/// The official run that is done.
async fn official_run(app: &App, offices: &Offices<'_>) -> Result<String, ServiceError> {
    let runs = list_runs(app, &offices.centre, offices.season.to_owned(), String::new(), 100).await?;
    let done = runs.into_iter().filter(|run| run.kind == "official" && run.state == "done");
    done.max_by_key(|run| run.id.clone()).map(|run| run.id).ok_or(ServiceError::NotFound)
}
