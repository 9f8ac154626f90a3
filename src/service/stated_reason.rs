//! Why somebody does an act that is not undone quietly: a text that a reader of the record understands.

use crate::service::error::{FieldFault, ServiceError};

/// The fault of a reason that says too little or too much: it must have 4 to 500 characters, blanks around it aside.
pub fn reason_fault(reason: &str) -> Option<FieldFault> {
    let fits = (4..=500).contains(&reason.trim().chars().count());
    (!fits).then(|| FieldFault::new("/reason", "length", "must say why in 4 to 500 characters"))
}

/// Refuses such a reason where nothing else of the request can be at fault.
///
/// # Errors
/// `Invalid`.
pub fn check_reason(reason: &str) -> Result<(), ServiceError> {
    reason_fault(reason).map_or(Ok(()), |fault| Err(ServiceError::Invalid(vec![fault])))
}
