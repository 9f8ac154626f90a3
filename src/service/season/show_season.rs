//! A season is looked at.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
pub use crate::storage::seasons::SeasonRow;

/// The season and its clock now, in milliseconds since 1970.
///
/// # Errors
/// `NotFound`.
pub async fn show_season(app: &App, caller: &Caller, code: String) -> Result<(SeasonRow, i64), ServiceError> {
    app.look(caller, move |transaction| {
        let season = transaction.season_for(Act::ShowSeason, &Whose::season(&code))?;
        let now_ms = transaction.season_now_ms(&season)?;
        Ok((season, now_ms))
    })
    .await
}
