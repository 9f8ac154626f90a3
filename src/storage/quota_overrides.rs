//! Quota cells fixed by hand, with their authority and reason, in the words of the season folder's sheet.

use diesel::prelude::*;
use serde::Serialize;

use crate::storage::change::Audited;
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
