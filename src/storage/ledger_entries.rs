//! The ledger: what differs from the published result, with its authority and reason; rows are only ever added.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::ledger_entries;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = ledger_entries, treat_none_as_default_value = false)]
pub struct LedgerEntryRow {
    pub season: String,
    /// From 1.
    pub number: i64,
    /// `correction` of a score, or `override` by an authority.
    pub kind: String,
    pub exam_no: String,
    /// Where she stood before; empty without a place.
    pub from_programme: String,
    /// Where she stands now; empty without a place.
    pub to_programme: String,
    /// `quota`, `pool` or `open` of a correction, empty of an override.
    pub seat: String,
    /// Whose decision it is, and its number.
    pub authority: String,
    /// From a closed list of words: what the public count goes by.
    pub reason: String,
    /// Of the proposal that all signed.
    pub content_hash: String,
    pub at_ms: i64,
}

impl Audited for LedgerEntryRow {
    const TABLE: &'static str = "ledger_entries";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.number)
    }
}

/// Adds an entry.
///
/// # Errors
/// `Stale` when the number is taken.
pub fn add(connection: &mut AnyConnection, entry: &LedgerEntryRow) -> Result<Change, StorageError> {
    diesel::insert_into(ledger_entries::table).values(entry).execute(connection)?;
    Ok(Change::written(entry))
}

/// The entries of a season by number.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, season: &str) -> Result<Vec<LedgerEntryRow>, StorageError> {
    Ok(ledger_entries::table
        .filter(ledger_entries::season.eq(season))
        .order(ledger_entries::number)
        .select(LedgerEntryRow::as_select())
        .load(connection)?)
}
