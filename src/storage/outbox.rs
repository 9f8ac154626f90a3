//! Notices that wait to be sent, written in the transaction of what they tell; a relay takes them by lease.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::storage::database::{AnyConnection, on_either};
use crate::storage::error::StorageError;
use crate::storage::schema::outbox;
use crate::storage::written_insert::written_insert;

/// A notice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
pub struct NoticeRow {
    pub id: String,
    pub season: String,
    pub exam_no: String,
    /// `candidate`: shown in her account; `guardian`: sent to the phone of the roster.
    pub recipient: String,
    /// No name and no choice.
    pub text: String,
    pub created_at_ms: i64,
    /// When it may be tried next.
    pub due_at_ms: i64,
    pub attempts: i64,
    /// `waiting`, `sent` or `dead`.
    pub state: String,
    /// Why the last attempt failed.
    pub fault: String,
    /// The number it goes to, sealed for this notice, where that is not the roster's.
    pub phone: Option<String>,
}

written_insert!(
    outbox, NoticeRow, id: Text, season: Text, exam_no: Text, recipient: Text, text: Text, created_at_ms: BigInt,
    due_at_ms: BigInt, attempts: BigInt, state: Text, fault: Text, phone: Nullable<Text>,
);

/// Adds a notice.
///
/// # Errors
/// Storage failed.
pub fn add(connection: &mut AnyConnection, notice: &NoticeRow) -> Result<(), StorageError> {
    diesel::insert_into(outbox::table).values(notice).execute(connection)?;
    Ok(())
}

/// Adds the notices to a candidate and to her guardian with one statement.
///
/// # Errors
/// Storage failed.
pub fn add_both(connection: &mut AnyConnection, [one, other]: [NoticeRow; 2]) -> Result<(), StorageError> {
    let insert = Insert([&one, &other]);
    on_either!(connection, connection => insert.execute(connection))?;
    Ok(())
}

/// Takes waiting notices that are due, at most `limit`: until `leased_until_ms` no other relay has them,
/// and each counts an attempt.
///
/// # Errors
/// Storage failed.
pub fn take(
    connection: &mut AnyConnection,
    now_ms: i64,
    leased_until_ms: i64,
    limit: i64,
) -> Result<Vec<NoticeRow>, StorageError> {
    let due: Vec<NoticeRow> = outbox::table
        .filter(outbox::state.eq("waiting"))
        .filter(outbox::due_at_ms.le(now_ms))
        .order((outbox::due_at_ms, outbox::id))
        .limit(limit)
        .select(NoticeRow::as_select())
        .load(connection)?;
    let mut taken = Vec::new();
    for mut notice in due {
        // Guarded: of two relays that saw the same row one takes it.
        let changed = diesel::update(outbox::table.find(&notice.id))
            .filter(outbox::state.eq("waiting"))
            .filter(outbox::due_at_ms.eq(notice.due_at_ms))
            .set((outbox::due_at_ms.eq(leased_until_ms), outbox::attempts.eq(notice.attempts + 1)))
            .execute(connection)?;
        if changed == 1 {
            notice.due_at_ms = leased_until_ms;
            notice.attempts += 1;
            taken.push(notice);
        }
    }
    Ok(taken)
}

/// Notes how an attempt ended, unless the lease has run out and another relay has the notice.
///
/// # Errors
/// Storage failed.
pub fn settle(
    connection: &mut AnyConnection,
    notice: &NoticeRow,
    state: &str,
    due_at_ms: i64,
    fault: &str,
) -> Result<(), StorageError> {
    diesel::update(outbox::table.find(&notice.id))
        .filter(outbox::attempts.eq(notice.attempts))
        .set((outbox::state.eq(state), outbox::due_at_ms.eq(due_at_ms), outbox::fault.eq(fault)))
        .execute(connection)?;
    Ok(())
}

/// Notices to a candidate herself before a moment, newest first.
///
/// # Errors
/// Storage failed.
pub fn list_of_candidate(
    connection: &mut AnyConnection,
    season: &str,
    exam_no: &str,
    before: (i64, &str),
    limit: i64,
) -> Result<Vec<NoticeRow>, StorageError> {
    let (at_ms, id) = before;
    Ok(outbox::table
        .filter(outbox::season.eq(season))
        .filter(outbox::exam_no.eq(exam_no))
        .filter(outbox::recipient.eq("candidate"))
        .filter(outbox::created_at_ms.lt(at_ms).or(outbox::created_at_ms.eq(at_ms).and(outbox::id.lt(id))))
        .order((outbox::created_at_ms.desc(), outbox::id.desc()))
        .limit(limit)
        .select(NoticeRow::as_select())
        .load(connection)?)
}
