//! Senior highs of a season, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::Audited;
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::senior_schools;
use crate::storage::sheet_rows::sheet_rows;

/// A senior high.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = senior_schools, treat_none_as_default_value = false)]
pub struct SeniorSchoolRow {
    pub season: String,
    pub school_code: String,
    pub name: String,
    pub area_code: String,
    pub ownership: String,
    pub high_quality: String,
}

impl Audited for SeniorSchoolRow {
    const TABLE: &'static str = "senior_schools";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.school_code)
    }
}

sheet_rows!(senior_schools, SeniorSchoolRow, school_code);

/// Whether a season has a school of this code in this area.
///
/// # Errors
/// Storage failed.
pub fn stands(connection: &mut AnyConnection, code: &str, area: &str) -> Result<bool, StorageError> {
    let found: i64 = senior_schools::table
        .filter(senior_schools::school_code.eq(code))
        .filter(senior_schools::area_code.eq(area))
        .count()
        .get_result(connection)?;
    Ok(found > 0)
}
