//! The sheets of an entry in memory: from a folder, from an upload, from a database's rows and back into them.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde_json::{Map, Value};

use crate::domain::compulsory::entry_sheet::{ENTRY_SHEETS, EntrySheet};
use crate::domain::fault::Fault;
use crate::files::csv_bytes;
use crate::files::rows::{Columns, Row, read as rows};
use crate::files::sheet::{Sheet, read_sheet};

/// The map's file.
pub const MAP: &str = "zones.geojson";

/// Sheets by their names, and the map of zones.
#[derive(Clone, Debug, Default)]
pub struct EntrySheets {
    pub sheets: BTreeMap<&'static str, Sheet>,
    /// GeoJSON.
    pub map: Option<Vec<u8>>,
}

/// One row as it is kept: texts by column, without those that are empty.
pub type Cells = Map<String, Value>;

impl EntrySheets {
    /// What stands in a folder. What cannot be read is an empty sheet with its fault.
    ///
    /// # Errors
    /// The map is there and cannot be read.
    pub fn of_folder(folder: &Path) -> Result<EntrySheets, Fault> {
        let mut found = EntrySheets::default();
        for kind in &ENTRY_SHEETS {
            match read_sheet(folder, kind.name) {
                Ok(sheet) => found.sheets.extend(sheet.map(|sheet| (kind.name, sheet))),
                Err(fault) => {
                    let empty = sheet_of(kind, &[]);
                    found.sheets.insert(kind.name, Sheet { faults: vec![fault], ..empty });
                }
            }
        }
        found.map = match std::fs::read(folder.join(MAP)) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Fault::at(MAP, format!("cannot be read: {error}"))),
        };
        Ok(found)
    }
}

/// The rows of a sheet that was found sound, in its order.
pub fn cells_of(kind: &EntrySheet, sheet: &Sheet) -> Vec<Cells> {
    let names = kind.columns();
    let each = |row: &Row<'_>, out: &mut Vec<Cells>, _: &mut Vec<Fault>| {
        let cell = |(at, name): (usize, &&str)| {
            let text = row.text(at);
            (!text.is_empty()).then(|| ((*name).to_owned(), Value::from(text)))
        };
        out.push(names.iter().enumerate().filter_map(cell).collect());
    };
    let columns = Columns { required: kind.required, optional: kind.optional };
    rows(sheet, &columns, Vec::new, each, &mut Vec::new()).into_iter().flatten().collect()
}

/// A cell's text; empty where there is none.
pub fn cell<'c>(cells: &'c Cells, name: &str) -> &'c str {
    cells.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What makes a row one of its kind, joined by `/`.
pub fn code_of(kind: &EntrySheet, cells: &Cells) -> String {
    kind.key.iter().map(|name| cell(cells, name)).collect::<Vec<_>>().join("/")
}

/// A sheet of rows, in our names.
pub fn sheet_of(kind: &EntrySheet, rows: &[Cells]) -> Sheet {
    let names = kind.columns();
    let mut text = format!("{}\n", names.join(",")).into_bytes();
    for cells in rows {
        csv_bytes::row(&mut text, names.iter().map(|name| cell(cells, name)));
    }
    Sheet::own(&format!("{}.csv", kind.name), text)
}
