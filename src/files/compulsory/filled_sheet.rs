//! A sheet filled from elsewhere: empty cells get their value, others must hold it already.

use std::collections::BTreeMap;

use crate::domain::fault::Fault;
use crate::files::cell_words::our_word;
use crate::files::rows::first_line;
use crate::files::sheet::Sheet;

/// What a cell gets, and why, for whom it contradicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub column: &'static str,
    pub value: String,
    pub because: String,
}

/// The sheet as CSV with cells filled by the code in `key`; columns that it lacks are added.
///
/// Rows of codes that nothing is told of stay as they are.
///
/// # Errors
/// Only of a sheet that was not read before. A cell that holds another value is added to `faults`.
pub fn fill(
    sheet: &Sheet,
    key: &str,
    told: &BTreeMap<String, Vec<Told>>,
    faults: &mut Vec<Fault>,
) -> Result<Vec<u8>, csv::Error> {
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(sheet.text.as_slice());
    let mut names: Vec<String> = rows.headers()?.iter().map(|name| name.trim().to_owned()).collect();
    for column in told.values().flatten().map(|told| told.column) {
        if !names.iter().any(|name| name == column) {
            names.push(column.to_owned());
        }
    }
    let place = |column: &str| names.iter().position(|name| name == column);
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(&names)?;
    let mut record = csv::StringRecord::new();
    while rows.read_record(&mut record)? {
        let mut cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        cells.resize(names.len(), String::new());
        let code = place(key).map_or("", |at| record.get(at).unwrap_or_default().trim());
        for told in told.get(code).into_iter().flatten() {
            let Some(at) = place(told.column) else { continue };
            let held = our_word(told.column, &cells[at]);
            if !held.is_empty() && held != told.value {
                let row = first_line(&sheet.text, record.position());
                let rule = format!("the register tells {:?}: {}", told.value, told.because);
                faults.push(Fault::cell(&sheet.file, row, told.column, &cells[at], rule));
            }
            cells[at].clone_from(&told.value);
        }
        out.write_record(&cells)?;
    }
    out.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
