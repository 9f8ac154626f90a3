//! A file is checked against its season: faults, totals, warnings, and the hash that a commit is bound to.

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
use crate::files::sheet_check::{Check, check_sheet};
use crate::service::data_in::stored_sheets;
use crate::service::error::ServiceError;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::database::AnyConnection;
use crate::storage::seasons::{self, SeasonRow};

/// A file that was checked.
pub struct Checked {
    pub check: Check,
    /// As it was sent; without rows where the file cannot be read at all.
    pub sheet: Sheet,
    pub totals: ControlTotals,
    pub warnings: Vec<Warning>,
    pub file_hash: String,
    /// Over the file, the kind, the policy and every sheet it was checked against.
    pub checked_hash: String,
}

/// The row of the access table that says in which phases a kind of sheet may change.
pub fn act_of(kind: SheetKind) -> Option<Act> {
    match kind {
        SheetKind::Areas | SheetKind::JuniorSchools | SheetKind::SeniorSchools | SheetKind::Programmes => {
            Some(Act::ImportPlans)
        }
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
    kind: SheetKind,
    file_name: &str,
    bytes: Vec<u8>,
) -> Result<Checked, ServiceError> {
    let policy = stored_policy(season)?;
    let file_hash = hex(&Sha256::digest(&bytes));
    let context = stored_sheets::context(connection, &season.code, kind.needs())?;
    let checked_hash = checked_hash(season, kind, &file_hash, &context);
    let names =
        upload_names(kind, &policy, None).map_err(|fault| ServiceError::Internal(fault.to_string()))?;
    let (sheet, unread) = match read_upload(file_name, bytes, kind, &names) {
        Ok(sheet) => (sheet, None),
        Err(fault) => (Sheet::own(file_name, Vec::new()), Some(fault)),
    };
    let mut check = check_sheet(kind, sheet.clone(), &policy, context);
    if let Some(fault) = unread {
        check.faults = vec![fault];
    }
    let totals = control_totals(&check.season);
    let warnings = if check.faults.is_empty() {
        warnings(connection, season, kind, &policy, &check, &totals)?
    } else {
        Vec::new()
    };
    Ok(Checked { check, sheet, totals, warnings, file_hash, checked_hash })
}

/// The hash that a commit is bound to, with the season as it is now.
pub fn checked_hash(season: &SeasonRow, kind: SheetKind, file_hash: &str, context: &Sheets) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for text in ["checked/1", kind.word(), file_hash, &season.code, &season.policy] {
        part(text.as_bytes());
    }
    for (kind, sheet) in context {
        part(kind.word().as_bytes());
        part(&sheet.text);
    }
    hex(&hash.finalize())
}

fn warnings(
    connection: &mut AnyConnection,
    season: &SeasonRow,
    kind: SheetKind,
    policy: &Policy,
    check: &Check,
    totals: &ControlTotals,
) -> Result<Vec<Warning>, ServiceError> {
    match kind {
        SheetKind::Candidates => {
            let last = last_year(connection, season, policy)?;
            Ok(roster_warnings(&check.season, totals, &classes(check), &last))
        }
        SheetKind::Scores => {
            let last = last_year(connection, season, policy)?;
            Ok(score_warnings(&check.season, totals, &last))
        }
        _ => Ok(Vec::new()),
    }
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
