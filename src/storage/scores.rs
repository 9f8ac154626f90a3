//! Marks of the exam, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::Audited;
use crate::storage::database::{AnyConnection, on_either};
use crate::storage::error::StorageError;
use crate::storage::schema::scores;
use crate::storage::sheet_rows::sheet_rows;

/// The marks of a candidate: a JSON object, column of `scores.csv` -> cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = scores, treat_none_as_default_value = false)]
pub struct ScoreRow {
    pub season: String,
    pub exam_no: String,
    pub marks: String,
}

impl Audited for ScoreRow {
    const TABLE: &'static str = "scores";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.exam_no)
    }
}

sheet_rows!(scores, ScoreRow, exam_no);

/// The marks of a candidate.
///
/// # Errors
/// Storage failed.
pub fn find(
    connection: &mut AnyConnection,
    season: &str,
    exam_no: &str,
) -> Result<Option<ScoreRow>, StorageError> {
    Ok(scores::table.find((season, exam_no)).select(ScoreRow::as_select()).first(connection).optional()?)
}

/// Exam number and marks of every candidate who has marks, in the order of exam numbers.
///
/// # Errors
/// Storage failed.
pub fn list_marks(
    connection: &mut AnyConnection,
    season: &str,
) -> Result<Vec<(String, String)>, StorageError> {
    Ok(on_either!(connection, connection => scores::table
        .filter(scores::season.eq(season))
        .order(scores::exam_no)
        .select((scores::exam_no, scores::marks))
        .load(connection))?)
}

/// The exam numbers that have marks.
///
/// # Errors
/// Storage failed.
pub fn list_codes(connection: &mut AnyConnection, season: &str) -> Result<Vec<String>, StorageError> {
    Ok(scores::table.filter(scores::season.eq(season)).select(scores::exam_no).load(connection)?)
}
