//! The seats of every junior high are published, with the proof of every number.

use serde::{Deserialize, Serialize};

use crate::domain::phase::{Phase, Step};
use crate::service::app::Transaction;
use crate::service::error::ServiceError;
use crate::service::quota::computed_quota::computed_quota;
use crate::service::quota::objections::all_answered;
use crate::service::season::gated_step::step;
use crate::storage::change::Change;
use crate::storage::quota_publications::{self, QuotaPublicationRow};
use crate::storage::seasons::SeasonRow;

/// What all sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaToPublish {
    /// SHA-256 over the cells and their proof.
    pub quota_hash: String,
    pub cells: usize,
    pub seats: u64,
}

/// The quota as it stands.
///
/// # Errors
/// As [`computed_quota`]; `Conflict` `objections_open` while objections to the posting wait for an answer.
pub fn quota(transaction: &mut Transaction<'_>, season: &SeasonRow) -> Result<QuotaToPublish, ServiceError> {
    all_answered(transaction, &season.code, "eligibility")?;
    let computed = computed_quota(transaction, season)?;
    Ok(QuotaToPublish { quota_hash: computed.hash(), cells: computed.cell_count, seats: computed.seats })
}

/// Publishes it, if it is still what was signed.
///
/// # Errors
/// `Conflict` `changed`.
pub fn publish_quota(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    signed: &QuotaToPublish,
) -> Result<Vec<Change>, ServiceError> {
    let computed = computed_quota(transaction, season)?;
    if computed.hash() != signed.quota_hash {
        let detail = "the quota is no longer what was proposed; propose it again";
        return Err(ServiceError::conflict("changed", detail));
    }
    let row = QuotaPublicationRow {
        season: season.code.clone(),
        quota_hash: signed.quota_hash.clone(),
        cells: computed.cells,
        proof: computed.proof,
        page: computed.page,
        at_ms: transaction.season_now_ms(season)?,
    };
    let mut changes = vec![quota_publications::put(transaction.connection, &row)?];
    if season.phase()? == Phase::EligibilityPosted {
        changes.push(step(transaction, season, Step::PublishQuota)?);
    }
    Ok(changes)
}

/// Refuses where the data no longer give the quota that was published.
///
/// # Errors
/// `Conflict` `quota_changed`, or `quota_not_published` in an official season that has quota seats.
pub fn holds(transaction: &mut Transaction<'_>, season: &SeasonRow) -> Result<(), ServiceError> {
    let Some(published) = quota_publications::find(transaction.connection, &season.code)? else {
        let policy = crate::service::season::stored_policy::stored_policy(season)?;
        if season.kind == "official" && policy.quota.is_some() {
            let detail = "the quota of the junior highs has not been published";
            return Err(ServiceError::conflict("quota_not_published", detail));
        }
        return Ok(());
    };
    if computed_quota(transaction, season)?.hash() != published.quota_hash {
        let detail = "the data no longer give the quota that was published";
        return Err(ServiceError::conflict("quota_changed", detail));
    }
    Ok(())
}
