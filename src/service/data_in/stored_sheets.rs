//! What a season holds in the database, as the sheets that the readers of files know.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::sync::mpsc::channel;

use rayon::prelude::*;
use serde::Deserialize;

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
        csv_bytes::row(&mut self.0, cells);
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
        candidates::each_entitlement(connection, season, |row| {
            text.row(&[row.exam_no, row.junior_code, row.area_code, row.bonus]);
        })?;
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
    let text = roster(connection, season, fields)?;
    sheets.extend(text.map(|text| (SheetKind::Candidates, Sheet::own(SheetKind::Candidates.word(), text))));
    Ok(sheets)
}

/// The roster with ID numbers and phones, `None` where nobody is on it: rows are opened by all threads while the next
/// ones are read.
fn roster(
    connection: &mut AnyConnection,
    season: &str,
    fields: &FieldCipher,
) -> Result<Option<Vec<u8>>, ServiceError> {
    let (tell, told) = channel();
    rayon::in_place_scope(|threads| {
        let mut handed = 0;
        let mut hand = |rows: Vec<CandidateRow>| {
            let (tell, number) = (tell.clone(), handed);
            handed += 1;
            threads.spawn(move |_| {
                // The other end takes everything until the last sender is gone.
                let _taken = tell.send((number, opened(fields, &rows)));
            });
        };
        let mut rows = Vec::with_capacity(ROWS_AT_ONCE);
        candidates::each(connection, season, |row| {
            rows.push(row);
            if rows.len() == ROWS_AT_ONCE {
                hand(std::mem::replace(&mut rows, Vec::with_capacity(ROWS_AT_ONCE)));
            }
        })?;
        hand(rows);
        Ok::<_, ServiceError>(())
    })?;
    drop(tell);
    let mut parts: Vec<(usize, Result<Vec<u8>, ServiceError>)> = told.into_iter().collect();
    parts.sort_unstable_by_key(|part| part.0);
    let header = Text::new(&SheetKind::Candidates.columns()).0;
    let parts = parts.into_iter().map(|part| part.1).collect::<Result<Vec<_>, _>>()?;
    let empty = parts.iter().all(Vec::is_empty);
    Ok((!empty).then(|| std::iter::once(header).chain(parts).collect::<Vec<_>>().concat()))
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

/// The score sheet: the columns that any row has, in the order of their names, as far as they stand in the first row.
fn marks(connection: &mut AnyConnection, season: &str) -> Result<Option<Vec<u8>>, ServiceError> {
    let rows = scores::list_marks(connection, season)?;
    let cells: Vec<Marks<'_>> = rows.par_iter().map(marks_of).collect::<Result<_, _>>()?;
    let mut columns: Vec<&str> = vec!["exam_no"];
    for marks in &cells {
        // As a rule every row has the same ones.
        if !marks.keys().map(|column| &*column.0).eq(columns[1..].iter().copied()) {
            for Json(column) in marks.keys() {
                if !columns.contains(&&**column) {
                    columns.push(column);
                }
            }
        }
    }
    let mut text = Text::new(&columns);
    let parts: Vec<Vec<u8>> = rows
        .par_chunks(ROWS_AT_ONCE)
        .zip(cells.par_chunks(ROWS_AT_ONCE))
        .map(|(rows, cells)| {
            let mut text = Text(Vec::new());
            let mut line: Vec<&str> = Vec::with_capacity(columns.len());
            for ((exam_no, _), marks) in rows.iter().zip(cells) {
                line.clear();
                line.push(exam_no);
                line.extend(columns[1..].iter().map(|column| marks.get(*column).map_or("", |cell| &*cell.0)));
                text.row(&line);
            }
            text.0
        })
        .collect();
    text.0.extend(parts.concat());
    Ok((!rows.is_empty()).then_some(text.0))
}

/// A candidate's marks by the names of their columns, read where they stand in their JSON: of a city there are a
/// million.
type Marks<'r> = BTreeMap<Json<'r>, Json<'r>>;

/// A text of a JSON, copied only where it is escaped.
#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Json<'r>(#[serde(borrow)] Cow<'r, str>);

impl Borrow<str> for Json<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

fn marks_of((exam_no, marks): &(String, String)) -> Result<Marks<'_>, ServiceError> {
    serde_json::from_str(marks)
        .map_err(|error| ServiceError::Internal(format!("marks of candidate {exam_no}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_by_column_whatever_their_order_and_writing() {
        let row = |marks: &str| ("26000001".to_owned(), marks.to_owned());
        let told = row(r#"{"math":"118.5","english \"oral\"":"30","chinese":"\u0031"}"#);
        let marks = marks_of(&told).unwrap();
        assert_eq!(
            marks.keys().map(|column| &*column.0).collect::<Vec<&str>>(),
            ["chinese", "english \"oral\"", "math"]
        );
        let cell = |column| marks.get(column).map_or("", |cell| &*cell.0);
        assert_eq!(["math", "chinese", "physics"].map(cell), ["118.5", "1", ""]);
        assert!(matches!(marks["math"].0, Cow::Borrowed(_)), "what is not escaped is not copied");
        for wrong in [r#"{"math":118}"#, "[]"] {
            assert!(marks_of(&row(wrong)).is_err(), "{wrong}");
        }
    }
}
