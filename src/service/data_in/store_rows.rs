//! Checked rows take the place of a season's rows of their kind.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::domain::checked_rows::CheckedRows;
use crate::domain::sheet_kind::SheetKind;
use crate::service::data_in::own_rows::OwnRows;
use crate::service::error::ServiceError;
use crate::service::people::sealed_person::{seal_guardian_phone, seal_id_no};
use crate::service::secrets::field_cipher::FieldCipher;
use crate::storage::areas::{self, AreaRow};
use crate::storage::candidates::{self, CandidateRow};
use crate::storage::change::Change;
use crate::storage::database::AnyConnection;
use crate::storage::junior_schools::{self, JuniorSchoolRow};
use crate::storage::past_lines::{self, PastLineRow};
use crate::storage::programmes::{self, ProgrammeRow};
use crate::storage::quota_overrides::{self, QuotaOverrideRow};
use crate::storage::scores::{self, ScoreRow};
use crate::storage::senior_schools::{self, SeniorSchoolRow};
use crate::storage::sheet_rows::Replacement;

/// Rows ready for their table; people's numbers are sealed.
pub enum Rows {
    Areas(Vec<AreaRow>),
    JuniorSchools(Vec<JuniorSchoolRow>),
    SeniorSchools(Vec<SeniorSchoolRow>),
    Programmes(Vec<ProgrammeRow>),
    Quota(Vec<QuotaOverrideRow>),
    /// With the columns that the sheet had: what it lacked stays as it is.
    Candidates(Vec<CandidateRow>, Given),
    /// Points and reason of each bonus, by exam number.
    Bonuses(BTreeMap<String, Vec<(String, String)>>),
    Scores(Vec<ScoreRow>),
    History(Vec<PastLineRow>),
}

impl Rows {
    /// Whether rows, checked some time ago, would take a code or a document from others as they stand now.
    pub fn clash_with(&self, own: &OwnRows) -> bool {
        match self {
            Rows::Candidates(rows, _) => rows.iter().any(|row| {
                own.stands_elsewhere(&row.exam_no) || own.has_document_elsewhere(&row.id_no_index)
            }),
            Rows::Programmes(rows) => rows.iter().any(|row| own.stands_elsewhere(&row.programme_code)),
            _ => false,
        }
    }
}

/// Which of a roster's columns the sheet had, of those that other lists bring too.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    bonus: bool,
    flags: bool,
    class: bool,
    phone: bool,
    id_no: bool,
}

/// Brings checked rows into the form of their table; done before the transaction that writes them.
///
/// # Errors
/// `Internal` for preferences, which no import brings.
///
/// # Complexity
/// O(cells), sealing in parallel.
pub fn rows(
    kind: SheetKind,
    season: &str,
    checked: &CheckedRows,
    fields: &FieldCipher,
) -> Result<Rows, ServiceError> {
    let columns: BTreeMap<&str, usize> =
        checked.columns.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let cell = |row: usize, name: &str| {
        columns.get(name).map_or(String::new(), |column| checked.cell(row, *column).to_owned())
    };
    let given = |name: &str| columns.get(name).is_some_and(|column| checked.given[*column]);
    let every = 0..checked.len();
    let season = || season.to_owned();
    Ok(match kind {
        SheetKind::Areas => Rows::Areas(
            every
                .map(|at| AreaRow {
                    season: season(),
                    area_code: cell(at, "area_code"),
                    name: cell(at, "name"),
                    divisions: cell(at, "divisions"),
                })
                .collect(),
        ),
        SheetKind::JuniorSchools => Rows::JuniorSchools(
            every
                .map(|at| JuniorSchoolRow {
                    season: season(),
                    school_code: cell(at, "school_code"),
                    name: cell(at, "name"),
                    area_code: cell(at, "area_code"),
                    ownership: cell(at, "ownership"),
                    nine_year: cell(at, "nine_year"),
                    graduates: cell(at, "graduates"),
                    intake: cell(at, "intake"),
                    factor: cell(at, "factor"),
                    direct: cell(at, "direct"),
                })
                .collect(),
        ),
        SheetKind::SeniorSchools => Rows::SeniorSchools(
            every
                .map(|at| SeniorSchoolRow {
                    season: season(),
                    school_code: cell(at, "school_code"),
                    name: cell(at, "name"),
                    area_code: cell(at, "area_code"),
                    ownership: cell(at, "ownership"),
                    high_quality: cell(at, "high_quality"),
                })
                .collect(),
        ),
        SheetKind::Programmes => Rows::Programmes(
            every
                .map(|at| ProgrammeRow {
                    season: season(),
                    programme_code: cell(at, "programme_code"),
                    school_code: cell(at, "school_code"),
                    name: cell(at, "name"),
                    batch: cell(at, "batch"),
                    seats: cell(at, "seats"),
                    quota_share: cell(at, "quota_share"),
                    scope: cell(at, "scope"),
                    gate_open: cell(at, "gate_open"),
                    gate_quota: cell(at, "gate_quota"),
                    quota_base: cell(at, "quota_base"),
                })
                .collect(),
        ),
        SheetKind::Quota => Rows::Quota(
            every
                .map(|at| QuotaOverrideRow {
                    season: season(),
                    programme_code: cell(at, "programme_code"),
                    junior_code: cell(at, "junior_code"),
                    seats: cell(at, "seats"),
                    reason: cell(at, "reason"),
                })
                .collect(),
        ),
        SheetKind::Candidates => {
            let row = |at: usize| {
                let mut row = CandidateRow {
                    season: season(),
                    exam_no: cell(at, "exam_no"),
                    name: cell(at, "name"),
                    sex: cell(at, "sex"),
                    junior_code: cell(at, "junior_code"),
                    area_code: cell(at, "area_code"),
                    register_from: cell(at, "register_from"),
                    attended: cell(at, "attended"),
                    repeat: cell(at, "repeat"),
                    local: cell(at, "local"),
                    bonus: cell(at, "bonus"),
                    bonus_reason: cell(at, "bonus_reason"),
                    quality_grade: cell(at, "quality_grade"),
                    flags: cell(at, "flags"),
                    class: cell(at, "class"),
                    ..CandidateRow::default()
                };
                seal_id_no(fields, &mut row, &cell(at, "id_no"));
                seal_guardian_phone(fields, &mut row, &cell(at, "phone"));
                row
            };
            let rows = every.into_par_iter().map(row).collect();
            let given = Given {
                bonus: given("bonus"),
                flags: given("flags"),
                class: given("class"),
                phone: given("phone"),
                id_no: given("id_no"),
            };
            Rows::Candidates(rows, given)
        }
        SheetKind::Bonuses => {
            let mut bonuses: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
            for at in every {
                let bonus = (cell(at, "bonus"), cell(at, "bonus_reason"));
                bonuses.entry(cell(at, "exam_no")).or_default().push(bonus);
            }
            Rows::Bonuses(bonuses)
        }
        SheetKind::Scores => Rows::Scores(
            every
                .map(|at| {
                    let marks: serde_json::Map<String, serde_json::Value> = checked
                        .columns
                        .iter()
                        .zip(checked.row(at))
                        .skip(1)
                        .map(|(column, cell)| (column.clone(), cell.into()))
                        .collect();
                    let marks = serde_json::Value::Object(marks).to_string();
                    ScoreRow { season: season(), exam_no: cell(at, "exam_no"), marks }
                })
                .collect(),
        ),
        SheetKind::History => Rows::History(
            every
                .map(|at| PastLineRow {
                    season: season(),
                    year: cell(at, "year"),
                    programme_code: cell(at, "programme_code"),
                    seat: cell(at, "seat"),
                    junior_code: cell(at, "junior_code"),
                    seats: cell(at, "seats"),
                    taken: cell(at, "taken"),
                    last_rank: cell(at, "last_rank"),
                    ranked: cell(at, "ranked"),
                })
                .collect(),
        ),
        SheetKind::Preferences => {
            return Err(ServiceError::Internal("preferences are filed, not imported".to_owned()));
        }
    })
}

/// Candidates that are compared at a time: a whole roster twice would not fit the memory set for an import.
const PAGE: i64 = 5_000;

/// Writes rows in the place of those of their kind that are the office's own, all or none (inside the caller's
/// transaction). Rows that stand there as they are stay untouched.
///
/// # Errors
/// `Conflict` `in_use` when a code would vanish that other rows name; storage failed.
pub fn replace(
    connection: &mut AnyConnection,
    season: &str,
    own: &OwnRows,
    rows: Rows,
) -> Result<Vec<Change>, ServiceError> {
    match rows {
        Rows::Areas(rows) => {
            let mut used: BTreeSet<String> = BTreeSet::new();
            used.extend(junior_schools::list(connection, season)?.into_iter().map(|row| row.area_code));
            used.extend(senior_schools::list(connection, season)?.into_iter().map(|row| row.area_code));
            used.extend(candidates::list_codes(connection, season)?.into_iter().map(|row| row.2));
            for row in programmes::list(connection, season)?.into_iter().filter(|row| row.scope != "*") {
                used.extend(row.scope.split(';').map(|code| code.trim().to_owned()));
            }
            keeps("area", used, own, rows.iter().map(|row| &row.area_code))?;
            let old = areas::list(connection, season)?;
            Ok(areas::replace(connection, season, &old, rows)?)
        }
        Rows::JuniorSchools(rows) => {
            let mut used: BTreeSet<String> = BTreeSet::new();
            used.extend(candidates::list_codes(connection, season)?.into_iter().map(|row| row.1));
            used.extend(quota_overrides::list(connection, season)?.into_iter().map(|row| row.junior_code));
            keeps("junior high", used, own, rows.iter().map(|row| &row.school_code))?;
            let old = junior_schools::list(connection, season)?;
            Ok(junior_schools::replace(connection, season, &old, rows)?)
        }
        Rows::SeniorSchools(rows) => {
            let used = programmes::list(connection, season)?.into_iter().map(|row| row.school_code).collect();
            keeps("senior high", used, own, rows.iter().map(|row| &row.school_code))?;
            let old = senior_schools::list(connection, season)?;
            Ok(senior_schools::replace(connection, season, &old, rows)?)
        }
        Rows::Programmes(rows) => {
            let used = quota_overrides::list(connection, season)?;
            let used = used.into_iter().map(|row| row.programme_code).collect();
            keeps("programme", used, own, rows.iter().map(|row| &row.programme_code))?;
            let mut old = programmes::list(connection, season)?;
            old.retain(|row| own.has_plan(&row.school_code));
            Ok(programmes::replace(connection, season, &old, rows)?)
        }
        Rows::Quota(rows) => {
            let old = quota_overrides::list(connection, season)?;
            Ok(quota_overrides::replace(connection, season, &old, rows)?)
        }
        Rows::Candidates(rows, given) => {
            let used = scores::list_codes(connection, season)?.into_iter().collect();
            keeps("candidate", used, own, rows.iter().map(|row| &row.exam_no))?;
            let mut replacement = Replacement::new(rows);
            each_page(connection, season, own, |connection, old| {
                for before in &old {
                    if let Some(row) = replacement.successor(before) {
                        keep_what_was_not_given(row, before, given);
                    }
                }
                candidates::supersede(connection, season, &mut replacement, &old)?;
                Ok(())
            })?;
            Ok(candidates::add_rest(connection, replacement)?)
        }
        Rows::Bonuses(bonuses) => {
            let mut changes = Vec::new();
            each_page(connection, season, own, |connection, old| {
                let mut new = old.clone();
                for row in &mut new {
                    let own = bonuses.get(&row.exam_no).map_or(&[][..], Vec::as_slice);
                    let join = |part: fn(&(String, String)) -> &str| {
                        own.iter().map(part).collect::<Vec<_>>().join(";")
                    };
                    row.bonus = join(|bonus| &bonus.0);
                    row.bonus_reason = join(|bonus| &bonus.1);
                }
                changes.extend(candidates::replace(connection, season, &old, new)?);
                Ok(())
            })?;
            Ok(changes)
        }
        Rows::Scores(rows) => {
            let old = scores::list(connection, season)?;
            Ok(scores::replace(connection, season, &old, rows)?)
        }
        Rows::History(rows) => {
            let old = past_lines::list(connection, season)?;
            Ok(past_lines::replace(connection, season, &old, rows)?)
        }
    }
}

/// Goes through the office's own candidates in the order of exam numbers; each page may be changed at once.
fn each_page(
    connection: &mut AnyConnection,
    season: &str,
    own: &OwnRows,
    mut work: impl FnMut(&mut AnyConnection, Vec<CandidateRow>) -> Result<(), ServiceError>,
) -> Result<(), ServiceError> {
    let mut after = String::new();
    loop {
        let mut page = candidates::list_of(connection, season, own.of(), &after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after.clone_from(&last.exam_no);
        page.retain(|row| own.has_candidate(&row.junior_code, &row.area_code));
        work(connection, page)?;
    }
}

/// Refuses where a code that other rows name would vanish.
fn keeps<'r>(
    noun: &str,
    used: BTreeSet<String>,
    own: &OwnRows,
    codes: impl Iterator<Item = &'r String>,
) -> Result<(), ServiceError> {
    if used.is_empty() {
        return Ok(());
    }
    let codes: BTreeSet<&str> = codes.map(String::as_str).collect();
    let stays = |code: &str| code.is_empty() || codes.contains(code) || own.stands_elsewhere(code);
    let lost: Vec<&str> = used.iter().map(String::as_str).filter(|code| !stays(code)).collect();
    if lost.is_empty() {
        return Ok(());
    }
    let first = lost.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    let detail = format!("other data names {} codes ({noun}) that the sheet lacks: {first}", lost.len());
    Err(ServiceError::conflict("in_use", detail))
}

/// What the sheet had no column for is taken from the row that stood there; so are a document and a phone that
/// are the same, for sealed anew they would only look changed.
fn keep_what_was_not_given(row: &mut CandidateRow, before: &CandidateRow, given: Given) {
    if !given.bonus {
        row.bonus.clone_from(&before.bonus);
        row.bonus_reason.clone_from(&before.bonus_reason);
    }
    if !given.flags {
        row.flags.clone_from(&before.flags);
    }
    if !given.class {
        row.class.clone_from(&before.class);
    }
    if !given.phone || row.guardian_phone_index == before.guardian_phone_index {
        row.guardian_phone.clone_from(&before.guardian_phone);
        row.guardian_phone_index.clone_from(&before.guardian_phone_index);
    }
    if !given.id_no || row.id_no_index == before.id_no_index {
        row.id_no.clone_from(&before.id_no);
        row.id_no_index.clone_from(&before.id_no_index);
    }
}
