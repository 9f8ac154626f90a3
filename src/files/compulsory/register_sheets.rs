//! Sheets of arrivals and registers in, and the identities of an entry's children; every fault at once.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::compulsory::after_sheet::{ARRIVALS, REGISTER};
use crate::domain::compulsory::arrival::{ArrivalRow, ChildIdentity, Documents, Leave};
use crate::domain::compulsory::entry_sheet::CHILDREN;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::register_line::RegisterLine;
use crate::domain::compulsory::register_no::RegisterNo;
use crate::domain::compulsory::register_spell::{RegisterSpell, RegisterStatus};
use crate::domain::fault::Fault;
use crate::files::compulsory::sheet_rows::{date, folder_rows, needed_date, sheet_rows, sort_by_code};
use crate::files::file_source::FileSource;
use crate::files::identity;
use crate::files::rows::{Row, code_fault};
use crate::files::sheet::{Sheet, read_sheet_file};

/// The rows of a sheet of arrivals, by the numbers of the children: every row, and every fault.
pub fn arrival_rows(sheet: &Sheet, faults: &mut Vec<Fault>) -> Vec<ArrivalRow> {
    let mut rows = sheet_rows(sheet, &ARRIVALS, arrival, faults);
    sort_by_code(&sheet.file, &mut rows, "child_no", |row| &row.child, faults);
    rows.into_iter().map(|row| row.1).collect()
}

fn arrival(row: &Row<'_>, faults: &mut Vec<Fault>) -> ArrivalRow {
    let child = row.code(0, faults).to_owned();
    let arrived = match row.word(1) {
        "yes" | "1" => Some(true),
        "no" | "0" => Some(false),
        _ => {
            faults.push(row.fault(1, "must be yes or no"));
            None
        }
    };
    let documents = Documents::from_word(row.word(2));
    if documents.is_none() && (arrived == Some(true) || !row.text(2).is_empty()) {
        faults.push(row.fault(2, "must be ok, faulty or missing; empty only where the child did not come"));
    }
    let on = date(row, 3, faults);
    if on.is_some() && arrived == Some(false) {
        faults.push(row.fault(3, "must be empty: the child did not come"));
    }
    let leave = Leave::from_word(row.word(4));
    if leave.is_none() && !row.text(4).is_empty() {
        faults.push(row.fault(4, "must be deferred or suspended"));
    }
    let is_suspended = leave.map(|leave| leave == Leave::Suspended);
    if is_suspended.zip(arrived).is_some_and(|(suspended, arrived)| suspended != arrived) {
        faults.push(row.fault(4, "deferred is leave of a child who did not come, suspended of one who did"));
    }
    let register_no = if row.text(5).is_empty() { None } else { register_no(row, 5, faults) };
    let person = if row.text(6).is_empty() { child.clone() } else { row.code(6, faults).to_owned() };
    let faulty = documents.is_some_and(|documents| documents != Documents::Ok);
    if row.text(7).is_empty() && (faulty || leave.is_some()) {
        faults.push(row.fault(7, "must say what is wrong with the documents, or which leave was granted"));
    }
    let note = row.text(7).to_owned();
    let arrived = arrived.unwrap_or(false);
    ArrivalRow { row: row.number, child, arrived, on, documents, leave, register_no, person, note }
}

/// A register number; the fault does not hold it, for it tells who the pupil is.
pub fn register_no(row: &Row<'_>, column: usize, faults: &mut Vec<Fault>) -> Option<RegisterNo> {
    match RegisterNo::parse(row.text(column)) {
        Ok(number) => Some(number),
        Err(why) => {
            faults.push(Fault { value: String::new(), ..row.fault(column, why.rule()) });
            None
        }
    }
}

/// The identities of an entry's children, by their numbers.
///
/// # Errors
/// Every fault of the sheet.
pub fn read_identities(files: FileSource<'_>) -> Result<BTreeMap<String, ChildIdentity>, Vec<Fault>> {
    let mut faults = Vec::new();
    let child = |row: &Row<'_>, faults: &mut Vec<Fault>| {
        let is_card = identity::check_number(row.text(4)).is_ok();
        let card = if is_card { row.text(4).to_ascii_uppercase() } else { String::new() };
        let born = date(row, 5, faults).or_else(|| identity::born(&card));
        (row.text(0).to_owned(), ChildIdentity { card, born })
    };
    let (_, rows) = folder_rows(files, &CHILDREN, true, child, &mut faults);
    if faults.is_empty() { Ok(rows.into_iter().map(|row| row.1).collect()) } else { Err(faults) }
}

/// Reads sheets of registers one after the other: the lines that can be read, and every fault.
pub fn read_registers<P: AsRef<Path>>(files: &[P]) -> (Vec<RegisterLine>, Vec<Fault>) {
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for file in files {
        match read_sheet_file(file.as_ref(), REGISTER.name) {
            Ok(sheet) => lines.append(&mut register_lines(&sheet, &mut faults)),
            Err(fault) => faults.push(fault),
        }
    }
    (lines, faults)
}

/// The lines of one sheet that can be read.
pub fn register_lines(sheet: &Sheet, faults: &mut Vec<Fault>) -> Vec<RegisterLine> {
    let line = |row: &Row<'_>, faults: &mut Vec<Fault>| {
        let number = register_no(row, 0, faults);
        let person = row.code(1, faults).to_owned();
        let school = row.code(2, faults).to_owned();
        let status = RegisterStatus::from_word(row.word(3));
        if status.is_none() {
            let words = RegisterStatus::ALL.map(RegisterStatus::word).join(", ");
            faults.push(row.fault(3, format!("must be one of {words}")));
        }
        let from = needed_date(row, 4, faults);
        let until = date(row, 5, faults);
        let stage = EntryStage::from_word(row.word(6));
        if stage.is_none() && !row.text(6).is_empty() {
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
        let arrived_on = date(row, 10, faults);
        Some(RegisterLine {
            file: sheet.file.clone(),
            row: row.number,
            spell: RegisterSpell { number: number?, person, school, status: status?, from: from?, until },
            stage,
            class_of,
            household: household.to_owned(),
            arrived_on,
            reason: row.text(11).to_owned(),
        })
    };
    sheet_rows(sheet, &REGISTER, line, faults).into_iter().filter_map(|row| row.1).collect()
}
