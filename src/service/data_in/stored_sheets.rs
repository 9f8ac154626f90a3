//! What a season holds in the database, as the sheets that the readers of files know.

use std::collections::BTreeMap;

use crate::domain::sheet_kind::SheetKind;
use crate::files::csv_bytes;
use crate::files::season_folder::Sheets;
use crate::files::sheet::Sheet;
use crate::service::error::ServiceError;
use crate::service::people::sealed_person::{open_guardian_phone, open_id_no};
use crate::service::secrets::field_cipher::FieldCipher;
use crate::storage::database::AnyConnection;
use crate::storage::{
    areas, candidates, junior_schools, past_lines, programmes, quota_overrides, scores, senior_schools,
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
        for row in candidates::list(connection, season)? {
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
    let mut sheets = context(connection, season, &STORED)?;
    if let Some(sheet) = sheets.get_mut(&SheetKind::Candidates) {
        let mut text = Text::new(&SheetKind::Candidates.columns());
        for row in candidates::list(connection, season)? {
            let id_no = open_id_no(fields, &row)?;
            let phone = open_guardian_phone(fields, &row)?;
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
        sheet.text = text.0;
    }
    Ok(sheets)
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
    let rows = scores::list(connection, season)?;
    let mut columns: Vec<String> = vec!["exam_no".to_owned()];
    let mut cells: Vec<BTreeMap<String, String>> = Vec::with_capacity(rows.len());
    for row in &rows {
        let marks: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&row.marks).map_err(|error| {
                ServiceError::Internal(format!("marks of candidate {}: {error}", row.exam_no))
            })?;
        for column in marks.keys().filter(|column| !columns.contains(column)).cloned().collect::<Vec<_>>() {
            columns.push(column);
        }
        let text = |(column, cell): (String, serde_json::Value)| {
            (column, cell.as_str().map(str::to_owned).unwrap_or_default())
        };
        cells.push(marks.into_iter().map(text).collect());
    }
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut text = Text::new(&names);
    for (row, cells) in rows.iter().zip(&cells) {
        let of_column = |column: &&str| cells.get(*column).map_or("", String::as_str);
        let line: Vec<&str> =
            [row.exam_no.as_str()].into_iter().chain(names[1..].iter().map(of_column)).collect();
        text.row(&line);
    }
    Ok((!rows.is_empty()).then_some(text.0))
}
