//! A draft is saved over the version that was seen; it need not be free of faults, and nothing of it counts.

use crate::domain::access::Act;
use crate::domain::form::{Choices, DraftName};
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::{FormName, slots, to_json};
use crate::service::people::show_candidate::subject;
use crate::service::precondition::Precondition;
use crate::storage::drafts;
pub use crate::storage::drafts::DraftRow;

/// Drafts of one list at most.
const MOST_DRAFTS: usize = 20;

/// Saves a draft; a new name makes a new draft.
///
/// # Errors
/// `PreconditionRequired`, `Stale`; `Invalid`; `Conflict` `too_many_drafts`.
pub async fn save_draft(
    app: &App,
    caller: &Caller,
    form: FormName,
    name: DraftName,
    choices: Vec<String>,
    precondition: Precondition,
) -> Result<DraftRow, ServiceError> {
    app.act(caller, move |transaction| {
        form.concerned(transaction, Act::SaveDraft)?;
        let choices = slots(choices)?;
        write(transaction, Act::SaveDraft, &form, &name, &choices, &precondition)
    })
    .await
}

/// Writes a draft and its audit line; the caller has been permitted.
///
/// # Errors
/// As [`save_draft`].
pub fn write(
    transaction: &mut Transaction<'_>,
    act: Act,
    form: &FormName,
    name: &DraftName,
    choices: &Choices,
    precondition: &Precondition,
) -> Result<DraftRow, ServiceError> {
    let key = (form.season.as_str(), form.exam_no.as_str(), form.batch.as_str(), name.as_str());
    let present = drafts::find_to_change(transaction.connection, key)?;
    let version = present.as_ref().map(|draft| draft.version.to_string());
    precondition.hold_or_absent(version.as_deref())?;
    let draft = DraftRow {
        season: form.season.clone(),
        exam_no: form.exam_no.clone(),
        batch: form.batch.clone(),
        name: name.as_str().to_owned(),
        choices: to_json(choices),
        version: present.as_ref().map_or(1, |draft| draft.version + 1),
        saved_at_ms: transaction.at_ms,
    };
    let change = match present {
        Some(_) => drafts::replace(transaction.connection, &draft)?,
        None => {
            let all = drafts::list(transaction.connection, &form.season, &form.exam_no)?;
            if all.iter().filter(|other| other.batch == form.batch).count() >= MOST_DRAFTS {
                let detail = format!("at most {MOST_DRAFTS} drafts of a list; delete one first");
                return Err(ServiceError::conflict("too_many_drafts", detail));
            }
            drafts::add(transaction.connection, &draft)?
        }
    };
    let detail = form.detail("draft");
    transaction.note(act, &form.season, &subject(&form.exam_no), detail, vec![change])?;
    Ok(draft)
}
