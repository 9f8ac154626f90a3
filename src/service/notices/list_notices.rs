//! A candidate reads the notices in her account.

use crate::domain::access::Act;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::people::show_candidate::concerned;
use crate::storage::outbox;
pub use crate::storage::outbox::NoticeRow;

/// Notices before one of them (its moment and id), newest first.
///
/// # Errors
/// `NotFound` for anybody but herself.
pub async fn list_notices(
    app: &App,
    caller: &Caller,
    season: String,
    exam_no: String,
    before: (i64, String),
    limit: i64,
) -> Result<Vec<NoticeRow>, ServiceError> {
    app.look(caller, move |transaction| {
        concerned(transaction, Act::ListNotices, &season, &exam_no)?;
        let before = (before.0, before.1.as_str());
        Ok(outbox::list_of_candidate(transaction.connection, &season, &exam_no, before, limit)?)
    })
    .await
}
