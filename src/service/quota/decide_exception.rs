//! Against what the rule says somebody may, or may not, use quota seats: with evidence, by two people.

use serde::{Deserialize, Serialize};

use crate::domain::actor::Whose;
use crate::domain::eligibility::{EXCEPTED, EXCLUDED};
use crate::service::app::Transaction;
use crate::service::error::{FieldFault, ServiceError};
use crate::storage::candidates;
use crate::storage::change::Change;
use crate::storage::seasons::SeasonRow;

/// What is decided about somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    pub exam_no: String,
    /// Whether she may use quota seats.
    pub eligible: bool,
    /// The papers that show it, by number: never what they say of her family.
    pub evidence: String,
}

/// Whose concern it is.
///
/// # Errors
/// `NotFound` for nobody.
pub fn whose(
    transaction: &mut Transaction<'_>,
    season: &str,
    exception: &Exception,
) -> Result<Whose, ServiceError> {
    let candidate = candidates::find(transaction.connection, season, &exception.exam_no)?
        .ok_or(ServiceError::NotFound)?;
    Ok(Whose {
        exam_no: Some(candidate.exam_no),
        junior: Some(candidate.junior_code),
        area: Some(candidate.area_code),
        ..Whose::season(season)
    })
}

/// Refuses an exception without evidence.
///
/// # Errors
/// `Invalid`.
pub fn check_exception(exception: &Exception) -> Result<(), ServiceError> {
    if (4..=500).contains(&exception.evidence.trim().chars().count()) {
        return Ok(());
    }
    let fault = FieldFault::new("/evidence", "length", "must name the papers in 4 to 500 characters");
    Err(ServiceError::Invalid(vec![fault]))
}

/// Notes the decision as a flag of the roster, where the engine, the proof and the verifier read it.
///
/// # Errors
/// `NotFound`.
pub fn decide_exception(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    exception: &Exception,
) -> Result<Vec<Change>, ServiceError> {
    let mut candidate = candidates::find(transaction.connection, &season.code, &exception.exam_no)?
        .ok_or(ServiceError::NotFound)?;
    let mut flags: Vec<&str> = candidate
        .flags
        .split(';')
        .map(str::trim)
        .filter(|flag| !flag.is_empty() && ![EXCEPTED, EXCLUDED].contains(flag))
        .collect();
    flags.push(if exception.eligible { EXCEPTED } else { EXCLUDED });
    candidate.flags = flags.join(";");
    Ok(vec![candidates::set_flags(transaction.connection, &candidate)?])
}
