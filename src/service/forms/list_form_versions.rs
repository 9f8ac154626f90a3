//! A candidate sees every version she submitted.

use crate::domain::access::Act;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::{FormName, stage_shown};
use crate::storage::form_versions::{self, FormVersionRow};

/// Versions before a number, newest first.
///
/// # Errors
/// `NotFound` for anybody but herself.
pub async fn list_form_versions(
    app: &App,
    caller: &Caller,
    form: FormName,
    before: i64,
    limit: i64,
) -> Result<Vec<FormVersionRow>, ServiceError> {
    app.look(caller, move |transaction| {
        let (season, _) = form.concerned(transaction, Act::ListFormVersions)?;
        let stage = stage_shown(season.phase()?);
        let key = (form.season.as_str(), stage, form.exam_no.as_str(), form.batch.as_str());
        Ok(form_versions::list(transaction.connection, key, before, limit)?)
    })
    .await
}
