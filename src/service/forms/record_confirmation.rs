//! The school records the signed form (志愿确认表) against the version it was printed from.

use std::fmt::Display;

use crate::domain::access::Act;
use crate::domain::language::Language;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::{FormName, stage_shown};
use crate::service::notices::tell_family::tell_family;
use crate::service::people::show_candidate::subject;
pub use crate::storage::confirmations::ConfirmationRow;
use crate::storage::{confirmations, form_versions};
use crate::words::texts::Words;

/// Records the signature; recording the same version again changes nothing.
///
/// # Errors
/// `Conflict` `not_submitted`; `Conflict` `other_version`, which names the version that counts, when the
/// paper was printed from another.
pub async fn record_confirmation(
    app: &App,
    caller: &Caller,
    form: FormName,
    version: i64,
    hash: String,
) -> Result<ConfirmationRow, ServiceError> {
    app.act(caller, move |transaction| {
        let (season, _) = form.concerned(transaction, Act::RecordConfirmation)?;
        let stage = stage_shown(season.phase()?);
        let key = (form.season.as_str(), stage, form.exam_no.as_str(), form.batch.as_str());
        // Waits for a submission under way: nobody signs a version that is no longer the last.
        let latest = form_versions::latest_to_submit(transaction.connection, key)?
            .ok_or_else(|| ServiceError::conflict("not_submitted", "nothing was submitted for this batch"))?;
        if latest.version != version || latest.hash != hash {
            let detail = format!(
                "the paper is not of what counts: print version {} and have it signed",
                latest.version
            );
            return Err(ServiceError::conflict("other_version", detail));
        }
        if let Some(known) = confirmations::find(transaction.connection, key, version)? {
            return Ok(known);
        }
        let confirmation = ConfirmationRow {
            season: form.season.clone(),
            stage: stage.to_owned(),
            exam_no: form.exam_no.clone(),
            batch: form.batch.clone(),
            version,
            hash,
            recorded_by: transaction.actor.account.clone(),
            at_ms: transaction.season_now_ms(&season)?,
        };
        let change = confirmations::add(transaction.connection, &confirmation)?;
        let places: [(&str, &dyn Display); 2] = [("batch", &form.batch), ("version", &version)];
        let text = Words(Language::Chinese).with("notice-confirmed", &places);
        tell_family(transaction, &form.season, &form.exam_no, &text)?;
        let detail = form.detail(&format!("version {version}"));
        let who = subject(&form.exam_no);
        transaction.note(Act::RecordConfirmation, &form.season, &who, detail, vec![change])?;
        Ok(confirmation)
    })
    .await
}
