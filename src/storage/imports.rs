//! Files that offices sent, with what the check said: the register, and the files in sealed parts.

use diesel::prelude::*;

use crate::storage::candidates::Of;
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::{import_parts, imports};

/// A file and its check; the rows it brings are audited, not this register.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = imports, treat_none_as_default_value = false)]
pub struct ImportRow {
    /// A UUID of version 7: in the order of uploads.
    pub id: String,
    pub season: String,
    /// A word of `SheetKind`.
    pub kind: String,
    /// SHA-256 of the file as it was sent.
    pub file_hash: String,
    /// SHA-256 over the file and everything that it was checked against.
    pub checked_hash: String,
    pub row_count: i64,
    pub fault_count: i64,
    /// Ciphertext: faults quote cells.
    pub report: String,
    /// The junior high that brings its own rows.
    pub school: Option<String>,
    /// The admission area whose bureau brings its rows.
    pub area: Option<String>,
    pub uploaded_by: String,
    pub uploaded_at_ms: i64,
    pub committed_by: Option<String>,
    pub committed_at_ms: Option<i64>,
}

impl ImportRow {
    /// Whose rows it brings.
    pub fn of(&self) -> Of {
        match (&self.school, &self.area) {
            (Some(school), _) => Of::Junior(school.clone()),
            (None, Some(area)) => Of::Area(area.clone()),
            (None, None) => Of::Everybody,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = import_parts, treat_none_as_default_value = false)]
struct PartRow<'p> {
    import: &'p str,
    number: i64,
    content: &'p str,
}

/// Adds a file with its sealed parts in order.
///
/// # Errors
/// Storage failed.
pub fn add(connection: &mut AnyConnection, import: &ImportRow, parts: &[String]) -> Result<(), StorageError> {
    diesel::insert_into(imports::table).values(import).execute(connection)?;
    for (number, content) in (0..).zip(parts) {
        let part = PartRow { import: &import.id, number, content };
        diesel::insert_into(import_parts::table).values(&part).execute(connection)?;
    }
    Ok(())
}

/// The import of an id in a season.
///
/// # Errors
/// Storage failed.
pub fn find(
    connection: &mut AnyConnection,
    season: &str,
    id: &str,
) -> Result<Option<ImportRow>, StorageError> {
    Ok(imports::table
        .find(id)
        .filter(imports::season.eq(season))
        .select(ImportRow::as_select())
        .first(connection)
        .optional()?)
}

/// The sealed parts of a file, in order.
///
/// # Errors
/// Storage failed.
pub fn parts(connection: &mut AnyConnection, id: &str) -> Result<Vec<String>, StorageError> {
    Ok(import_parts::table
        .filter(import_parts::import.eq(id))
        .order(import_parts::number)
        .select(import_parts::content)
        .load(connection)?)
}

/// Imports of a season and an office after an id, in the order of uploads, at most `limit`.
///
/// # Errors
/// Storage failed.
pub fn list(
    connection: &mut AnyConnection,
    season: &str,
    of: &Of,
    after: &str,
    limit: i64,
) -> Result<Vec<ImportRow>, StorageError> {
    let query = imports::table
        .filter(imports::season.eq(season))
        .filter(imports::id.gt(after))
        .order(imports::id)
        .limit(limit)
        .select(ImportRow::as_select());
    Ok(match of {
        Of::Junior(code) => query.filter(imports::school.eq(code)).load(connection)?,
        Of::Area(code) => query.filter(imports::area.eq(code)).load(connection)?,
        Of::Everybody => query.load(connection)?,
    })
}

/// Marks an import committed.
///
/// # Errors
/// `Stale` when it was committed or deleted meanwhile.
pub fn set_committed(
    connection: &mut AnyConnection,
    id: &str,
    by: &str,
    at_ms: i64,
    report: &str,
) -> Result<(), StorageError> {
    let changed = diesel::update(imports::table.find(id))
        .filter(imports::committed_at_ms.is_null())
        .set((imports::committed_by.eq(by), imports::committed_at_ms.eq(at_ms), imports::report.eq(report)))
        .execute(connection)?;
    if changed == 1 { Ok(()) } else { Err(StorageError::Stale) }
}

/// Deletes an import that was not committed, with its file.
///
/// # Errors
/// `Stale` when it was committed or deleted meanwhile.
pub fn delete(connection: &mut AnyConnection, id: &str) -> Result<(), StorageError> {
    diesel::delete(import_parts::table.filter(import_parts::import.eq(id))).execute(connection)?;
    let deleted = diesel::delete(imports::table.find(id).filter(imports::committed_at_ms.is_null()))
        .execute(connection)?;
    if deleted == 1 { Ok(()) } else { Err(StorageError::Stale) }
}
