//! Rows of an entry's sheets: cells by column, as JSON.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::entry_rows;
use crate::storage::sheet_rows::{AT_ONCE, sheet_rows};

/// A row of a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = entry_rows, treat_none_as_default_value = false)]
pub struct EntryRowRow {
    pub season: String,
    /// The sheet's name, or `zone_map`.
    pub sheet: String,
    /// What makes the row one of its kind: a number, a code, several joined by `/`.
    pub code: String,
    /// Its place in the sheet.
    pub place: i64,
    /// JSON: texts by column; of the map the GeoJSON itself.
    pub cells: String,
}

impl Audited for EntryRowRow {
    const TABLE: &'static str = "entry_rows";
    fn key(&self) -> String {
        format!("{}/{}/{}", self.season, self.sheet, self.code)
    }
}

sheet_rows!(entry_rows, EntryRowRow, sheet, code);

/// The rows of a sheet in its order.
///
/// # Errors
/// Storage failed.
pub fn list_of(
    connection: &mut AnyConnection,
    season: &str,
    sheet: &str,
) -> Result<Vec<EntryRowRow>, StorageError> {
    Ok(entry_rows::table
        .filter(entry_rows::season.eq(season))
        .filter(entry_rows::sheet.eq(sheet))
        .order((entry_rows::place, entry_rows::code))
        .select(EntryRowRow::as_select())
        .load(connection)?)
}

/// Rows of a sheet by their codes, in its order.
///
/// # Errors
/// Storage failed.
pub fn list_by_codes(
    connection: &mut AnyConnection,
    season: &str,
    sheet: &str,
    codes: &[String],
) -> Result<Vec<EntryRowRow>, StorageError> {
    let mut found = Vec::new();
    for codes in codes.chunks(AT_ONCE) {
        let of_sheet =
            entry_rows::table.filter(entry_rows::season.eq(season)).filter(entry_rows::sheet.eq(sheet));
        let rows = of_sheet.filter(entry_rows::code.eq_any(codes)).select(EntryRowRow::as_select());
        found.extend(rows.load::<EntryRowRow>(connection)?);
    }
    found.sort_by(|a, b| (a.place, &a.code).cmp(&(b.place, &b.code)));
    Ok(found)
}

/// Rows of a sheet whose codes begin like this, in its order.
///
/// # Errors
/// Storage failed.
pub fn list_below(
    connection: &mut AnyConnection,
    season: &str,
    sheet: &str,
    start: &str,
) -> Result<Vec<EntryRowRow>, StorageError> {
    let start = format!("{start}/");
    let pattern = start.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_") + "%";
    let mut found: Vec<EntryRowRow> = entry_rows::table
        .filter(entry_rows::season.eq(season))
        .filter(entry_rows::sheet.eq(sheet))
        .filter(entry_rows::code.like(pattern).escape('\\'))
        .order((entry_rows::place, entry_rows::code))
        .select(EntryRowRow::as_select())
        .load(connection)?;
    // SQLite's LIKE takes small letters for capitals.
    found.retain(|row| row.code.starts_with(&start));
    Ok(found)
}

/// How many rows each sheet of a season has.
///
/// # Errors
/// Storage failed.
pub fn count(connection: &mut AnyConnection, season: &str) -> Result<Vec<(String, i64)>, StorageError> {
    Ok(entry_rows::table
        .filter(entry_rows::season.eq(season))
        .group_by(entry_rows::sheet)
        .order(entry_rows::sheet)
        .select((entry_rows::sheet, diesel::dsl::count_star()))
        .load(connection)?)
}

/// Writes a row, new or over the one of its code.
///
/// # Errors
/// Storage failed.
pub fn put(connection: &mut AnyConnection, row: &EntryRowRow) -> Result<Change, StorageError> {
    let key = (&row.season, &row.sheet, &row.code);
    diesel::delete(entry_rows::table.find(key)).execute(connection)?;
    diesel::insert_into(entry_rows::table).values(row).execute(connection)?;
    Ok(Change::written(row))
}
