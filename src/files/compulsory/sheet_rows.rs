//! Rows of the sheets of compulsory education as nouns, each with the line it stands on.

use jiff::civil::Date;

use crate::domain::compulsory::entry_sheet::EntrySheet;
use crate::domain::fault::Fault;
use crate::files::file_source::FileSource;
use crate::files::rows::{Columns, Row, add_bounded, read};
use crate::files::sheet::Sheet;

/// The rows of a sheet in its order, each with its line.
pub fn sheet_rows<T: Send>(
    sheet: &Sheet,
    kind: &EntrySheet,
    noun: impl Fn(&Row<'_>, &mut Vec<Fault>) -> T + Sync,
    faults: &mut Vec<Fault>,
) -> Vec<(u64, T)> {
    faults.extend_from_slice(&sheet.faults);
    let each = |row: &Row<'_>, out: &mut Vec<(u64, T)>, faults: &mut Vec<Fault>| {
        out.push((row.number, noun(row, faults)));
    };
    let columns = Columns { required: kind.required, optional: kind.optional };
    read(sheet, &columns, Vec::new, each, faults).into_iter().flatten().collect()
}

/// Those of a sheet of a folder, after the name of its file; none where there is no sheet.
pub fn folder_rows<T: Send>(
    files: FileSource<'_>,
    kind: &EntrySheet,
    needed: bool,
    noun: impl Fn(&Row<'_>, &mut Vec<Fault>) -> T + Sync,
    faults: &mut Vec<Fault>,
) -> (String, Vec<(u64, T)>) {
    let file = format!("{}.csv", kind.name);
    match files.sheet(kind.name) {
        Ok(Some(sheet)) => {
            let rows = sheet_rows(&sheet, kind, noun, faults);
            (sheet.file, rows)
        }
        Ok(None) => {
            if needed {
                faults.push(Fault::at(&file, "is missing"));
            }
            (file, Vec::new())
        }
        Err(fault) => {
            faults.push(fault);
            (file, Vec::new())
        }
    }
}

/// Sorts rows by a code; one that stands twice is a fault.
pub fn sort_by_code<T>(
    file: &str,
    rows: &mut [(u64, T)],
    column: &str,
    code: impl Fn(&T) -> &str,
    faults: &mut Vec<Fault>,
) {
    rows.sort_by(|a, b| code(&a.1).cmp(code(&b.1)));
    let twice = rows
        .windows(2)
        .filter(|pair| code(&pair[0].1) == code(&pair[1].1))
        .map(|pair| Fault::cell(file, pair[1].0, column, code(&pair[1].1), "stands twice"));
    add_bounded(file, twice, faults);
}

/// A day; none for an empty cell.
pub fn date(row: &Row<'_>, column: usize, faults: &mut Vec<Fault>) -> Option<Date> {
    let text = row.text(column);
    if text.is_empty() {
        return None;
    }
    let date = text.parse::<Date>().ok().filter(|date| text.len() == 10 && date.year() >= 1900);
    if date.is_none() {
        faults.push(row.fault(column, "must be a date written YYYY-MM-DD"));
    }
    date
}

/// A day that must be there.
pub fn needed_date(row: &Row<'_>, column: usize, faults: &mut Vec<Fault>) -> Option<Date> {
    if row.text(column).is_empty() {
        faults.push(row.fault(column, "must not be empty"));
    }
    date(row, column, faults)
}
