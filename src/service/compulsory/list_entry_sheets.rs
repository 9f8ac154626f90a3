//! Which sheets an entry has, and each of them as it stands.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::domain::compulsory::entry_sheet::{CHILDREN, ENTRY_SHEETS, EntrySheet};
use crate::files::compulsory::entry_sheets::{Cells, cell, sheet_of};
use crate::service::app::{App, Caller};
use crate::service::compulsory::stored_entry::{ZONE_MAP, entry_for, map, rows_of};
use crate::service::error::ServiceError;
use crate::service::people::sealed_person::open_id_no;
use crate::service::secrets::field_cipher::FieldCipher;
use crate::storage::candidates::{self, CandidateRow};
use crate::storage::database::AnyConnection;
use crate::storage::entry_rows;

/// A sheet and how many rows it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetCount {
    pub sheet: String,
    pub rows: i64,
}

/// Every sheet an entry may have, the map last.
///
/// # Errors
/// As of [`entry_for`].
pub async fn list_entry_sheets(
    app: &App,
    caller: &Caller,
    season: String,
) -> Result<Vec<SheetCount>, ServiceError> {
    app.look(caller, move |transaction| {
        let (season, _) = entry_for(transaction, Act::ListEntrySheets, &season)?;
        let counts = entry_rows::count(transaction.connection, &season.code)?;
        let count = |name: &str| counts.iter().find(|known| known.0 == name).map_or(0, |known| known.1);
        let names = ENTRY_SHEETS.iter().map(|kind| kind.name).chain([ZONE_MAP]);
        Ok(names.map(|name| SheetCount { sheet: name.to_owned(), rows: count(name) }).collect())
    })
    .await
}

/// A sheet as CSV in our names, or the map as GeoJSON; the look is noted.
///
/// # Errors
/// `NotFound` without such a sheet or map.
pub async fn download_entry_sheet(
    app: &App,
    caller: &Caller,
    season: String,
    sheet: String,
) -> Result<Vec<u8>, ServiceError> {
    let fields = app.fields().clone();
    app.act(caller, move |transaction| {
        let (season, _) = entry_for(transaction, Act::DownloadEntrySheet, &season)?;
        let bytes = match EntrySheet::from_name(&sheet) {
            Some(kind) => {
                let mut rows = rows_of(transaction.connection, &season.code, kind)?;
                if kind.name == CHILDREN.name {
                    with_people(transaction.connection, &season.code, &fields, &mut rows)?;
                }
                sheet_of(kind, &rows).text
            }
            None if sheet == ZONE_MAP => {
                map(transaction.connection, &season.code)?.ok_or(ServiceError::NotFound)?
            }
            None => return Err(ServiceError::NotFound),
        };
        let subject = format!("sheet:{sheet}");
        transaction.note(Act::DownloadEntrySheet, &season.code, &subject, "", Vec::new())?;
        Ok(bytes)
    })
    .await
}

/// Puts names and ID numbers back into the rows of children.
///
/// # Errors
/// Storage failed; a number does not open.
pub fn with_people(
    connection: &mut AnyConnection,
    season: &str,
    fields: &FieldCipher,
    rows: &mut [Cells],
) -> Result<(), ServiceError> {
    let people = candidates::list(connection, season)?;
    let people: BTreeMap<&str, &CandidateRow> =
        people.iter().map(|person| (person.exam_no.as_str(), person)).collect();
    for row in rows {
        let Some(person) = people.get(cell(row, "child_no")) else { continue };
        let id_no = open_id_no(fields, person)?;
        for (name, text) in [("name", &person.name), ("sex", &person.sex), ("id_no", &id_no)] {
            if !text.is_empty() {
                row.insert(name.to_owned(), text.as_str().into());
            }
        }
    }
    Ok(())
}
