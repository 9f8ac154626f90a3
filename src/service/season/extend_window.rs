//! A window's end is moved, for everybody in the area: what is asked of the new end, and the move itself.

use serde::{Deserialize, Serialize};

use crate::service::app::Transaction;
use crate::service::error::{FieldFault, ServiceError};
use crate::storage::change::Change;
use crate::storage::seasons::SeasonRow;
use crate::storage::windows::{self, WindowRow};

/// The new end of a window.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Extension {
    pub stage: String,
    pub batch: String,
    pub area: String,
    pub closes_at_ms: i64,
}

/// Refuses an extension that is none.
///
/// # Errors
/// `Invalid`; `NotFound` without such a window.
pub fn check_extension(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    extension: &Extension,
) -> Result<(), ServiceError> {
    let window = window(transaction, season, extension)?;
    if extension.closes_at_ms <= window.closes_at_ms {
        let fault = FieldFault::new("/closes_at", "order", "must be later than the present end");
        return Err(ServiceError::Invalid(vec![fault]));
    }
    Ok(())
}

/// Moves the end. A window that had closed takes forms again: only several people can do that, and it is on record.
///
/// # Errors
/// `Conflict` `passed` when the new end is over by now.
pub fn extend_window(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    extension: &Extension,
) -> Result<Vec<Change>, ServiceError> {
    let mut window = window(transaction, season, extension)?;
    let now_ms = transaction.season_now_ms(season)?;
    if extension.closes_at_ms <= window.closes_at_ms.max(now_ms) {
        let detail = "the new end is over by now, or another extension reaches further";
        return Err(ServiceError::conflict("passed", detail));
    }
    window.closes_at_ms = extension.closes_at_ms;
    window.closed_at_ms = None;
    Ok(vec![windows::replace(transaction.connection, &window)?])
}

fn window(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    extension: &Extension,
) -> Result<WindowRow, ServiceError> {
    let key =
        (season.code.as_str(), extension.stage.as_str(), extension.batch.as_str(), extension.area.as_str());
    windows::find_to_change(transaction.connection, key)?.ok_or(ServiceError::NotFound)
}
