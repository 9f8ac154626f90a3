//! Sheets from CSV, xlsx and DBF: the same text from each, and a fault (never a panic) from garbage.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

mod encodings;
mod hostile;
mod kinds;
mod workbooks;

use std::path::Path;

use zhaosheng::domain::fault::Fault;
use zhaosheng::files::sheet::{Sheet, read_sheet};

/// A folder with files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn read(files: &[(&str, &[u8])]) -> Result<Option<Sheet>, Fault> {
    read_sheet(folder(files).path(), "candidates")
}

fn text(files: &[(&str, &[u8])]) -> String {
    let sheet = read(files).unwrap().expect("the sheet is there");
    String::from_utf8(sheet.text).unwrap()
}

/// What refuses the file, or the first cell that could not be read.
fn refusal(files: &[(&str, &[u8])]) -> String {
    match read(files) {
        Err(fault) => fault.to_string(),
        Ok(sheet) => sheet.expect("the sheet is there").faults[0].to_string(),
    }
}

fn text_in(folder: &Path, name: &str) -> String {
    String::from_utf8(read_sheet(folder, name).unwrap().unwrap().text).unwrap()
}
