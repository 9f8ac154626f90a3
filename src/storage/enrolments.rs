//! Who came to the school that admitted her, and who did not, as the school reported.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::enrolments;

/// A report about one candidate.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = enrolments, treat_none_as_default_value = false)]
pub struct EnrolmentRow {
    pub season: String,
    pub exam_no: String,
    /// The senior high that reports.
    pub school_code: String,
    /// `enrolled` or `no_show`.
    pub state: String,
    pub reported_by: String,
    pub at_ms: i64,
}

impl Audited for EnrolmentRow {
    const TABLE: &'static str = "enrolments";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.exam_no)
    }
}

/// Puts a report in the place of the one before.
///
/// # Errors
/// Storage failed.
pub fn put(connection: &mut AnyConnection, row: &EnrolmentRow) -> Result<Change, StorageError> {
    let key = (&row.season, &row.exam_no);
    if diesel::update(enrolments::table.find(key)).set(row).execute(connection)? == 0 {
        diesel::insert_into(enrolments::table).values(row).execute(connection)?;
    }
    Ok(Change::written(row))
}

/// The reports of a season by exam number.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, season: &str) -> Result<Vec<EnrolmentRow>, StorageError> {
    Ok(enrolments::table
        .filter(enrolments::season.eq(season))
        .order(enrolments::exam_no)
        .select(EnrolmentRow::as_select())
        .load(connection)?)
}
