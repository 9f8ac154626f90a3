//! What was published: the root of a result, and the key that opens it.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::publications;

/// A publication.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = publications, treat_none_as_default_value = false)]
pub struct PublicationRow {
    pub season: String,
    pub round: i64,
    pub run: String,
    /// SHA-256 of the manifest: of every file of the result.
    pub root: String,
    /// Of the tree over every candidate's own leaf.
    pub leaves_root: String,
    /// The result's key, sealed under the installation's own.
    pub result_key: String,
    pub at_ms: i64,
}

impl Audited for PublicationRow {
    const TABLE: &'static str = "publications";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.round)
    }
}

/// Adds a publication.
///
/// # Errors
/// `Stale` when the round was published before.
pub fn add(connection: &mut AnyConnection, publication: &PublicationRow) -> Result<Change, StorageError> {
    diesel::insert_into(publications::table).values(publication).execute(connection)?;
    Ok(Change::written(publication))
}

/// The publications of a season by round.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, season: &str) -> Result<Vec<PublicationRow>, StorageError> {
    Ok(publications::table
        .filter(publications::season.eq(season))
        .order(publications::round)
        .select(PublicationRow::as_select())
        .load(connection)?)
}
