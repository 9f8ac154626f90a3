//! Every audited table, for the check that each of its rows is what the audit says.

use diesel::prelude::*;

use crate::storage::change::{Audited, digest};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::{
    accounts, areas, candidates, confirmations, drafts, form_versions, junior_schools, programmes, proposals,
    quota_overrides, schema, scores, seasons, second_factors, senior_schools, system_tokens, windows,
};

macro_rules! audited {
    ($($table:ident: $row:ty,)*) => {
        /// The audited tables, by name.
        pub const NAMES: &[&str] = &[$(<$row>::TABLE,)*];

        /// Tells table, key and digest of every row of every audited table.
        ///
        /// # Errors
        /// Storage failed.
        pub fn digests(
            connection: &mut AnyConnection,
            mut tell: impl FnMut(&'static str, String, String),
        ) -> Result<(), StorageError> {
            $({
                let rows: Vec<$row> = schema::$table::table.select(<$row>::as_select()).load(connection)?;
                for row in rows {
                    tell(<$row>::TABLE, row.key(), digest(&row));
                }
            })*
            Ok(())
        }
    };
}

audited! {
    accounts: accounts::AccountRow,
    areas: areas::AreaRow,
    candidates: candidates::CandidateRow,
    confirmations: confirmations::ConfirmationRow,
    drafts: drafts::DraftRow,
    form_versions: form_versions::FormVersionRow,
    junior_schools: junior_schools::JuniorSchoolRow,
    programmes: programmes::ProgrammeRow,
    proposals: proposals::ProposalRow,
    quota_overrides: quota_overrides::QuotaOverrideRow,
    scores: scores::ScoreRow,
    seasons: seasons::SeasonRow,
    second_factors: second_factors::SecondFactorRow,
    senior_schools: senior_schools::SeniorSchoolRow,
    system_tokens: system_tokens::SystemTokenRow,
    windows: windows::WindowRow,
}
