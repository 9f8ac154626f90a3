//! Two people open the complete result of a round for auditors: what they sign is the permission, and it ends.

use serde::{Deserialize, Serialize};

use crate::service::app::Transaction;
use crate::service::error::{FieldFault, ServiceError};
use crate::storage::change::Change;
use crate::storage::publications;
use crate::storage::seasons::SeasonRow;

/// How long the package stays open after the last signature, in milliseconds: 72 hours.
pub const OPEN_MS: i64 = 72 * 60 * 60 * 1000;

/// What all sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageToOpen {
    pub round: i64,
    /// Of the result that was published in the round.
    pub root: String,
}

/// The package of a round.
///
/// # Errors
/// `Invalid` for a round of which nothing was published.
pub fn whole(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    round: i64,
) -> Result<PackageToOpen, ServiceError> {
    let rounds = publications::list(transaction.connection, &season.code)?;
    let Some(publication) = rounds.into_iter().find(|publication| publication.round == round) else {
        let fault = FieldFault::new("/change/round", "unknown", "nothing was published in this round");
        return Err(ServiceError::Invalid(vec![fault]));
    };
    Ok(PackageToOpen { round, root: publication.root })
}

/// Opens it: the signed proposal is all there is to write.
///
/// # Errors
/// `Conflict` `changed` when the round's result is no longer the one that was proposed.
pub fn open_auditor_package(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    signed: &PackageToOpen,
) -> Result<Vec<Change>, ServiceError> {
    if whole(transaction, season, signed.round)? != *signed {
        return Err(ServiceError::conflict("changed", "another result stands under this round"));
    }
    Ok(Vec::new())
}
