//! A change of a form, or of where messages go, is told to the candidate and to the guardian.

use crate::service::app::Transaction;
use crate::service::error::ServiceError;
use crate::service::secrets::field_cipher::{FieldCipher, Place};
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
    let both = [("candidate", "sent"), ("guardian", "waiting")]
        .map(|(recipient, state)| notice(transaction, (season, exam_no), recipient, state, text));
    Ok(outbox::add_both(transaction.connection, both)?)
}

/// Puts a notice into the outbox to a number that the roster no longer has; `text` as of [`tell_family`].
///
/// # Errors
/// Storage failed.
pub fn tell_old_number(
    transaction: &mut Transaction<'_>,
    fields: &FieldCipher,
    (season, exam_no): (&str, &str),
    phone: &str,
    text: &str,
) -> Result<(), ServiceError> {
    let mut notice = notice(transaction, (season, exam_no), "guardian", "waiting", text);
    notice.phone = Some(fields.seal(place(&notice.id), phone));
    Ok(outbox::add(transaction.connection, &notice)?)
}

/// Where the number of a notice stands sealed.
pub fn place(notice: &str) -> Place<'_> {
    Place { table: "outbox", column: "phone", row: notice }
}

fn notice(
    transaction: &Transaction<'_>,
    (season, exam_no): (&str, &str),
    recipient: &str,
    state: &str,
    text: &str,
) -> NoticeRow {
    NoticeRow {
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
        phone: None,
    }
}
