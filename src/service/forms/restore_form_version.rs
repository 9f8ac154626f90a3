//! An earlier version comes back as a draft; what counts changes only by submitting it.

use crate::domain::access::Act;
use crate::domain::form::DraftName;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::save_draft;
use crate::service::forms::stored_form::{FormName, from_json, stage_shown};
use crate::service::precondition::Precondition;
use crate::storage::drafts::DraftRow;
use crate::storage::form_versions;

/// Makes a draft of this name from a version.
///
/// # Errors
/// `NotFound` without such a version; `Conflict` `draft_exists`, `too_many_drafts`.
pub async fn restore_form_version(
    app: &App,
    caller: &Caller,
    form: FormName,
    version: i64,
    name: DraftName,
) -> Result<DraftRow, ServiceError> {
    app.act(caller, move |transaction| {
        let (season, _) = form.concerned(transaction, Act::RestoreFormVersion)?;
        let stage = stage_shown(season.phase()?);
        let key = (form.season.as_str(), stage, form.exam_no.as_str(), form.batch.as_str());
        let found =
            form_versions::find(transaction.connection, key, version)?.ok_or(ServiceError::NotFound)?;
        let choices = from_json(&found.choices)?;
        save_draft::write(transaction, Act::RestoreFormVersion, &form, &name, &choices, &Precondition::Absent)
            .map_err(|error| match error {
                ServiceError::Stale { .. } => {
                    ServiceError::conflict("draft_exists", "a draft of this name exists; choose another")
                }
                other => other,
            })
    })
    .await
}
