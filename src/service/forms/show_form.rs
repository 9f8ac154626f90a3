//! The version that counts is shown to its owner, with its receipt.

use crate::domain::access::Act;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::{FormName, stage_shown};
use crate::storage::confirmations;
use crate::storage::form_versions;
pub use crate::storage::form_versions::FormVersionRow;

/// A version, and whether its signed print is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownForm {
    pub version: FormVersionRow,
    pub confirmed: bool,
}

/// What was submitted last.
///
/// # Errors
/// `NotFound` before the first submission, and for anybody but herself.
pub async fn show_form(app: &App, caller: &Caller, form: FormName) -> Result<ShownForm, ServiceError> {
    app.look(caller, move |transaction| {
        let (season, _) = form.concerned(transaction, Act::ShowForm)?;
        let stage = stage_shown(season.phase()?);
        let key = (form.season.as_str(), stage, form.exam_no.as_str(), form.batch.as_str());
        let version = form_versions::latest(transaction.connection, key)?.ok_or(ServiceError::NotFound)?;
        let confirmed = confirmations::find(transaction.connection, key, version.version)?.is_some();
        Ok(ShownForm { version, confirmed })
    })
    .await
}
