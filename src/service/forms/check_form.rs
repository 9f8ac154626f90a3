//! A list is checked without being stored: every fault, remarks, and how it will be read.

use crate::domain::access::Act;
pub use crate::domain::form_finding::{FormFinding, FormFindings};
use crate::engine::chances::is_all_reaches;
use crate::engine::form_check::{all_reaches, check};
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::own_chances::own_chances;
use crate::service::forms::stored_form::{FormName, slots};
use crate::service::forms::stored_terms::stored_terms;

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
    let kept = app.kept().clone();
    app.look(caller, move |transaction| {
        let (season, candidate) = form.concerned(transaction, Act::CheckForm)?;
        let choices = slots(choices)?;
        let stored = stored_terms(transaction.connection, &kept, &season, Some(&candidate))?;
        let applicant = stored.applicant.as_ref().ok_or(ServiceError::NotFound)?;
        let terms = stored.terms();
        let mut found = check(&terms, applicant, &form.batch, choices.slots());
        let own = own_chances(transaction.connection, &kept, &season, &stored.season.policy, &candidate)?;
        if let Some(own) = own {
            let batches = terms.batches(&form.batch);
            let programmes = &stored.season.city.programmes;
            let listed = choices.slots().iter().filter_map(|code| {
                let at = programmes.binary_search_by(|programme| programme.code.cmp(code)).ok()?;
                own.of(&terms, applicant, &batches, at as u32).chance
            });
            found.warnings.extend(is_all_reaches(&listed.collect::<Vec<_>>()).then(all_reaches));
        }
        Ok(found)
    })
    .await
}
