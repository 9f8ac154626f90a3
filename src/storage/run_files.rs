//! The files of a run's result, packed and sealed, in parts.

use diesel::prelude::*;

use crate::storage::database::{AnyConnection, insert_rows};
use crate::storage::error::StorageError;
use crate::storage::schema::run_files;

/// A part of a file; the root of its run says what it must hold, so no audit line does.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = run_files, treat_none_as_default_value = false)]
pub struct RunFileRow {
    pub run: String,
    pub path: String,
    pub number: i64,
    /// Ciphertext.
    pub content: String,
}

/// Adds parts.
///
/// # Errors
/// `Stale` when one stands there.
pub fn add_all(connection: &mut AnyConnection, parts: &[RunFileRow]) -> Result<(), StorageError> {
    let parts: Vec<&RunFileRow> = parts.iter().collect();
    insert_rows!(connection, run_files::table, &parts);
    Ok(())
}

/// The parts of a file in order.
///
/// # Errors
/// Storage failed.
pub fn parts(connection: &mut AnyConnection, run: &str, path: &str) -> Result<Vec<String>, StorageError> {
    Ok(run_files::table
        .filter(run_files::run.eq(run))
        .filter(run_files::path.eq(path))
        .order(run_files::number)
        .select(run_files::content)
        .load(connection)?)
}

/// One part of a file.
///
/// # Errors
/// Storage failed.
pub fn part(
    connection: &mut AnyConnection,
    run: &str,
    path: &str,
    number: i64,
) -> Result<Option<String>, StorageError> {
    Ok(run_files::table.find((run, path, number)).select(run_files::content).first(connection).optional()?)
}

/// Takes a run's files away.
///
/// # Errors
/// Storage failed.
pub fn delete(connection: &mut AnyConnection, run: &str) -> Result<(), StorageError> {
    diesel::delete(run_files::table.filter(run_files::run.eq(run))).execute(connection)?;
    Ok(())
}
