//! Programmes of a season: what senior highs offer, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::Audited;
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::programmes;
use crate::storage::sheet_rows::sheet_rows;

/// A programme.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = programmes, treat_none_as_default_value = false)]
pub struct ProgrammeRow {
    pub season: String,
    pub programme_code: String,
    pub school_code: String,
    pub name: String,
    pub batch: String,
    pub seats: String,
    pub quota_share: String,
    pub scope: String,
    pub gate_open: String,
    pub gate_quota: String,
    pub quota_base: String,
}

impl Audited for ProgrammeRow {
    const TABLE: &'static str = "programmes";
    fn key(&self) -> String {
        format!("{}/{}", self.season, self.programme_code)
    }
}

sheet_rows!(programmes, ProgrammeRow, programme_code);

/// The rows of some codes, in the order of their codes.
///
/// # Errors
/// Storage failed.
pub fn list_some(
    connection: &mut AnyConnection,
    season: &str,
    codes: &[&str],
) -> Result<Vec<ProgrammeRow>, StorageError> {
    Ok(programmes::table
        .filter(programmes::season.eq(season))
        .filter(programmes::programme_code.eq_any(codes))
        .order(programmes::programme_code)
        .select(ProgrammeRow::as_select())
        .load(connection)?)
}
