//! Windows in which forms are taken, and the locks that make their end the same for everybody.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::advisory_lock::{self, Kind};
use crate::storage::change::{Audited, Change};
use crate::storage::clock::Now;
use crate::storage::database::{AnyConnection, on_either};
use crate::storage::error::StorageError;
use crate::storage::same_text::SameText;
use crate::storage::schema::windows;

/// When forms of a batch are taken in an area.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = windows, treat_none_as_default_value = false)]
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

/// The windows of all seasons whose end is not on record.
///
/// # Errors
/// Storage failed.
pub fn list_open(connection: &mut AnyConnection) -> Result<Vec<WindowRow>, StorageError> {
    Ok(windows::table
        .filter(windows::closed_at_ms.is_null())
        .select(WindowRow::as_select())
        .load(connection)?)
}

/// The window, read after taking the lock that acceptances share, and the clock at that moment: until this
/// transaction has ended nobody can close it.
///
/// # Errors
/// Storage failed.
pub fn find_to_accept(
    connection: &mut AnyConnection,
    key: (&str, &str, &str, &str),
) -> Result<Option<(WindowRow, i64)>, StorageError> {
    advisory_lock::share(connection, Kind::Window, &name(key))?;
    let found = on_either!(connection, connection => SameText(windows::table
        .find(key)
        .select((WindowRow::as_select(), Now))
        .limit(1))
        .get_result(connection));
    Ok(found.optional()?)
}

/// The window, read after waiting for every acceptance under way: to close it or to move its end.
///
/// # Errors
/// Storage failed.
pub fn find_to_change(
    connection: &mut AnyConnection,
    key: (&str, &str, &str, &str),
) -> Result<Option<WindowRow>, StorageError> {
    advisory_lock::take(connection, Kind::Window, &name(key))?;
    Ok(windows::table.find(key).select(WindowRow::as_select()).first(connection).optional()?)
}

fn name((season, stage, batch, area): (&str, &str, &str, &str)) -> String {
    format!("{season}/{stage}/{batch}/{area}")
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
