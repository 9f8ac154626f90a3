//! Programmes of a season: what senior highs offer, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change, deleted};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::programmes;

/// A programme.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = programmes, treat_none_as_default_value = false)]
pub struct ProgrammeRow {
    pub season: String,
    pub programme_code: String,
    pub school_code: String,
    pub name: String,
    pub batch: String,
    pub seats: String,
    pub quota_share: String,
    pub scope: String,
    pub gate_open: String,
    pub gate_quota: String,
    pub quota_base: String,
}

impl Audited for ProgrammeRow {
    const TABLE: &'static str = "programmes";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.programme_code)
    }
}

/// Rows of one insert: 11 columns stay below SQLite's 32,766 values and PostgreSQL's 65,535.
const AT_ONCE: usize = 1500;

/// Adds rows, all or none (inside the caller's transaction).
///
/// # Errors
/// `Stale` when a key is taken.
pub fn add_all(connection: &mut AnyConnection, rows: &[ProgrammeRow]) -> Result<Vec<Change>, StorageError> {
    for rows in rows.chunks(AT_ONCE) {
        match connection {
            AnyConnection::Postgres(postgres) => {
                diesel::insert_into(programmes::table).values(rows).execute(postgres)?
            }
            AnyConnection::Sqlite(sqlite) => {
                diesel::insert_into(programmes::table).values(rows).execute(sqlite)?
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
    old: &[ProgrammeRow],
    rows: &[ProgrammeRow],
) -> Result<Vec<Change>, StorageError> {
    diesel::delete(programmes::table.filter(programmes::season.eq(season))).execute(connection)?;
    let mut changes = deleted(old, rows);
    changes.extend(add_all(connection, rows)?);
    Ok(changes)
}

/// All rows of a season in the order of their codes.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, season: &str) -> Result<Vec<ProgrammeRow>, StorageError> {
    Ok(programmes::table
        .filter(programmes::season.eq(season))
        .order(programmes::programme_code)
        .select(ProgrammeRow::as_select())
        .load(connection)?)
}

/// The rows of some codes, in the order of their codes.
///
/// # Errors
/// Storage failed.
pub fn list_some(
    connection: &mut AnyConnection,
    season: &str,
    codes: &[&str],
) -> Result<Vec<ProgrammeRow>, StorageError> {
    Ok(programmes::table
        .filter(programmes::season.eq(season))
        .filter(programmes::programme_code.eq_any(codes))
        .order(programmes::programme_code)
        .select(ProgrammeRow::as_select())
        .load(connection)?)
}
