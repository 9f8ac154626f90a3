//! Junior highs of a season, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::Audited;
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::junior_schools;
use crate::storage::sheet_rows::sheet_rows;

/// A junior high.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = junior_schools, treat_none_as_default_value = false)]
pub struct JuniorSchoolRow {
    pub season: String,
    pub school_code: String,
    pub name: String,
    pub area_code: String,
    pub ownership: String,
    pub nine_year: String,
    pub graduates: String,
    pub intake: String,
    pub factor: String,
    pub direct: String,
}

impl Audited for JuniorSchoolRow {
    const TABLE: &'static str = "junior_schools";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.school_code)
    }
}

sheet_rows!(junior_schools, JuniorSchoolRow, school_code);

/// Whether a season has a school of this code in this area.
///
/// # Errors
/// Storage failed.
pub fn stands(connection: &mut AnyConnection, code: &str, area: &str) -> Result<bool, StorageError> {
    let found: i64 = junior_schools::table
        .filter(junior_schools::school_code.eq(code))
        .filter(junior_schools::area_code.eq(area))
        .count()
        .get_result(connection)?;
    Ok(found > 0)
}

/// The school of a code.
///
/// # Errors
/// Storage failed.
pub fn find(
    connection: &mut AnyConnection,
    season: &str,
    code: &str,
) -> Result<Option<JuniorSchoolRow>, StorageError> {
    Ok(junior_schools::table
        .find((season, code))
        .select(JuniorSchoolRow::as_select())
        .first(connection)
        .optional()?)
}
