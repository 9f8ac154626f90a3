//! Quota cells fixed by hand, with their authority and reason, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change, deleted};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::quota_overrides;

/// A cell fixed by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = quota_overrides, treat_none_as_default_value = false)]
pub struct QuotaOverrideRow {
    pub season: String,
    pub programme_code: String,
    pub junior_code: String,
    pub seats: String,
    pub reason: String,
}

impl Audited for QuotaOverrideRow {
    const TABLE: &'static str = "quota_overrides";
    fn key(&self) -> String {
        format!("{}/{}/{}", self.season, self.programme_code, self.junior_code)
    }
}

/// Rows of one insert: 5 columns stay below SQLite's 32,766 values and PostgreSQL's 65,535.
const AT_ONCE: usize = 1500;

/// Adds rows, all or none (inside the caller's transaction).
///
/// # Errors
/// `Stale` when a key is taken.
pub fn add_all(
    connection: &mut AnyConnection,
    rows: &[QuotaOverrideRow],
) -> Result<Vec<Change>, StorageError> {
    for rows in rows.chunks(AT_ONCE) {
        match connection {
            AnyConnection::Postgres(postgres) => {
                diesel::insert_into(quota_overrides::table).values(rows).execute(postgres)?
            }
            AnyConnection::Sqlite(sqlite) => {
                diesel::insert_into(quota_overrides::table).values(rows).execute(sqlite)?
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
    old: &[QuotaOverrideRow],
    rows: &[QuotaOverrideRow],
) -> Result<Vec<Change>, StorageError> {
    diesel::delete(quota_overrides::table.filter(quota_overrides::season.eq(season))).execute(connection)?;
    let mut changes = deleted(old, rows);
    changes.extend(add_all(connection, rows)?);
    Ok(changes)
}

/// All rows of a season in the order of their codes.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, season: &str) -> Result<Vec<QuotaOverrideRow>, StorageError> {
    Ok(quota_overrides::table
        .filter(quota_overrides::season.eq(season))
        .order((quota_overrides::programme_code, quota_overrides::junior_code))
        .select(QuotaOverrideRow::as_select())
        .load(connection)?)
}

/// The rows of a junior high in the order of the programmes.
///
/// # Errors
/// Storage failed.
pub fn list_of_junior(
    connection: &mut AnyConnection,
    season: &str,
    junior: &str,
) -> Result<Vec<QuotaOverrideRow>, StorageError> {
    Ok(quota_overrides::table
        .filter(quota_overrides::season.eq(season))
        .filter(quota_overrides::junior_code.eq(junior))
        .order(quota_overrides::programme_code)
        .select(QuotaOverrideRow::as_select())
        .load(connection)?)
}
