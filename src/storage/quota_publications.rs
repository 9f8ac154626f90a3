//! The quota as it was published: its cells, the proof of every number, the page to print.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::audit_lines::seal_of_last_import;
use crate::storage::change::{Audited, Change};
use crate::storage::database::{AnyConnection, on_either};
use crate::storage::error::StorageError;
use crate::storage::same_text::SameText;
use crate::storage::schema::quota_publications;

/// A published quota; one per season, published anew where a dispute changes it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = quota_publications, treat_none_as_default_value = false)]
pub struct QuotaPublicationRow {
    pub season: String,
    /// SHA-256 over cells, proof and page.
    pub quota_hash: String,
    /// `quota.csv`.
    pub cells: String,
    /// `quota_proof.csv`.
    pub proof: String,
    /// `quota_proof.txt`.
    pub page: String,
    pub at_ms: i64,
}

impl Audited for QuotaPublicationRow {
    const TABLE: &'static str = "quota_publications";
    fn key(&self) -> String {
        self.season.clone()
    }
}

/// Puts a publication in the place of the one before.
///
/// # Errors
/// Storage failed.
pub fn put(connection: &mut AnyConnection, row: &QuotaPublicationRow) -> Result<Change, StorageError> {
    diesel::delete(quota_publications::table.find(&row.season)).execute(connection)?;
    diesel::insert_into(quota_publications::table).values(row).execute(connection)?;
    Ok(Change::written(row))
}

/// What names the state of a season's sheets: the seal of the last import, and the hash of the published quota.
///
/// # Errors
/// Storage failed.
pub fn state_of_sheets(
    connection: &mut AnyConnection,
    season: &str,
) -> Result<(Option<String>, Option<String>), StorageError> {
    let quota = quota_publications::table.find(season).select(quota_publications::quota_hash);
    let state = SameText(diesel::select((seal_of_last_import(season).single_value(), quota.single_value())));
    Ok(on_either!(connection, connection => state.get_result(connection))?)
}

/// The published cells alone.
///
/// # Errors
/// Storage failed.
pub fn cells(connection: &mut AnyConnection, season: &str) -> Result<Option<String>, StorageError> {
    Ok(quota_publications::table
        .find(season)
        .select(quota_publications::cells)
        .first(connection)
        .optional()?)
}

/// The publication of a season.
///
/// # Errors
/// Storage failed.
pub fn find(
    connection: &mut AnyConnection,
    season: &str,
) -> Result<Option<QuotaPublicationRow>, StorageError> {
    Ok(quota_publications::table
        .find(season)
        .select(QuotaPublicationRow::as_select())
        .first(connection)
        .optional()?)
}
