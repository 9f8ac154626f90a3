//! Quota cells fixed by hand, with their authority and reason, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::Audited;
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::quota_overrides;
use crate::storage::sheet_rows::sheet_rows;

/// A cell fixed by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = quota_overrides, treat_none_as_default_value = false)]
pub struct QuotaOverrideRow {
    pub season: String,
    pub programme_code: String,
    pub junior_code: String,
    pub seats: String,
    pub reason: String,
}

impl Audited for QuotaOverrideRow {
    const TABLE: &'static str = "quota_overrides";
    fn key(&self) -> String {
        format!("{}/{}/{}", self.season, self.programme_code, self.junior_code)
    }
}

sheet_rows!(quota_overrides, QuotaOverrideRow, programme_code, junior_code);

/// The rows of a junior high in the order of the programmes.
///
/// # Errors
/// Storage failed.
pub fn list_of_junior(
    connection: &mut AnyConnection,
    season: &str,
    junior: &str,
) -> Result<Vec<QuotaOverrideRow>, StorageError> {
    Ok(quota_overrides::table
        .filter(quota_overrides::season.eq(season))
        .filter(quota_overrides::junior_code.eq(junior))
        .order(quota_overrides::programme_code)
        .select(QuotaOverrideRow::as_select())
        .load(connection)?)
}
