//! Files that offices bring to the desks of an entry, their contents sealed.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::desk_files;

/// A file of a desk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = desk_files, treat_none_as_default_value = false)]
pub struct DeskFileRow {
    pub season: String,
    /// A word of [`Desk`](crate::domain::compulsory::desk::Desk).
    pub desk: String,
    /// A word of [`DeskSubject`](crate::domain::compulsory::desk::DeskSubject).
    pub subject: String,
    pub file: String,
    /// Sealed for its row.
    pub content: String,
    /// Keyed hash of the content: the same content sealed anew looks different.
    pub content_index: String,
    /// Rows of a sheet, lines of a text.
    pub row_count: i64,
}

impl Audited for DeskFileRow {
    const TABLE: &'static str = "desk_files";
    fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.season, self.desk, self.subject, self.file)
    }
}

/// A file without its content.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct DeskFileCount {
    pub desk: String,
    pub subject: String,
    pub file: String,
    pub row_count: i64,
}

/// Every file of a season in the order of its key, without contents.
///
/// # Errors
/// Storage failed.
pub fn count(connection: &mut AnyConnection, season: &str) -> Result<Vec<DeskFileCount>, StorageError> {
    Ok(desk_files::table
        .filter(desk_files::season.eq(season))
        .order((desk_files::desk, desk_files::subject, desk_files::file))
        .select((desk_files::desk, desk_files::subject, desk_files::file, desk_files::row_count))
        .load(connection)?)
}

/// The files of a desk, by name.
///
/// # Errors
/// Storage failed.
pub fn list_of(
    connection: &mut AnyConnection,
    season: &str,
    desk: &str,
    subject: &str,
) -> Result<Vec<DeskFileRow>, StorageError> {
    Ok(desk_files::table
        .filter(desk_files::season.eq(season))
        .filter(desk_files::desk.eq(desk))
        .filter(desk_files::subject.eq(subject))
        .order(desk_files::file)
        .select(DeskFileRow::as_select())
        .load(connection)?)
}

/// Writes a file, new or over the one of its name.
///
/// # Errors
/// Storage failed.
pub fn put(connection: &mut AnyConnection, row: &DeskFileRow) -> Result<Change, StorageError> {
    let key = (&row.season, &row.desk, &row.subject, &row.file);
    diesel::delete(desk_files::table.find(key)).execute(connection)?;
    diesel::insert_into(desk_files::table).values(row).execute(connection)?;
    Ok(Change::written(row))
}

/// Removes a file.
///
/// # Errors
/// Storage failed.
pub fn delete(connection: &mut AnyConnection, row: &DeskFileRow) -> Result<Change, StorageError> {
    let key = (&row.season, &row.desk, &row.subject, &row.file);
    diesel::delete(desk_files::table.find(key)).execute(connection)?;
    Ok(Change::deleted(row))
}
