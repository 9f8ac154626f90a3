//! Runs and how far they are, for the offices that may know of them.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::run_events;
pub use crate::storage::run_events::RunEventRow;
use crate::storage::runs;
pub use crate::storage::runs::RunRow;

/// Runs after an id, in the order of requests.
///
/// # Errors
/// `NotFound` without the season.
pub async fn list_runs(
    app: &App,
    caller: &Caller,
    code: String,
    after: String,
    limit: i64,
) -> Result<Vec<RunRow>, ServiceError> {
    app.look(caller, move |transaction| {
        transaction.season_for(Act::ListRuns, &Whose::season(&code))?;
        Ok(runs::list(transaction.connection, &code, &after, limit)?)
    })
    .await
}

/// One run.
///
/// # Errors
/// `NotFound`.
pub async fn show_run(app: &App, caller: &Caller, code: String, id: String) -> Result<RunRow, ServiceError> {
    app.look(caller, move |transaction| {
        transaction.season_for(Act::ShowRun, &Whose::season(&code))?;
        runs::find(transaction.connection, &code, &id)?.ok_or(ServiceError::NotFound)
    })
    .await
}

/// The run and its stages after a number.
///
/// # Errors
/// `NotFound`.
pub async fn follow_run(
    app: &App,
    caller: &Caller,
    code: String,
    id: String,
    after: i64,
) -> Result<(RunRow, Vec<RunEventRow>), ServiceError> {
    app.look(caller, move |transaction| {
        transaction.season_for(Act::FollowRun, &Whose::season(&code))?;
        // The stages are read after the state: whoever sees it done has heard them all.
        let run = runs::find(transaction.connection, &code, &id)?.ok_or(ServiceError::NotFound)?;
        let events = run_events::list(transaction.connection, &id, after)?;
        Ok((run, events))
    })
    .await
}
