//! A result is released for a time by several people who saw its hash.

use serde::{Deserialize, Serialize};

use crate::domain::phase::Step;
use crate::service::app::Transaction;
use crate::service::error::{FieldFault, ServiceError};
use crate::service::season::gated_step::step;
use crate::storage::change::Change;
use crate::storage::runs;
use crate::storage::seasons::SeasonRow;

/// What all sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultToApprove {
    pub run: String,
    pub round: i64,
    /// SHA-256 of the manifest: of every file of the result.
    pub root: String,
    pub leaves_root: String,
    pub input_hash: String,
    /// The season's clock must have reached it before anybody can open the result.
    pub publish_at_ms: i64,
}

/// The content of an approval of the run that stands.
///
/// # Errors
/// `NotFound` for another run; `Invalid` when the time has passed.
pub fn whole(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    run: &str,
    publish_at_ms: i64,
) -> Result<ResultToApprove, ServiceError> {
    let run = runs::find(transaction.connection, &season.code, run)?
        .filter(|run| run.kind == "official" && run.state == "done")
        .ok_or(ServiceError::NotFound)?;
    if publish_at_ms < transaction.season_now_ms(season)? {
        let fault = FieldFault::new("/publish_at", "order", "must not have passed");
        return Err(ServiceError::Invalid(vec![fault]));
    }
    Ok(ResultToApprove {
        run: run.id,
        round: run.round,
        root: run.root,
        leaves_root: run.leaves_root,
        input_hash: run.input_hash,
        publish_at_ms,
    })
}

/// The season's result is approved; it is still the one that was signed.
///
/// # Errors
/// `Conflict` `changed`.
pub fn approve_result(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    signed: &ResultToApprove,
) -> Result<Vec<Change>, ServiceError> {
    let run = runs::find(transaction.connection, &season.code, &signed.run)?;
    let same = run.is_some_and(|run| {
        run.kind == "official"
            && run.state == "done"
            && run.root == signed.root
            && run.leaves_root == signed.leaves_root
            && run.input_hash == signed.input_hash
    });
    if !same {
        return Err(ServiceError::conflict("changed", "the result is no longer the one that was signed"));
    }
    Ok(vec![step(transaction, season, Step::Approve)?])
}
