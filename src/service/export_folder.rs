//! Writes the sheets of a checked season folder anew, in the form and encoding an office reads.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use crate::domain::fault::Fault;
use crate::domain::sheet_kind::SheetKind;
use crate::files::csv_bytes::harmless_text;
use crate::files::dbf_table;
use crate::files::encoding::{Encoding, encode};
use crate::files::rows::first_line;
use crate::files::season_folder::read_season;
use crate::files::season_workbook::workbook;
use crate::files::sheet::read_sheet;
use crate::service::admit_folder::NoResult;

/// What kind of files an export writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Csv(Encoding),
    /// One workbook, `season.xlsx`.
    Xlsx,
    /// In GBK as old programs read it, or with all characters of GB18030.
    Dbf {
        all_characters: bool,
    },
}

/// Writes `season.toml` and every sheet into `out`; returns how many sheets.
///
/// # Errors
/// Faults of the folder, and cells with a character that the encoding cannot write: these people are
/// listed, never spelt with a question mark. Nothing is written then.
pub fn export_folder(folder: &Path, out: &Path, form: Form) -> Result<usize, NoResult> {
    read_season(folder).map_err(NoResult::Faults)?;
    let mut sheets = Vec::new();
    let mut faults = Vec::new();
    for kind in SheetKind::ALL.into_iter().filter(|kind| *kind != SheetKind::Bonuses) {
        match read_sheet(folder, kind.word()) {
            Ok(Some(sheet)) => sheets.push((kind.word(), sheet.text)),
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(NoResult::Faults(faults));
    }
    let files = written(&sheets, form).map_err(NoResult::Faults)?;
    fs::create_dir_all(out)?;
    fs::copy(folder.join("season.toml"), out.join("season.toml"))?;
    for (name, bytes) in &files {
        fs::write(out.join(name), bytes)?;
    }
    Ok(sheets.len())
}

/// The files of sheets, which are CSV text in UTF-8.
///
/// # Errors
/// Every cell that the form cannot hold.
pub fn written(sheets: &[(&str, Vec<u8>)], form: Form) -> Result<Vec<(String, Vec<u8>)>, Vec<Fault>> {
    let mut files = Vec::new();
    let mut faults = Vec::new();
    let mut profile = String::new();
    match form {
        Form::Csv(encoding) => {
            for (name, text) in sheets {
                let file = format!("{name}.csv");
                match encoded(&file, text, encoding) {
                    Ok(bytes) => files.push((file, bytes)),
                    Err(found) => faults.extend(found),
                }
            }
        }
        Form::Xlsx => {
            let texts: Vec<(&str, &[u8])> =
                sheets.iter().map(|(name, text)| (*name, text.as_slice())).collect();
            match workbook(&texts) {
                Ok(bytes) => files.push(("season.xlsx".to_owned(), bytes)),
                Err(fault) => faults.push(fault),
            }
        }
        Form::Dbf { all_characters } => {
            for (name, text) in sheets {
                match dbf_table::table(name, text, all_characters) {
                    Ok(table) => {
                        files.push((format!("{name}.dbf"), table.bytes));
                        profile.push_str(&format!("[{name}]\n"));
                        for (short, ours) in table.names {
                            profile.push_str(&format!("{short} = {ours:?}\n"));
                        }
                        profile.push('\n');
                    }
                    Err(found) => faults.extend(found),
                }
            }
            files.push(("profile.toml".to_owned(), profile.into_bytes()));
        }
    }
    if faults.is_empty() { Ok(files) } else { Err(faults) }
}

/// CSV whose cells no spreadsheet computes, in an encoding.
fn encoded(file: &str, text: &[u8], encoding: Encoding) -> Result<Vec<u8>, Vec<Fault>> {
    let harmless = match std::str::from_utf8(text) {
        Ok(text) if is_harmless(text) => Cow::Borrowed(text),
        _ => Cow::Owned(made_harmless(file, text)?),
    };
    encode(&harmless, encoding).map_err(|_| not_encodable(file, text, encoding))
}

/// Whether [`made_harmless`] would leave a text as it is: a quick look, which errs to no.
fn is_harmless(text: &str) -> bool {
    let mut before = b'\n';
    let nothing_to_do = text.bytes().all(|byte| {
        let inside = before.is_ascii_alphanumeric();
        let blank_line = (before, byte) == (b'\n', b'\n');
        before = byte;
        match byte {
            b'"' | b'\r' | b'\t' => false,
            b'=' | b'+' | b'-' | b'@' => inside,
            _ => !blank_line,
        }
    });
    nothing_to_do && text.ends_with('\n') && !text.starts_with('\u{feff}')
}

/// A sheet whose every cell is written anew, so that no spreadsheet computes it.
fn made_harmless(file: &str, text: &[u8]) -> Result<String, Vec<Fault>> {
    let fail = |error: csv::Error| vec![Fault::at(file, error.to_string())];
    let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let mut record = csv::StringRecord::new();
    let mut out = Vec::with_capacity(text.len());
    while rows.read_record(&mut record).map_err(fail)? {
        for (at, cell) in record.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            harmless_text(&mut out, cell);
        }
        out.push(b'\n');
    }
    Ok(String::from_utf8(out).expect("cells of UTF-8 make UTF-8"))
}

/// Every cell of a CSV text that an encoding cannot write.
fn not_encodable(file: &str, text: &[u8], encoding: Encoding) -> Vec<Fault> {
    let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let mut record = csv::StringRecord::new();
    let mut columns: Vec<String> = Vec::new();
    let mut faults = Vec::new();
    while rows.read_record(&mut record).unwrap_or_default() {
        for (at, cell) in record.iter().enumerate().filter(|(_, cell)| encode(cell, encoding).is_err()) {
            let row = first_line(text, record.position());
            let whose = record.get(0).unwrap_or_default();
            let first = columns.first().map_or("", String::as_str);
            let rule = format!("holds a character that the encoding cannot write ({first}: {whose})");
            let column = columns.get(at).map_or("", String::as_str);
            faults.push(Fault::cell(file, row, column, cell, rule));
        }
        if columns.is_empty() {
            columns = record.iter().map(str::to_owned).collect();
        }
    }
    if faults.is_empty() {
        faults.push(Fault::at(file, "cannot be written in this encoding"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_harmless_at_once_is_what_writing_every_cell_anew_gives() {
        let signs: Vec<char> = "a1,\"\n\r\t=+-@' .\u{3000}中\u{feff}".chars().collect();
        let mut quick = 0;
        // Every text of up to five signs.
        for length in 0..=5_u32 {
            for number in 0..signs.len().pow(length) {
                let sign = |at: u32| signs[number / signs.len().pow(at) % signs.len()];
                let text: String = (0..length).map(sign).collect();
                if is_harmless(&text) {
                    quick += 1;
                    assert_eq!(made_harmless("s.csv", text.as_bytes()).unwrap(), text, "{text:?}");
                }
            }
        }
        assert!(quick > 10_000, "{quick}");
        assert!(is_harmless("exam_no,name,register_from\n26000001,王小明,2023-09-01\n"));
        assert!(!is_harmless("exam_no,name\n26000001,=1+1\n"));
    }
}
