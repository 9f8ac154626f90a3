//! Lines of past years, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::Audited;
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::past_lines;
use crate::storage::sheet_rows::sheet_rows;

/// A kind of seat of a programme in a past year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = past_lines, treat_none_as_default_value = false)]
pub struct PastLineRow {
    pub season: String,
    pub year: String,
    pub programme_code: String,
    pub seat: String,
    /// Empty but for a quota seat.
    pub junior_code: String,
    pub seats: String,
    pub taken: String,
    pub last_rank: String,
    pub ranked: String,
}

impl Audited for PastLineRow {
    const TABLE: &'static str = "past_lines";
    fn key(&self) -> String {
        let PastLineRow { season, year, programme_code, seat, junior_code, .. } = self;
        format!("{season}/{year}/{programme_code}/{seat}/{junior_code}")
    }
}

sheet_rows!(past_lines, PastLineRow, year, programme_code, seat, junior_code);

/// What a candidate of a junior high may be told: everybody's seats, and the quota seats of her own school.
///
/// # Errors
/// Storage failed.
pub fn list_for_junior(
    connection: &mut AnyConnection,
    season: &str,
    junior: &str,
) -> Result<Vec<PastLineRow>, StorageError> {
    Ok(past_lines::table
        .filter(past_lines::season.eq(season))
        .filter(past_lines::junior_code.eq_any(["", junior]))
        .select(PastLineRow::as_select())
        .load(connection)?)
}
