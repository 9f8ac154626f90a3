//! A draft is deleted, at the version that was seen.

use crate::domain::access::Act;
use crate::domain::form::DraftName;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::FormName;
use crate::service::people::show_candidate::subject;
use crate::service::precondition::Precondition;
use crate::storage::drafts;

/// Deletes a draft.
///
/// # Errors
/// `NotFound`, `PreconditionRequired`, `Stale`.
pub async fn delete_draft(
    app: &App,
    caller: &Caller,
    form: FormName,
    name: DraftName,
    precondition: Precondition,
) -> Result<(), ServiceError> {
    app.act(caller, move |transaction| {
        form.concerned(transaction, Act::DeleteDraft)?;
        let key = (form.season.as_str(), form.exam_no.as_str(), form.batch.as_str(), name.as_str());
        let draft = drafts::find_to_change(transaction.connection, key)?.ok_or(ServiceError::NotFound)?;
        precondition.hold(&draft.version.to_string())?;
        let change = drafts::delete(transaction.connection, &draft)?;
        let detail = form.detail("draft");
        transaction.note(Act::DeleteDraft, &form.season, &subject(&form.exam_no), detail, vec![change])
    })
    .await
}
