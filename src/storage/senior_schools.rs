//! Senior highs of a season, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change, deleted};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::senior_schools;

/// A senior high.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = senior_schools, treat_none_as_default_value = false)]
pub struct SeniorSchoolRow {
    pub season: String,
    pub school_code: String,
    pub name: String,
    pub area_code: String,
    pub ownership: String,
    pub high_quality: String,
}

impl Audited for SeniorSchoolRow {
    const TABLE: &'static str = "senior_schools";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.school_code)
    }
}

/// Rows of one insert: 6 columns stay below SQLite's 32,766 values and PostgreSQL's 65,535.
const AT_ONCE: usize = 1500;

/// Adds rows, all or none (inside the caller's transaction).
///
/// # Errors
/// `Stale` when a key is taken.
pub fn add_all(
    connection: &mut AnyConnection,
    rows: &[SeniorSchoolRow],
) -> Result<Vec<Change>, StorageError> {
    for rows in rows.chunks(AT_ONCE) {
        match connection {
            AnyConnection::Postgres(postgres) => {
                diesel::insert_into(senior_schools::table).values(rows).execute(postgres)?
            }
            AnyConnection::Sqlite(sqlite) => {
                diesel::insert_into(senior_schools::table).values(rows).execute(sqlite)?
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
    old: &[SeniorSchoolRow],
    rows: &[SeniorSchoolRow],
) -> Result<Vec<Change>, StorageError> {
    diesel::delete(senior_schools::table.filter(senior_schools::season.eq(season))).execute(connection)?;
    let mut changes = deleted(old, rows);
    changes.extend(add_all(connection, rows)?);
    Ok(changes)
}

/// All rows of a season in the order of their codes.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, season: &str) -> Result<Vec<SeniorSchoolRow>, StorageError> {
    Ok(senior_schools::table
        .filter(senior_schools::season.eq(season))
        .order(senior_schools::school_code)
        .select(SeniorSchoolRow::as_select())
        .load(connection)?)
}

/// Whether a season has a school of this code in this area.
///
/// # Errors
/// Storage failed.
pub fn stands(connection: &mut AnyConnection, code: &str, area: &str) -> Result<bool, StorageError> {
    let found: i64 = senior_schools::table
        .filter(senior_schools::school_code.eq(code))
        .filter(senior_schools::area_code.eq(area))
        .count()
        .get_result(connection)?;
    Ok(found > 0)
}
