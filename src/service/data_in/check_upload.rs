//! A file is checked against its season: faults, totals, warnings, and the hash that a commit is bound to.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::domain::access::Act;
use crate::domain::control_totals::{ControlTotals, LastMarks, LastYear, Warning};
use crate::domain::hexadecimal::hex;
use crate::domain::market::NONE;
use crate::domain::phase::Phase;
use crate::domain::points::Points;
use crate::domain::policy::Policy;
use crate::domain::sheet_kind::SheetKind;
use crate::engine::control_totals::control_totals;
use crate::engine::plausibility::{roster_warnings, score_warnings};
use crate::files::column_names::upload_names;
use crate::files::season_folder::{Sheets, read_until};
use crate::files::sheet::{Sheet, read_upload};
use crate::files::sheet_check::{Check, check_sheet_under};
use crate::service::data_in::own_rows::{Of, OwnRows};
use crate::service::data_in::stored_sheets;
use crate::service::error::ServiceError;
use crate::service::season::stored_policy::stored_policy;
use crate::service::secrets::field_cipher::FieldCipher;
use crate::storage::database::AnyConnection;
use crate::storage::seasons::{self, SeasonRow};

/// A file that an office brings, as it says itself what it is.
pub struct Brought<'b> {
    pub kind: SheetKind,
    /// Whose rows.
    pub of: &'b Of,
    pub file_name: &'b str,
    /// The office's names of columns, and ours.
    pub mapping: &'b BTreeMap<String, String>,
}

/// A file that was checked.
pub struct Checked {
    pub check: Check,
    /// As it was sent; without rows where the file cannot be read at all.
    pub sheet: Sheet,
    pub totals: ControlTotals,
    pub warnings: Vec<Warning>,
    pub file_hash: String,
    /// Over the file and its mapping, the kind, whose rows, the policy and every sheet it was checked against.
    pub checked_hash: String,
}

/// The row of the access table that says in which phases a kind of sheet may change.
pub fn act_of(kind: SheetKind) -> Option<Act> {
    match kind {
        SheetKind::Areas
        | SheetKind::JuniorSchools
        | SheetKind::SeniorSchools
        | SheetKind::Programmes
        | SheetKind::History => Some(Act::ImportPlans),
        SheetKind::Quota => Some(Act::ImportQuota),
        SheetKind::Candidates => Some(Act::ImportRoster),
        SheetKind::Bonuses => Some(Act::ImportBonuses),
        SheetKind::Scores => Some(Act::ImportScores),
        // Preferences are filed by candidates and by nobody else.
        SheetKind::Preferences => None,
    }
}

/// Refuses a kind in a phase in which its data no longer changes.
///
/// # Errors
/// `WrongPhase`.
pub fn fits_phase(kind: SheetKind, season: &SeasonRow) -> Result<(), ServiceError> {
    let phase: Phase = season.phase()?;
    match act_of(kind) {
        Some(act) if crate::domain::access::fits_phase(act, phase) => Ok(()),
        _ => Err(ServiceError::WrongPhase { phase }),
    }
}

/// Reads and checks a file in the context of what the season holds.
///
/// # Errors
/// Storage failed; faults of the file are no error but part of the answer.
pub fn check_upload(
    connection: &mut AnyConnection,
    season: &SeasonRow,
    fields: &FieldCipher,
    brought: &Brought<'_>,
    bytes: Vec<u8>,
) -> Result<Checked, ServiceError> {
    let kind = brought.kind;
    let policy = stored_policy(season)?;
    let file_hash = hex(&Sha256::digest(&bytes));
    let context = stored_sheets::context(connection, &season.code, kind.needs())?;
    let checked_hash = checked_hash(season, brought, &file_hash, &context);
    let own = OwnRows::of_office(connection, &season.code, kind, brought.of)?;
    let names = upload_names(kind, &policy, brought.mapping);
    let (sheet, unread) = match read_upload(brought.file_name, bytes, kind.called(), &names) {
        Ok(sheet) => (sheet, None),
        Err(fault) => (Sheet::own(brought.file_name, Vec::new()), Some(fault)),
    };
    let mut check = check_sheet_under(kind, sheet.clone(), &policy, context, |file, rows, faults| {
        own.add_faults(file, rows, fields, faults);
    });
    if let Some(fault) = unread {
        check.faults = vec![fault];
    }
    let mut totals = control_totals(&check.season);
    let mut last = LastYear::default();
    if check.faults.is_empty() && matches!(kind, SheetKind::Candidates | SheetKind::Scores) {
        last = last_year(connection, season, &policy)?;
    }
    own.narrow(&mut totals, &mut last);
    let warnings = match kind {
        _ if !check.faults.is_empty() => Vec::new(),
        SheetKind::Candidates => roster_warnings(&check.season, &totals, &classes(&check), &last),
        SheetKind::Scores => score_warnings(&check.season, &totals, &last),
        _ => Vec::new(),
    };
    Ok(Checked { check, sheet, totals, warnings, file_hash, checked_hash })
}

/// The hash that a commit is bound to, with the season as it is now.
///
/// What stands with other offices is left out: else every commit of a school would outdate the checks of all
/// others. A commit looks again whether a code or a document is taken.
pub fn checked_hash(season: &SeasonRow, brought: &Brought<'_>, file_hash: &str, context: &Sheets) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    // A check holds for the program that made it: a later one may know more rules.
    let program = env!("CARGO_PKG_VERSION");
    let of = brought.of.subject();
    let mapped = brought.mapping.len().to_string();
    for text in
        ["checked/2", program, brought.kind.word(), &of, file_hash, &season.code, &season.policy, &mapped]
    {
        part(text.as_bytes());
    }
    for (theirs, ours) in brought.mapping {
        part(theirs.as_bytes());
        part(ours.as_bytes());
    }
    for (kind, sheet) in context {
        part(kind.word().as_bytes());
        part(&sheet.text);
    }
    hex(&hash.finalize())
}

/// Junior high (by index) and class of every row.
fn classes(check: &Check) -> Vec<(u32, String)> {
    let rows = &check.rows;
    let (Some(junior), Some(class)) = (rows.column("junior_code"), rows.column("class")) else {
        return Vec::new();
    };
    let juniors = &check.season.city.juniors;
    let index = |code: &str| juniors.binary_search_by(|school| school.code.as_str().cmp(code)).ok();
    (0..rows.len())
        .map(|at| {
            let junior = index(rows.cell(at, junior)).map_or(NONE, |index| index as u32);
            (junior, rows.cell(at, class).to_owned())
        })
        .collect()
}

/// Figures of the season of the year before, where this database holds one of the same kind.
fn last_year(
    connection: &mut AnyConnection,
    season: &SeasonRow,
    policy: &Policy,
) -> Result<LastYear, ServiceError> {
    for other in seasons::list(connection, "", 1_000)?.into_iter().filter(|other| other.kind == season.kind) {
        let Ok(old) = Policy::parse("season.toml", &other.policy) else { continue };
        if old.year.checked_add(1) != Some(policy.year) || other.code == season.code {
            continue;
        }
        let kinds = [SheetKind::Areas, SheetKind::JuniorSchools, SheetKind::Candidates, SheetKind::Scores];
        let sheets = stored_sheets::context(connection, &other.code, &kinds)?;
        let (old_season, _) = read_until(SheetKind::Scores, &old, &sheets);
        let totals = control_totals(&old_season);
        return Ok(LastYear {
            candidates: (totals.candidates > 0).then_some(totals.candidates),
            juniors: totals.juniors.into_iter().map(|school| (school.code, school.candidates)).collect(),
            subjects: totals
                .subjects
                .into_iter()
                .filter(|subject| subject.scored > 0)
                .map(|subject| {
                    let scored = i64::try_from(subject.scored).unwrap_or(i64::MAX);
                    let mean = Points::from_millionths(subject.sum.millionths() / scored);
                    (subject.column, LastMarks { full: subject.full, mean, highest: subject.highest })
                })
                .collect(),
        });
    }
    Ok(LastYear::default())
}
