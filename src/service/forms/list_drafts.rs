//! A candidate lists her drafts of one list.

use crate::domain::access::Act;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::FormName;
use crate::storage::drafts::{self, DraftRow};

/// All drafts of the list, by name; they are few.
///
/// # Errors
/// `NotFound` for anybody but herself.
pub async fn list_drafts(app: &App, caller: &Caller, form: FormName) -> Result<Vec<DraftRow>, ServiceError> {
    app.look(caller, move |transaction| {
        form.concerned(transaction, Act::ListDrafts)?;
        let mut found = drafts::list(transaction.connection, &form.season, &form.exam_no)?;
        found.retain(|draft| draft.batch == form.batch);
        Ok(found)
    })
    .await
}
