//! The policy a season holds, as the nouns of the domain.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::admission_kind::AdmissionKind;
use crate::domain::fault::Fault;
use crate::domain::policy::Policy;
use crate::service::error::ServiceError;
use crate::storage::seasons::SeasonRow;

/// Policies that were read, by their text: reading one takes longer than all else of a submission. Text by text the
/// same policy comes out, so none of them can be stale.
static READ: Mutex<Vec<(String, Arc<Policy>)>> = Mutex::new(Vec::new());

/// Policies kept at most.
const MOST_READ: usize = 8;

/// Reads the policy of a season; it was checked when it was stored.
///
/// # Errors
/// `Internal` when an older or newer program stored what this one refuses; `Conflict` `other_admission` of an entry
/// to compulsory schools.
pub fn stored_policy(season: &SeasonRow) -> Result<Arc<Policy>, ServiceError> {
    if season.admission()? != AdmissionKind::SeniorHigh {
        return Err(ServiceError::conflict("other_admission", "this season admits to compulsory schools"));
    }
    let kept = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, policy)) = kept.iter().find(|(text, _)| *text == season.policy) {
        return Ok(policy.clone());
    }
    drop(kept);
    let policy = Policy::parse("season.toml", &season.policy).map_err(|faults| refused(season, &faults))?;
    let policy = Arc::new(policy);
    let mut kept = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MOST_READ {
        kept.remove(0);
    }
    kept.push((season.policy.clone(), policy.clone()));
    Ok(policy)
}

/// What was stored and cannot be read again.
pub fn refused(season: &SeasonRow, faults: &[Fault]) -> ServiceError {
    let first = faults.first().map_or_else(String::new, ToString::to_string);
    ServiceError::Internal(format!("season {} holds a policy this program refuses: {first}", season.code))
}
