//! The policy a season holds, as the nouns of the domain.

use crate::domain::policy::Policy;
use crate::service::error::ServiceError;
use crate::storage::seasons::SeasonRow;

/// Reads the policy of a season; it was checked when it was stored.
///
/// # Errors
/// `Internal` when an older or newer program stored what this one refuses.
pub fn stored_policy(season: &SeasonRow) -> Result<Policy, ServiceError> {
    Policy::parse("season.toml", &season.policy).map_err(|faults| {
        let first = faults.first().map_or_else(String::new, ToString::to_string);
        ServiceError::Internal(format!("season {} holds a policy this program refuses: {first}", season.code))
    })
}
