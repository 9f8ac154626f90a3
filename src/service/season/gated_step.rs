//! A step of the season that follows from an act with a gate of its own.

use crate::domain::phase::Step;
use crate::service::app::Transaction;
use crate::service::error::ServiceError;
use crate::storage::change::Change;
use crate::storage::seasons::{self, SeasonRow};

/// Takes a step that has a gate of its own.
///
/// # Errors
/// `WrongStep`, `Stale`.
pub fn step(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    step: Step,
) -> Result<Change, ServiceError> {
    let mut season = season.clone();
    let next = season.phase()?.after(step)?;
    season.phase = next.word().to_owned();
    Ok(seasons::replace(transaction.connection, &mut season)?)
}
