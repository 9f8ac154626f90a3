//! An office brings a sheet of an entry: all of it is checked with what is there, and all of it counts or nothing.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::access::Act;
use crate::domain::compulsory::entry_sheet::{CHILDREN, EntrySheet, SCHOOLS};
use crate::domain::fault::Fault;
use crate::files::column_names::ColumnNames;
use crate::files::compulsory::entry_sheets::{Cells, EntrySheets, MAP, cell, cells_of, code_of, sheet_of};
use crate::files::identity;
use crate::files::sheet::{MOST_UPLOADED, Sheet, read_upload};
use crate::service::app::{App, Caller};
use crate::service::compulsory::stored_entry::{ZONE_MAP, entry_for, read, whole};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::people::sealed_person::{id_no_index, seal_id_no};
use crate::service::secrets::field_cipher::FieldCipher;
use crate::storage::candidates::{self, CandidateRow};
use crate::storage::change::Change;
use crate::storage::database::AnyConnection;
use crate::storage::entry_rows::{self, EntryRowRow};
use crate::storage::seasons;

/// Faults that are told of a sheet at most.
const MOST_FAULTS: usize = 1_000;
/// Columns of a child's row that stand in the roster of people and nowhere else.
const PERSONAL: [&str; 3] = ["name", "sex", "id_no"];

/// A file.
#[derive(Clone, Debug)]
pub struct BroughtSheet {
    pub season: String,
    /// A name of `domain/compulsory/entry_sheet.rs`, or `zone_map`.
    pub sheet: String,
    /// By its ending the kind of file is known.
    pub file_name: String,
    pub bytes: Vec<u8>,
    /// Tell what is wrong and write nothing.
    pub only_check: bool,
}

/// What a sound file brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SheetBrought {
    pub rows: usize,
    /// Rows that were not there like this before; 0 where it was only checked.
    pub changed: usize,
}

/// Puts a sheet in the place of the one that is there.
///
/// # Errors
/// `NotFound` without such a sheet; `Invalid` with every fault of this sheet, and of others that name what it lacks.
pub async fn bring_entry_sheet(
    app: &App,
    caller: &Caller,
    brought: BroughtSheet,
) -> Result<SheetBrought, ServiceError> {
    let fields = app.fields().clone();
    app.act(caller, move |transaction| {
        let (season, policy) = entry_for(transaction, Act::BringEntrySheet, &brought.season)?;
        if brought.sheet != ZONE_MAP && EntrySheet::from_name(&brought.sheet).is_none() {
            return Err(ServiceError::NotFound);
        }
        seasons::hold(transaction.connection, &season.code)?;
        let mut sheets = whole(transaction.connection, &season.code, "official")?;
        let rows = match EntrySheet::from_name(&brought.sheet) {
            None => with_map(&mut sheets, &season.code, brought.bytes)?,
            Some(kind) => {
                let sheet = sheet(kind, &brought.file_name, brought.bytes)?;
                sheets.sheets.insert(kind.name, sheet.clone());
                to_rows(&season.code, kind, &sheet)
            }
        };
        for kind in [&SCHOOLS, &CHILDREN] {
            // What was not brought yet is no fault of this sheet.
            sheets.sheets.entry(kind.name).or_insert_with(|| sheet_of(kind, &[]));
        }
        read(&season, &sheets).map_err(refused)?;
        let counted = rows.len();
        if brought.only_check {
            return Ok(SheetBrought { rows: counted, changed: 0 });
        }
        let mut changes = Vec::new();
        if brought.sheet == CHILDREN.name
            && let Some(sheet) = sheets.sheets.get(CHILDREN.name)
        {
            changes = people(transaction.connection, &season.code, &policy.area, &fields, sheet)?;
        }
        let old = entry_rows::list_of(transaction.connection, &season.code, &brought.sheet)?;
        changes.extend(entry_rows::replace(transaction.connection, &season.code, &old, rows)?);
        let brought_in = SheetBrought { rows: counted, changed: changes.len() };
        let subject = format!("sheet:{}", brought.sheet);
        let detail = format!("{counted} rows, {} changed", changes.len());
        transaction.note(Act::BringEntrySheet, &season.code, &subject, detail, changes)?;
        Ok(brought_in)
    })
    .await
}

/// Faults of the file, at their places.
pub fn refused(faults: Vec<Fault>) -> ServiceError {
    let told = faults.iter().take(MOST_FAULTS).map(|fault| FieldFault::of_file("/file", "sheet", fault));
    ServiceError::Invalid(told.collect())
}

fn sheet(kind: &EntrySheet, file_name: &str, bytes: Vec<u8>) -> Result<Sheet, ServiceError> {
    let names = ColumnNames::known(kind.name);
    read_upload(file_name, bytes, [kind.name, kind.title], &names).map_err(|fault| refused(vec![fault]))
}

fn with_map(
    sheets: &mut EntrySheets,
    season: &str,
    bytes: Vec<u8>,
) -> Result<Vec<EntryRowRow>, ServiceError> {
    if bytes.len() > MOST_UPLOADED {
        return Err(refused(vec![Fault::at(
            MAP,
            format!("has more than {} MiB; split it", MOST_UPLOADED >> 20),
        )]));
    }
    let text = String::from_utf8(bytes).map_err(|_| refused(vec![Fault::at(MAP, "is not UTF-8")]))?;
    sheets.map = Some(text.clone().into_bytes());
    let row = EntryRowRow {
        season: season.to_owned(),
        sheet: ZONE_MAP.to_owned(),
        cells: text,
        ..EntryRowRow::default()
    };
    Ok(vec![row])
}

/// The sheet's rows as they are kept.
fn to_rows(season: &str, kind: &EntrySheet, sheet: &Sheet) -> Vec<EntryRowRow> {
    let row = |(place, mut cells): (i64, Cells)| {
        if kind.name == CHILDREN.name {
            // What the number of identity told stays, the number itself does not.
            if cell(&cells, "born").is_empty()
                && let Some(born) = identity::born(cell(&cells, "id_no"))
            {
                cells.insert("born".to_owned(), born.to_string().into());
            }
            PERSONAL.iter().for_each(|name| drop(cells.remove(*name)));
        }
        EntryRowRow {
            season: season.to_owned(),
            sheet: kind.name.to_owned(),
            code: code_of(kind, &cells),
            place,
            cells: serde_json::Value::Object(cells).to_string(),
        }
    };
    (1..).zip(cells_of(kind, sheet)).map(row).collect()
}

/// The roster of people: new rows, and of those that stand there what the sheet says anew.
fn people(
    connection: &mut AnyConnection,
    season: &str,
    area: &str,
    fields: &FieldCipher,
    sheet: &Sheet,
) -> Result<Vec<Change>, ServiceError> {
    let old = candidates::list(connection, season)?;
    let known: BTreeMap<&str, &CandidateRow> = old.iter().map(|row| (row.exam_no.as_str(), row)).collect();
    let row = |cells: Cells| {
        let number = cell(&cells, "child_no");
        let mut row = CandidateRow {
            season: season.to_owned(),
            exam_no: number.to_owned(),
            name: cell(&cells, "name").to_owned(),
            sex: cell(&cells, "sex").to_owned(),
            area_code: area.to_owned(),
            ..CandidateRow::default()
        };
        let id_no = cell(&cells, "id_no");
        match known.get(number) {
            Some(before) => {
                row.guardian_phone.clone_from(&before.guardian_phone);
                row.guardian_phone_index.clone_from(&before.guardian_phone_index);
                // Sealed anew the same number would only look changed; what the sheet does not say stays.
                if id_no.is_empty() || id_no_index(fields, id_no) == before.id_no_index {
                    row.id_no.clone_from(&before.id_no);
                    row.id_no_index.clone_from(&before.id_no_index);
                } else {
                    seal_id_no(fields, &mut row, id_no);
                }
                if row.name.is_empty() {
                    row.name.clone_from(&before.name);
                    row.sex.clone_from(&before.sex);
                }
            }
            None => seal_id_no(fields, &mut row, id_no),
        }
        row
    };
    let rows: Vec<CandidateRow> = cells_of(&CHILDREN, sheet).into_iter().map(row).collect();
    Ok(candidates::replace(connection, season, &old, rows)?)
}
