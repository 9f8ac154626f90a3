//! Marks of the exam, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change, deleted};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::scores;

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

/// Rows of one insert: 3 columns stay below SQLite's 32,766 values and PostgreSQL's 65,535.
const AT_ONCE: usize = 1500;

/// Adds rows, all or none (inside the caller's transaction).
///
/// # Errors
/// `Stale` when a key is taken.
pub fn add_all(connection: &mut AnyConnection, rows: &[ScoreRow]) -> Result<Vec<Change>, StorageError> {
    for rows in rows.chunks(AT_ONCE) {
        match connection {
            AnyConnection::Postgres(postgres) => {
                diesel::insert_into(scores::table).values(rows).execute(postgres)?
            }
            AnyConnection::Sqlite(sqlite) => {
                diesel::insert_into(scores::table).values(rows).execute(sqlite)?
            }
        };
    }
    Ok(rows.iter().map(Change::written).collect())
}

/// Puts rows in the place of all rows of the season; `old` are those that stand there.
///
/// # Errors
/// Storage failed.
pub fn replace_all(
    connection: &mut AnyConnection,
    season: &str,
    old: &[ScoreRow],
    rows: &[ScoreRow],
) -> Result<Vec<Change>, StorageError> {
    diesel::delete(scores::table.filter(scores::season.eq(season))).execute(connection)?;
    let mut changes = deleted(old, rows);
    changes.extend(add_all(connection, rows)?);
    Ok(changes)
}

/// All rows of a season in the order of their codes.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, season: &str) -> Result<Vec<ScoreRow>, StorageError> {
    Ok(scores::table
        .filter(scores::season.eq(season))
        .order(scores::exam_no)
        .select(ScoreRow::as_select())
        .load(connection)?)
}
