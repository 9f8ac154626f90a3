//! A city whose lists are frozen and whose official run waits for an instance.

use std::time::Duration;

use zhaosheng::domain::phase::Phase;
use zhaosheng::service::app::App;
use zhaosheng::service::demonstration::file_forms::file_forms;
use zhaosheng::service::demonstration::stage_city::StagedCity;
use zhaosheng::service::demonstration::take_stop::take_stop;
use zhaosheng::service::runs::work_runs::{Worker, work_on_one};

use crate::support::staged_city::{Outcome, city_folder, stage_alone, told};

/// How long a run waits for an instance that says nothing: nobody takes it over here.
const LEASE: Duration = Duration::from_secs(600);

/// Brings the city in, files everybody's forms, freezes the lists and asks for the run.
pub(crate) async fn stage_run(url: &str, size: u64) -> Outcome {
    let (app, city) = stage_alone(url, size).await?;
    file_forms(&app, &city_folder(size)?, "").await.map_err(|error| format!("{error:?}"))?;
    ask_for_run(&app, &city).await?;
    // The entry to compulsory schools beside it asked first.
    work(&app).await
}

/// From the filling to the official run that waits.
async fn ask_for_run(app: &App, city: &StagedCity) -> Outcome {
    take_stop(app, city).await.map_err(told)?;
    let phase = take_stop(app, city).await.map_err(told)?;
    if phase == Phase::Frozen { Ok(()) } else { Err(format!("{phase:?}").into()) }
}

/// Works on the run that waits.
pub(crate) async fn work(app: &App) -> Outcome {
    let worked = work_on_one(app, &Worker::new(LEASE)).await.map_err(told)?;
    if worked { Ok(()) } else { Err("no run waits".into()) }
}

/// From the filling to the published result.
pub(crate) async fn publish(app: &App, city: &StagedCity) -> Outcome {
    ask_for_run(app, city).await?;
    work(app).await?;
    work(app).await?;
    take_stop(app, city).await.map_err(told)?;
    let phase = take_stop(app, city).await.map_err(told)?;
    if phase == Phase::Published { Ok(()) } else { Err(format!("{phase:?}").into()) }
}
