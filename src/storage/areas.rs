//! Admission areas of a season, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change, deleted};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::areas;

/// An admission area.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = areas, treat_none_as_default_value = false)]
pub struct AreaRow {
    pub season: String,
    pub area_code: String,
    pub name: String,
    pub divisions: String,
}

impl Audited for AreaRow {
    const TABLE: &'static str = "areas";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.area_code)
    }
}

/// Rows of one insert: 4 columns stay below SQLite's 32,766 values and PostgreSQL's 65,535.
const AT_ONCE: usize = 1500;

/// Adds rows, all or none (inside the caller's transaction).
///
/// # Errors
/// `Stale` when a key is taken.
pub fn add_all(connection: &mut AnyConnection, rows: &[AreaRow]) -> Result<Vec<Change>, StorageError> {
    for rows in rows.chunks(AT_ONCE) {
        match connection {
            AnyConnection::Postgres(postgres) => {
                diesel::insert_into(areas::table).values(rows).execute(postgres)?
            }
            AnyConnection::Sqlite(sqlite) => {
                diesel::insert_into(areas::table).values(rows).execute(sqlite)?
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
    old: &[AreaRow],
    rows: &[AreaRow],
) -> Result<Vec<Change>, StorageError> {
    diesel::delete(areas::table.filter(areas::season.eq(season))).execute(connection)?;
    let mut changes = deleted(old, rows);
    changes.extend(add_all(connection, rows)?);
    Ok(changes)
}

/// All rows of a season in the order of their codes.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, season: &str) -> Result<Vec<AreaRow>, StorageError> {
    Ok(areas::table
        .filter(areas::season.eq(season))
        .order(areas::area_code)
        .select(AreaRow::as_select())
        .load(connection)?)
}
