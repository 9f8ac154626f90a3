//! The register in: a row per spell, and whose exam number belongs to which register number.

use std::path::Path;

use crate::domain::compulsory::after_sheet::REGISTER;
use crate::domain::compulsory::entry_sheet::EntrySheet;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::register_no::RegisterNo;
use crate::domain::compulsory::register_row::RegisterRow;
use crate::domain::compulsory::register_sheet::REGISTER_NUMBERS;
use crate::domain::compulsory::register_spell::{RegisterSpell, RegisterStatus};
use crate::domain::fault::Fault;
use crate::files::compulsory::sheet_rows::date;
use crate::files::rows::{Columns, Row, code_fault, read as rows};
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
    noun_rows(sheet, &REGISTER, register_row)
}

/// Reads `register_numbers.csv` of a season folder.
///
/// # Errors
/// As [`read_register`].
pub fn read_pupils(folder: &Path) -> Result<(Sheet, Vec<Pupil>), Vec<Fault>> {
    let missing = || Fault::at(format!("{}.csv", REGISTER_NUMBERS.name), "is missing");
    let sheet = read_sheet(folder, REGISTER_NUMBERS.name).and_then(|sheet| sheet.ok_or_else(missing));
    noun_rows(sheet.map_err(|fault| vec![fault])?, &REGISTER_NUMBERS, |row, faults| {
        let exam_no = row.code(0, faults).to_owned();
        Some(Pupil { row: row.number, exam_no, number: number(row, 1, faults)? })
    })
}

/// The rows of a sheet as nouns; none of them where one is faulty.
fn noun_rows<T: Send>(
    sheet: Sheet,
    kind: &EntrySheet,
    noun: impl Fn(&Row<'_>, &mut Vec<Fault>) -> Option<T> + Sync,
) -> Result<(Sheet, Vec<T>), Vec<Fault>> {
    let mut faults = sheet.faults.clone();
    let columns = Columns { required: kind.required, optional: kind.optional };
    let each = |row: &Row<'_>, out: &mut Vec<T>, faults: &mut Vec<Fault>| out.extend(noun(row, faults));
    let nouns = rows(&sheet, &columns, Vec::new, each, &mut faults).into_iter().flatten().collect();
    if faults.is_empty() { Ok((sheet, nouns)) } else { Err(faults) }
}

fn register_row(row: &Row<'_>, faults: &mut Vec<Fault>) -> Option<RegisterRow> {
    let number = number(row, 0, faults);
    let (person, school) = (row.code(1, faults).to_owned(), row.code(2, faults).to_owned());
    let status = RegisterStatus::from_word(row.word(3));
    if status.is_none() {
        let words = RegisterStatus::ALL.map(RegisterStatus::word).join(", ");
        faults.push(row.fault(3, format!("must be one of {words}")));
    }
    if row.text(4).is_empty() {
        faults.push(row.fault(4, "must not be empty"));
    }
    let (from, until) = (date(row, 4, faults), date(row, 5, faults));
    let stage = match row.word(6) {
        "" => Some(EntryStage::Junior),
        word => EntryStage::from_word(word),
    };
    if stage.is_none() {
        faults.push(row.fault(6, "must be primary or junior"));
    }
    let class_of = row.text(7).parse::<i16>().ok().filter(|year| (1986..=2100).contains(year));
    if class_of.is_none() && !row.text(7).is_empty() {
        faults.push(row.fault(7, "must be a year"));
    }
    let household = row.text(8);
    if let Some(rule) = code_fault(household).filter(|_| !household.is_empty()) {
        faults.push(row.fault(8, rule));
    }
    Some(RegisterRow {
        row: row.number,
        stage: stage?,
        spell: RegisterSpell { number: number?, person, school, status: status?, from: from?, until },
        class_of,
        household: household.to_owned(),
    })
}

/// A register number; a fault never shows it.
fn number(row: &Row<'_>, column: usize, faults: &mut Vec<Fault>) -> Option<RegisterNo> {
    let read = RegisterNo::parse(row.text(column));
    if let Err(why) = read {
        faults.push(Fault { value: String::new(), ..row.fault(column, why.rule()) });
    }
    read.ok()
}
