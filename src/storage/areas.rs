//! Admission areas of a season, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::Audited;
use crate::storage::schema::areas;
use crate::storage::sheet_rows::sheet_rows;

/// An admission area.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = areas, treat_none_as_default_value = false)]
pub struct AreaRow {
    pub season: String,
    pub area_code: String,
    pub name: String,
    pub divisions: String,
}

impl Audited for AreaRow {
    const TABLE: &'static str = "areas";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.area_code)
    }
}

sheet_rows!(areas, AreaRow, area_code);
