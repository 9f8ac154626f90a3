//! What a season holds in the database, as the sheets that the readers of files know.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::domain::sheet_kind::SheetKind;
use crate::files::csv_bytes;
use crate::files::season_folder::Sheets;
use crate::files::sheet::Sheet;
use crate::service::error::ServiceError;
use crate::service::people::sealed_person::{open_guardian_phone, open_id_no};
use crate::service::secrets::field_cipher::FieldCipher;
use crate::storage::candidates::{self, CandidateRow};
use crate::storage::database::AnyConnection;
use crate::storage::{
    areas, junior_schools, past_lines, programmes, quota_overrides, scores, senior_schools,
};

/// The kinds that a season's tables hold; bonuses stand in the roster.
pub const STORED: [SheetKind; 8] = [
    SheetKind::Areas,
    SheetKind::JuniorSchools,
    SheetKind::SeniorSchools,
    SheetKind::Programmes,
    SheetKind::Quota,
    SheetKind::Candidates,
    SheetKind::Scores,
    SheetKind::History,
];

/// Rows of the roster that a thread opens at a time.
const ROWS_AT_ONCE: usize = 1024;

/// A sheet being written.
struct Text(Vec<u8>);

impl Text {
    fn new(columns: &[&str]) -> Text {
        let mut text = Text(Vec::new());
        text.row(columns);
        text
    }

    fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.0.push(b',');
            }
            csv_bytes::text(&mut self.0, cell.as_ref());
        }
        self.0.push(b'\n');
    }
}

/// Sheets of these kinds that have rows, to check other sheets against: of candidates the codes only.
///
/// # Errors
/// Storage failed.
pub fn context(
    connection: &mut AnyConnection,
    season: &str,
    kinds: &[SheetKind],
) -> Result<Sheets, ServiceError> {
    let mut sheets = Sheets::new();
    for kind in kinds {
        let text = if *kind == SheetKind::Candidates {
            let rows = candidates::list_codes(connection, season)?;
            let mut text = Text::new(&["exam_no", "junior_code", "area_code"]);
            rows.iter().for_each(|(exam_no, junior, area)| text.row(&[exam_no, junior, area]));
            (!rows.is_empty()).then_some(text.0)
        } else {
            table(connection, season, *kind)?
        };
        sheets.extend(text.map(|text| (*kind, Sheet::own(kind.word(), text))));
    }
    Ok(sheets)
}

/// As [`context`], with what of the roster enters a total.
///
/// # Errors
/// Storage failed.
pub fn context_with_bonuses(
    connection: &mut AnyConnection,
    season: &str,
    kinds: &[SheetKind],
) -> Result<Sheets, ServiceError> {
    let mut sheets = context(connection, season, kinds)?;
    if let Some(sheet) = sheets.get_mut(&SheetKind::Candidates) {
        let mut text = Text::new(&["exam_no", "junior_code", "area_code", "bonus"]);
        for row in candidates::list_entitlements(connection, season)? {
            text.row(&[row.exam_no, row.junior_code, row.area_code, row.bonus]);
        }
        sheet.text = text.0;
    }
    Ok(sheets)
}

/// Every sheet of a season with all its columns, ID numbers and phones opened.
///
/// # Errors
/// Storage failed, or a sealed field does not open under this installation's key.
pub fn whole(
    connection: &mut AnyConnection,
    season: &str,
    fields: &FieldCipher,
) -> Result<Sheets, ServiceError> {
    let kinds: Vec<SheetKind> = STORED.into_iter().filter(|kind| *kind != SheetKind::Candidates).collect();
    let mut sheets = context(connection, season, &kinds)?;
    let rows = candidates::list(connection, season)?;
    if !rows.is_empty() {
        let header = Text::new(&SheetKind::Candidates.columns()).0;
        let open = |rows: &[CandidateRow]| opened(fields, rows);
        let parts: Vec<Vec<u8>> = rows.par_chunks(ROWS_AT_ONCE).map(open).collect::<Result<_, _>>()?;
        let text = std::iter::once(header).chain(parts).collect::<Vec<_>>().concat();
        sheets.insert(SheetKind::Candidates, Sheet::own(SheetKind::Candidates.word(), text));
    }
    Ok(sheets)
}

/// Rows of the roster with ID numbers and phones.
fn opened(fields: &FieldCipher, rows: &[CandidateRow]) -> Result<Vec<u8>, ServiceError> {
    let mut text = Text(Vec::new());
    for row in rows {
        let id_no = open_id_no(fields, row)?;
        let phone = open_guardian_phone(fields, row)?;
        text.row(&[
            &row.exam_no,
            &row.name,
            &row.sex,
            &id_no,
            &row.junior_code,
            &row.area_code,
            &row.register_from,
            &row.attended,
            &row.repeat,
            &row.local,
            &row.bonus,
            &row.bonus_reason,
            &row.quality_grade,
            &row.flags,
            &row.class,
            &phone,
        ]);
    }
    Ok(text.0)
}

/// A table as a sheet; `None` where it has no row.
fn table(
    connection: &mut AnyConnection,
    season: &str,
    kind: SheetKind,
) -> Result<Option<Vec<u8>>, ServiceError> {
    let mut text = Text::new(&kind.columns());
    let empty = text.0.len();
    match kind {
        SheetKind::Areas => {
            for row in areas::list(connection, season)? {
                text.row(&[row.area_code, row.name, row.divisions]);
            }
        }
        SheetKind::JuniorSchools => {
            for row in junior_schools::list(connection, season)? {
                text.row(&[
                    row.school_code,
                    row.name,
                    row.area_code,
                    row.ownership,
                    row.nine_year,
                    row.graduates,
                    row.intake,
                    row.factor,
                    row.direct,
                ]);
            }
        }
        SheetKind::SeniorSchools => {
            for row in senior_schools::list(connection, season)? {
                text.row(&[row.school_code, row.name, row.area_code, row.ownership, row.high_quality]);
            }
        }
        SheetKind::Programmes => {
            for row in programmes::list(connection, season)? {
                text.row(&[
                    row.programme_code,
                    row.school_code,
                    row.name,
                    row.batch,
                    row.seats,
                    row.quota_share,
                    row.scope,
                    row.gate_open,
                    row.gate_quota,
                    row.quota_base,
                ]);
            }
        }
        SheetKind::Quota => {
            for row in quota_overrides::list(connection, season)? {
                text.row(&[row.programme_code, row.junior_code, row.seats, row.reason]);
            }
        }
        SheetKind::History => {
            for row in past_lines::list(connection, season)? {
                text.row(&[
                    row.year,
                    row.programme_code,
                    row.seat,
                    row.junior_code,
                    row.seats,
                    row.taken,
                    row.last_rank,
                    row.ranked,
                ]);
            }
        }
        SheetKind::Scores => return marks(connection, season),
        SheetKind::Candidates | SheetKind::Bonuses | SheetKind::Preferences => return Ok(None),
    }
    Ok((text.0.len() > empty).then_some(text.0))
}

/// The score sheet: the columns that any row has, in the order in which the first row names them.
fn marks(connection: &mut AnyConnection, season: &str) -> Result<Option<Vec<u8>>, ServiceError> {
    let rows = scores::list_marks(connection, season)?;
    let read = |(exam_no, marks): &(String, String)| {
        serde_json::from_str(marks)
            .map_err(|error| ServiceError::Internal(format!("marks of candidate {exam_no}: {error}")))
    };
    let cells: Vec<BTreeMap<String, String>> = rows.par_iter().map(read).collect::<Result<_, _>>()?;
    let mut columns: Vec<&str> = vec!["exam_no"];
    for column in cells.iter().flat_map(BTreeMap::keys) {
        if !columns.contains(&column.as_str()) {
            columns.push(column);
        }
    }
    let mut text = Text::new(&columns);
    let mut line: Vec<&str> = Vec::with_capacity(columns.len());
    for ((exam_no, _), cells) in rows.iter().zip(&cells) {
        line.clear();
        line.push(exam_no);
        line.extend(columns[1..].iter().map(|column| cells.get(*column).map_or("", String::as_str)));
        text.row(&line);
    }
    Ok((!rows.is_empty()).then_some(text.0))
}
