//! Every audited table, for the check that each of its rows is what the audit says.

use diesel::prelude::*;

use crate::storage::change::{Audited, digest};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::{
    accounts, areas, candidates, confirmations, desk_files, drafts, enrolments, entry_rows, form_versions,
    freezes, junior_schools, key_holders, ledger_entries, objections, past_lines, programmes, proposals,
    publications, quota_overrides, quota_publications, runs, schema, scores, seasons, second_factors,
    seed_parts, senior_schools, signatures, system_tokens, windows,
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
    desk_files: desk_files::DeskFileRow,
    drafts: drafts::DraftRow,
    enrolments: enrolments::EnrolmentRow,
    entry_rows: entry_rows::EntryRowRow,
    form_versions: form_versions::FormVersionRow,
    freezes: freezes::FreezeRow,
    junior_schools: junior_schools::JuniorSchoolRow,
    key_holders: key_holders::KeyHolderRow,
    ledger_entries: ledger_entries::LedgerEntryRow,
    objections: objections::ObjectionRow,
    past_lines: past_lines::PastLineRow,
    programmes: programmes::ProgrammeRow,
    proposals: proposals::ProposalRow,
    publications: publications::PublicationRow,
    quota_overrides: quota_overrides::QuotaOverrideRow,
    quota_publications: quota_publications::QuotaPublicationRow,
    runs: runs::RunRow,
    scores: scores::ScoreRow,
    seasons: seasons::SeasonRow,
    second_factors: second_factors::SecondFactorRow,
    seed_parts: seed_parts::SeedPartRow,
    senior_schools: senior_schools::SeniorSchoolRow,
    signatures: signatures::SignatureRow,
    system_tokens: system_tokens::SystemTokenRow,
    windows: windows::WindowRow,
}
