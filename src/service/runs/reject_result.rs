//! A result is rejected before it is published: the season goes back to its frozen lists.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::phase::Step;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::season::gated_step::step;
use crate::service::stated_reason::check_reason;
pub use crate::storage::seasons::SeasonRow;
use crate::storage::{freezes, run_files, runs, seasons};

/// Rejects the official result that waits; its sealed files are thrown away.
///
/// # Errors
/// `WrongPhase`, `Invalid` without a reason.
pub async fn reject_result(
    app: &App,
    caller: &Caller,
    code: String,
    reason: String,
) -> Result<SeasonRow, ServiceError> {
    app.act(caller, move |transaction| {
        let season = transaction.season_for(Act::RejectResult, &Whose::season(&code))?;
        check_reason(&reason)?;
        let round = freezes::list(transaction.connection, &code)?.last().map_or(1, |last| last.round);
        let mut changes = vec![step(transaction, &season, Step::Reject)?];
        if let Some(mut run) = runs::official(transaction.connection, &code, round)? {
            run.state = "dropped".to_owned();
            run_files::delete(transaction.connection, &run.id)?;
            changes.push(runs::replace(transaction.connection, "done", &run)?);
        }
        transaction.note(Act::RejectResult, &code, "season", reason.trim(), changes)?;
        seasons::find(transaction.connection, &code)?.ok_or(ServiceError::NotFound)
    })
    .await
}
