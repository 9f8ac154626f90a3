//! What is said against a posting, and what was answered.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::objections;

/// An objection.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = objections, treat_none_as_default_value = false)]
pub struct ObjectionRow {
    /// A UUID of version 7: in the order in which they were filed.
    pub id: String,
    pub season: String,
    /// `eligibility` or `quota`.
    pub about: String,
    /// The candidate or the programme it is about.
    pub subject: String,
    /// Whose concern it is: the schools and the area of the subject, where it has them.
    pub junior: Option<String>,
    pub senior: Option<String>,
    pub area: Option<String>,
    pub filed_by: String,
    /// Ciphertext: families write what they like.
    pub text: String,
    pub filed_at_ms: i64,
    pub answered_by: Option<String>,
    /// Ciphertext.
    pub answer: Option<String>,
    pub answered_at_ms: Option<i64>,
}

impl Audited for ObjectionRow {
    const TABLE: &'static str = "objections";
    fn key(&self) -> String {
        self.id.clone()
    }
}

/// Adds an objection.
///
/// # Errors
/// Storage failed.
pub fn add(connection: &mut AnyConnection, row: &ObjectionRow) -> Result<Change, StorageError> {
    diesel::insert_into(objections::table).values(row).execute(connection)?;
    Ok(Change::written(row))
}

/// Writes the answer; the row must still be without one.
///
/// # Errors
/// `Stale` when it was answered meanwhile.
pub fn answer(connection: &mut AnyConnection, row: &ObjectionRow) -> Result<Change, StorageError> {
    let changed = diesel::update(objections::table.find(&row.id))
        .filter(objections::answer.is_null())
        .set((
            objections::answered_by.eq(&row.answered_by),
            objections::answer.eq(&row.answer),
            objections::answered_at_ms.eq(row.answered_at_ms),
        ))
        .execute(connection)?;
    if changed == 1 { Ok(Change::written(row)) } else { Err(StorageError::Stale) }
}

/// The objection of an id in a season.
///
/// # Errors
/// Storage failed.
pub fn find(
    connection: &mut AnyConnection,
    season: &str,
    id: &str,
) -> Result<Option<ObjectionRow>, StorageError> {
    Ok(objections::table
        .find(id)
        .filter(objections::season.eq(season))
        .select(ObjectionRow::as_select())
        .first(connection)
        .optional()?)
}

/// Objections of a season after an id, in the order in which they were filed, at most `limit`.
///
/// # Errors
/// Storage failed.
pub fn list(
    connection: &mut AnyConnection,
    season: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<ObjectionRow>, StorageError> {
    Ok(objections::table
        .filter(objections::season.eq(season))
        .filter(objections::id.gt(after))
        .order(objections::id)
        .limit(limit)
        .select(ObjectionRow::as_select())
        .load(connection)?)
}

/// How many objections of a kind wait for an answer.
///
/// # Errors
/// Storage failed.
pub fn count_open(connection: &mut AnyConnection, season: &str, about: &str) -> Result<i64, StorageError> {
    Ok(objections::table
        .filter(objections::season.eq(season))
        .filter(objections::about.eq(about))
        .filter(objections::answer.is_null())
        .count()
        .get_result(connection)?)
}
