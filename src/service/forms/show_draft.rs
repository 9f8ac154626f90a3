//! A draft is shown to its owner.

use crate::domain::access::Act;
use crate::domain::form::DraftName;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::FormName;
use crate::storage::drafts::{self, DraftRow};

/// The draft of a name.
///
/// # Errors
/// `NotFound`, also for anybody but herself.
pub async fn show_draft(
    app: &App,
    caller: &Caller,
    form: FormName,
    name: DraftName,
) -> Result<DraftRow, ServiceError> {
    app.look(caller, move |transaction| {
        form.concerned(transaction, Act::ShowDraft)?;
        let key = (form.season.as_str(), form.exam_no.as_str(), form.batch.as_str(), name.as_str());
        drafts::find(transaction.connection, key)?.ok_or(ServiceError::NotFound)
    })
    .await
}
