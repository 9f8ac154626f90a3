//! Windows in which forms are taken, and the locks that make their end the same for everybody.

use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::windows;

/// When forms of a batch are taken in an area.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = windows)]
pub struct WindowRow {
    pub season: String,
    /// `rehearsal` or `official`.
    pub stage: String,
    pub batch: String,
    pub area: String,
    pub opens_at_ms: i64,
    /// The first millisecond at which nothing is accepted.
    pub closes_at_ms: i64,
    /// Set once, by the first refusal or by the closing: the recorded end.
    pub closed_at_ms: Option<i64>,
}

impl Audited for WindowRow {
    const TABLE: &'static str = "windows";
    fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.season, self.stage, self.batch, self.area)
    }
}

/// Adds a window; `Stale` when there is one.
///
/// # Errors
/// Storage failed.
pub fn add(connection: &mut AnyConnection, window: &WindowRow) -> Result<Change, StorageError> {
    diesel::insert_into(windows::table).values(window).execute(connection)?;
    Ok(Change::written(window))
}

/// The windows of a season in the order of their keys.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, season: &str) -> Result<Vec<WindowRow>, StorageError> {
    Ok(windows::table
        .filter(windows::season.eq(season))
        .order((windows::stage, windows::batch, windows::area))
        .select(WindowRow::as_select())
        .load(connection)?)
}

/// The window, read after taking the lock that acceptances share: until this transaction has ended
/// nobody can close it. Read the clock after this, not before.
///
/// # Errors
/// Storage failed.
pub fn find_to_accept(
    connection: &mut AnyConnection,
    key: (&str, &str, &str, &str),
) -> Result<Option<WindowRow>, StorageError> {
    lock(connection, key, "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 1))")?;
    find(connection, key)
}

/// The window, read after waiting for every acceptance under way: to close it or to move its end.
///
/// # Errors
/// Storage failed.
pub fn find_to_change(
    connection: &mut AnyConnection,
    key: (&str, &str, &str, &str),
) -> Result<Option<WindowRow>, StorageError> {
    lock(connection, key, "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))")?;
    find(connection, key)
}

/// SQLite has one writer and needs no lock.
fn lock(
    connection: &mut AnyConnection,
    (season, stage, batch, area): (&str, &str, &str, &str),
    sql: &str,
) -> Result<(), StorageError> {
    if let AnyConnection::Postgres(postgres) = connection {
        diesel::sql_query(sql)
            .bind::<Text, _>(format!("{season}/{stage}/{batch}/{area}"))
            .execute(postgres)?;
    }
    Ok(())
}

fn find(
    connection: &mut AnyConnection,
    key: (&str, &str, &str, &str),
) -> Result<Option<WindowRow>, StorageError> {
    Ok(windows::table.find(key).select(WindowRow::as_select()).first(connection).optional()?)
}

/// Writes the times of a window; the caller holds it by [`find_to_change`].
///
/// # Errors
/// `Stale` when it is gone.
pub fn replace(connection: &mut AnyConnection, window: &WindowRow) -> Result<Change, StorageError> {
    let key = (window.season.as_str(), window.stage.as_str(), window.batch.as_str(), window.area.as_str());
    let changed = diesel::update(windows::table.find(key))
        .set((
            windows::opens_at_ms.eq(window.opens_at_ms),
            windows::closes_at_ms.eq(window.closes_at_ms),
            windows::closed_at_ms.eq(window.closed_at_ms),
        ))
        .execute(connection)?;
    if changed == 1 { Ok(Change::written(window)) } else { Err(StorageError::Stale) }
}
