//! The register in: a row per spell, and whose exam number belongs to which register number.

use std::path::Path;

use crate::domain::compulsory::after_sheet::REGISTER;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::register_line::RegisterLine;
use crate::domain::compulsory::register_no::RegisterNo;
use crate::domain::compulsory::register_row::RegisterRow;
use crate::domain::compulsory::register_sheet::REGISTER_NUMBERS;
use crate::domain::fault::Fault;
use crate::files::compulsory::register_sheets::{register_lines, register_no};
use crate::files::compulsory::sheet_rows::sheet_rows;
use crate::files::rows::Row;
use crate::files::sheet::{Sheet, read_sheet, read_sheet_file};

/// A row of `register_numbers.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pupil {
    /// As an editor counts.
    pub row: u64,
    pub exam_no: String,
    pub number: RegisterNo,
}

/// Reads a register, whatever its file is called, in the order of its rows.
///
/// # Errors
/// Every fault of its cells. None of them holds a register number: it tells who the pupil is.
pub fn read_register(path: &Path) -> Result<(Sheet, Vec<RegisterRow>), Vec<Fault>> {
    let mut sheet = read_sheet_file(path, REGISTER.name).map_err(|fault| vec![fault])?;
    if let Some(name) = path.file_name() {
        sheet.file = name.to_string_lossy().into_owned();
    }
    let mut faults = Vec::new();
    let lines = register_lines(&sheet, &mut faults);
    if faults.is_empty() { Ok((sheet, lines.into_iter().map(fed).collect())) } else { Err(faults) }
}

/// A line as a season is fed from it: a register of one junior high need not say the stage.
fn fed(line: RegisterLine) -> RegisterRow {
    RegisterRow {
        row: line.row,
        stage: line.stage.unwrap_or(EntryStage::Junior),
        spell: line.spell,
        class_of: line.class_of,
        household: line.household,
    }
}

/// Reads `register_numbers.csv` of a season folder.
///
/// # Errors
/// As [`read_register`].
pub fn read_pupils(folder: &Path) -> Result<(Sheet, Vec<Pupil>), Vec<Fault>> {
    let missing = || Fault::at(format!("{}.csv", REGISTER_NUMBERS.name), "is missing");
    let sheet = read_sheet(folder, REGISTER_NUMBERS.name).and_then(|sheet| sheet.ok_or_else(missing));
    let sheet = sheet.map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let pupil = |row: &Row<'_>, faults: &mut Vec<Fault>| {
        let exam_no = row.code(0, faults).to_owned();
        Some(Pupil { row: row.number, exam_no, number: register_no(row, 1, faults)? })
    };
    let rows = sheet_rows(&sheet, &REGISTER_NUMBERS, pupil, &mut faults);
    let pupils = rows.into_iter().filter_map(|row| row.1).collect();
    if faults.is_empty() { Ok((sheet, pupils)) } else { Err(faults) }
}
