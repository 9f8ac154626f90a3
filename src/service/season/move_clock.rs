//! The clock of a rehearsal or demonstration season is moved, so that a season fits into five minutes.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::precondition::Precondition;
use crate::storage::seasons::{self, SeasonRow};

/// Years the clock may be moved at most, in milliseconds.
const FARTHEST_MS: i64 = 10 * 366 * 24 * 60 * 60 * 1000;

/// Sets the season's clock to a moment and returns the season.
///
/// # Errors
/// `Conflict` `official` in an official season; `Stale`; `Invalid` more than ten years away.
pub async fn move_clock(
    app: &App,
    caller: &Caller,
    code: String,
    precondition: Precondition,
    to_ms: i64,
) -> Result<SeasonRow, ServiceError> {
    app.act(caller, move |transaction| {
        let mut season = transaction.season_for(Act::MoveClock, &Whose::season(&code))?;
        precondition.hold(&season.version.to_string())?;
        if season.kind == "official" {
            let detail = "the clock of an official season cannot be moved";
            return Err(ServiceError::conflict("official", detail));
        }
        let offset_ms = to_ms.saturating_sub(transaction.at_ms);
        if offset_ms.abs() > FARTHEST_MS {
            return Err(ServiceError::invalid("/now", "range", "must be within ten years of today"));
        }
        season.clock_offset_ms = offset_ms;
        let change = seasons::replace(transaction.connection, &mut season)?;
        transaction.note(Act::MoveClock, &code, "season", format!("{offset_ms} ms"), vec![change])?;
        Ok(season)
    })
    .await
}
