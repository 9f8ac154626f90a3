//! The lists as they were signed off, one row per round.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::freezes;

/// A freeze.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = freezes, treat_none_as_default_value = false)]
pub struct FreezeRow {
    pub season: String,
    /// From 1; supplementary rounds count on.
    pub round: i64,
    /// Of the list of exam numbers, which the lots are drawn over.
    pub list_hash: String,
    /// Of every sheet that the result is computed from.
    pub input_hash: String,
    pub candidates: i64,
    /// Candidates with a form.
    pub forms: i64,
    pub at_ms: i64,
}

impl Audited for FreezeRow {
    const TABLE: &'static str = "freezes";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.round)
    }
}

/// Adds a freeze.
///
/// # Errors
/// `Stale` when the round was frozen before.
pub fn add(connection: &mut AnyConnection, freeze: &FreezeRow) -> Result<Change, StorageError> {
    diesel::insert_into(freezes::table).values(freeze).execute(connection)?;
    Ok(Change::written(freeze))
}

/// The freezes of a season by round.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, season: &str) -> Result<Vec<FreezeRow>, StorageError> {
    Ok(freezes::table
        .filter(freezes::season.eq(season))
        .order(freezes::round)
        .select(FreezeRow::as_select())
        .load(connection)?)
}
