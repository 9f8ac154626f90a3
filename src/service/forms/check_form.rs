//! A list is checked without being stored: every fault, remarks, and how it will be read.

use crate::domain::access::Act;
pub use crate::domain::form_finding::{FormFinding, FormFindings};
use crate::engine::form_check::check;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::{FormName, slots};
use crate::service::forms::stored_terms::{Needed, stored_terms};

/// What the check finds; a list without faults may be submitted while the window is open.
///
/// # Errors
/// `Invalid` only for slots that are no codes at all.
pub async fn check_form(
    app: &App,
    caller: &Caller,
    form: FormName,
    choices: Vec<String>,
) -> Result<FormFindings, ServiceError> {
    app.look(caller, move |transaction| {
        let (season, candidate) = form.concerned(transaction, Act::CheckForm)?;
        let choices = slots(choices)?;
        let stored = stored_terms(transaction.connection, &season, Some(&candidate), Needed::All)?;
        let applicant = stored.applicant.as_ref().ok_or(ServiceError::NotFound)?;
        Ok(check(&stored.terms(), applicant, &form.batch, choices.slots()))
    })
    .await
}
