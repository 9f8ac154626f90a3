//! Who holds a part of the key under which results lie until they are published.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::key_holders;

/// A holder of one of the three parts.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = key_holders, treat_none_as_default_value = false)]
pub struct KeyHolderRow {
    pub season: String,
    /// 1, 2 or 3.
    pub number: i64,
    /// The office, as it is published: 市招办, 监督部门, 公证处.
    pub name: String,
    /// An age public key, `age1...`.
    pub recipient: String,
}

impl Audited for KeyHolderRow {
    const TABLE: &'static str = "key_holders";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.number)
    }
}

/// Puts holders in the place of those of the season.
///
/// # Errors
/// Storage failed.
pub fn replace_all(
    connection: &mut AnyConnection,
    season: &str,
    holders: &[KeyHolderRow],
) -> Result<Vec<Change>, StorageError> {
    let old = list(connection, season)?;
    diesel::delete(key_holders::table.filter(key_holders::season.eq(season))).execute(connection)?;
    let gone = |row: &&KeyHolderRow| !holders.iter().any(|holder| holder.number == row.number);
    let mut changes: Vec<Change> = old.iter().filter(gone).map(Change::deleted).collect();
    for holder in holders {
        diesel::insert_into(key_holders::table).values(holder).execute(connection)?;
        changes.push(Change::written(holder));
    }
    Ok(changes)
}

/// The holders of a season by number.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, season: &str) -> Result<Vec<KeyHolderRow>, StorageError> {
    Ok(key_holders::table
        .filter(key_holders::season.eq(season))
        .order(key_holders::number)
        .select(KeyHolderRow::as_select())
        .load(connection)?)
}
