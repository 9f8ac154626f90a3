//! The policy a season holds, as the nouns of the domain.

use crate::domain::admission_kind::AdmissionKind;
use crate::domain::fault::Fault;
use crate::domain::policy::Policy;
use crate::service::error::ServiceError;
use crate::storage::seasons::SeasonRow;

/// Reads the policy of a season; it was checked when it was stored.
///
/// # Errors
/// `Internal` when an older or newer program stored what this one refuses; `Conflict` `other_admission` of an entry
/// to compulsory schools.
pub fn stored_policy(season: &SeasonRow) -> Result<Policy, ServiceError> {
    if season.admission()? != AdmissionKind::SeniorHigh {
        return Err(ServiceError::conflict("other_admission", "this season admits to compulsory schools"));
    }
    Policy::parse("season.toml", &season.policy).map_err(|faults| refused(season, &faults))
}

/// What was stored and cannot be read again.
pub fn refused(season: &SeasonRow, faults: &[Fault]) -> ServiceError {
    let first = faults.first().map_or_else(String::new, ToString::to_string);
    ServiceError::Internal(format!("season {} holds a policy this program refuses: {first}", season.code))
}
