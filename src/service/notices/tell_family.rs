//! A change of a form is told to the candidate and to the guardian.

use crate::service::app::Transaction;
use crate::service::error::ServiceError;
use crate::storage::outbox::{self, NoticeRow};

/// Puts a notice to both into the outbox, in the transaction of the change: none without it, and it
/// not without them. The candidate's own waits in her account; the guardian's goes by SMS.
///
/// `text` holds no name and no choice: messages are read on other people's phones.
///
/// # Errors
/// Storage failed.
pub fn tell_family(
    transaction: &mut Transaction<'_>,
    season: &str,
    exam_no: &str,
    text: &str,
) -> Result<(), ServiceError> {
    for (recipient, state) in [("candidate", "sent"), ("guardian", "waiting")] {
        let notice = NoticeRow {
            id: uuid::Uuid::now_v7().to_string(),
            season: season.to_owned(),
            exam_no: exam_no.to_owned(),
            recipient: recipient.to_owned(),
            text: text.to_owned(),
            created_at_ms: transaction.at_ms,
            due_at_ms: transaction.at_ms,
            attempts: 0,
            state: state.to_owned(),
            fault: String::new(),
        };
        outbox::add(transaction.connection, &notice)?;
    }
    Ok(())
}
