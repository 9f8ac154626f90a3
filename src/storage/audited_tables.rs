//! Every audited table, for the check that each of its rows is what the audit says.

use diesel::prelude::*;

use crate::storage::change::{Audited, digest};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::{
    accounts, areas, candidates, junior_schools, programmes, proposals, quota_overrides, schema, scores,
    seasons, senior_schools, windows,
};

/// Tells table, key and digest of every row of every audited table.
///
/// # Errors
/// Storage failed.
pub fn digests(
    connection: &mut AnyConnection,
    mut tell: impl FnMut(&'static str, String, String),
) -> Result<(), StorageError> {
    macro_rules! each {
        ($($table:ident: $row:ty,)*) => {$({
            let rows: Vec<$row> = schema::$table::table.select(<$row>::as_select()).load(connection)?;
            for row in rows {
                tell(<$row>::TABLE, row.key(), digest(&row));
            }
        })*};
    }
    each! {
        accounts: accounts::AccountRow,
        areas: areas::AreaRow,
        candidates: candidates::CandidateRow,
        junior_schools: junior_schools::JuniorSchoolRow,
        programmes: programmes::ProgrammeRow,
        proposals: proposals::ProposalRow,
        quota_overrides: quota_overrides::QuotaOverrideRow,
        scores: scores::ScoreRow,
        seasons: seasons::SeasonRow,
        senior_schools: senior_schools::SeniorSchoolRow,
        windows: windows::WindowRow,
    }
    Ok(())
}
