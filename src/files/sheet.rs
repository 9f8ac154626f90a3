//! A sheet of a season folder, whatever file holds it, as CSV text in UTF-8 with a header row.

use std::path::{Path, PathBuf};

use crate::domain::fault::Fault;
use crate::files::grid::{self, LONGEST_CELL, Names};
use crate::files::{dbf, encoding, workbook};

/// Bytes of a file at most.
const MOST_BYTES: u64 = 4 << 30;
/// Where a folder translates the column names of its sources.
const PROFILE: &str = "profile.toml";

/// A sheet as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its file, for faults: `candidates.csv`, `book.xlsx#candidates`, `candidates.dbf`.
    pub file: String,
    /// CSV in UTF-8 without a mark; row 1 is the header with our names.
    pub text: Vec<u8>,
}

/// Finds a sheet in a folder: `name.csv`, a sheet `name` of a workbook `*.xlsx`, or `name.dbf`
/// (letter case does not matter). `None` where there is none; two sources are a fault.
///
/// `profile.toml` may translate headers of any kind of file: `[candidates]`, `KSH = "exam_no"`.
/// In CSV the first row may be translated and checked, all other bytes stay as they are.
pub fn read_sheet(folder: &Path, name: &str) -> Result<Option<Sheet>, Fault> {
    let names = profile(folder, name)?;
    let mut found: Vec<Sheet> = Vec::new();
    for (path, file) in files(folder)? {
        let (stem, ending) = file.rsplit_once('.').unwrap_or((&file, ""));
        let ours = stem.eq_ignore_ascii_case(name);
        let text = match ending.to_ascii_lowercase().as_str() {
            "csv" if ours => Some(csv_text(&file, contents(&path, &file)?, &names)?),
            "dbf" if ours => Some(dbf::read(&file, &contents(&path, &file)?, &names)?),
            "xlsx" => {
                if let Some(text) = workbook::read(&path, &file, name, &names)? {
                    found.push(Sheet { file: format!("{file}#{name}"), text });
                }
                None
            }
            "xls" | "et" | "ods" if ours => {
                return Err(Fault::at(
                    file,
                    "is a kind of file that is not read; save it as xlsx or CSV UTF-8",
                ));
            }
            _ => None,
        };
        found.extend(text.map(|text| Sheet { file, text }));
    }
    if found.len() > 1 {
        let sources: Vec<&str> = found.iter().map(|sheet| sheet.file.as_str()).collect();
        return Err(Fault::at(name, format!("stands in more than one file: {}", sources.join(", "))));
    }
    Ok(found.pop())
}

/// The files of a folder in the order of their names, without hidden ones and Excel's locks.
fn files(folder: &Path) -> Result<Vec<(PathBuf, String)>, Fault> {
    let fail =
        |error: std::io::Error| Fault::at(folder.display().to_string(), format!("cannot be read: {error}"));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.starts_with('.') && !name.starts_with("~$") && path.is_file() {
            files.push((path, name));
        }
    }
    files.sort();
    Ok(files)
}

fn contents(path: &Path, file: &str) -> Result<Vec<u8>, Fault> {
    let fail = |error: std::io::Error| Fault::at(file, format!("cannot be read: {error}"));
    if std::fs::metadata(path).map_err(fail)?.len() > MOST_BYTES {
        return Err(Fault::at(file, "has more than 4 GiB; split it"));
    }
    std::fs::read(path).map_err(fail)
}

/// Which of the source's column names are which of ours.
fn profile(folder: &Path, name: &str) -> Result<Names, Fault> {
    let text = match std::fs::read_to_string(folder.join(PROFILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Names::new()),
        Err(error) => return Err(Fault::at(PROFILE, format!("cannot be read: {error}"))),
    };
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map(|span| 1 + text[..span.start].matches('\n').count() as u64);
        Fault { row: line, ..Fault::at(PROFILE, format!("is no TOML: {}", error.message())) }
    })?;
    let fault = |rule: &str| Fault { column: Some(name.to_owned()), ..Fault::at(PROFILE, rule) };
    match table.get(name) {
        None => Ok(Names::new()),
        Some(toml::Value::Table(columns)) => columns
            .iter()
            .map(|(theirs, ours)| match ours.as_str() {
                Some(ours) if ours.contains(char::is_control) => {
                    Err(fault("a column's name must not hold control characters"))
                }
                Some(ours) => Ok((theirs.trim().to_owned(), ours.trim().to_owned())),
                None => Err(fault("must be lines such as KSH = \"exam_no\"")),
            })
            .collect(),
        Some(_) => Err(fault("must be a table of lines such as KSH = \"exam_no\"")),
    }
}

/// CSV with its header checked and translated; the rest is not copied where it is UTF-8.
fn csv_text(file: &str, bytes: Vec<u8>, names: &Names) -> Result<Vec<u8>, Fault> {
    let mut text = encoding::decode(file, bytes)?;
    short_cells(file, &text)?;
    let fail = |error: csv::Error| Fault { row: Some(1), ..Fault::at(file, error.to_string()) };
    let mut rows = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_slice());
    let mut first = csv::StringRecord::new();
    rows.read_record(&mut first).map_err(fail)?;
    let mut end = usize::try_from(rows.position().byte()).unwrap_or(text.len()).min(text.len());
    drop(rows);
    // The reader leaves the second byte of a line's end to the next row.
    if text[..end].ends_with(b"\r") && text[end..].starts_with(b"\n") {
        end += 1;
    }
    let cells: Vec<&str> = first.iter().collect();
    let header = grid::header(file, &cells, names)?;
    if header != cells {
        let mut line = csv::Writer::from_writer(Vec::new());
        line.write_record(&header).map_err(fail)?;
        let line = line.into_inner().map_err(|error| Fault::at(file, error.to_string()))?;
        text.splice(..end, line);
    }
    Ok(text)
}

/// Refuses cells of more than 64 KiB, which are nearly always a quotation mark never closed.
fn short_cells(file: &str, text: &[u8]) -> Result<(), Fault> {
    // Without quotation marks a cell is no longer than its line: no need to look into short ones.
    let mut line_start = 0;
    let mut long_line = false;
    for line_end in memchr::memchr_iter(b'\n', text).chain([text.len()]) {
        long_line |= line_end - line_start > LONGEST_CELL;
        line_start = line_end + 1;
    }
    if !long_line && memchr::memchr(b'"', text).is_none() {
        return Ok(());
    }
    let mut rows = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text);
    let mut row = csv::ByteRecord::new();
    loop {
        let line = rows.position().line();
        let more = rows.read_byte_record(&mut row);
        if !more.map_err(|error| Fault { row: Some(line), ..Fault::at(file, error.to_string()) })? {
            return Ok(());
        }
        if let Some(at) = row.iter().position(|cell| cell.len() > LONGEST_CELL) {
            let rule = format!("is longer than {LONGEST_CELL} bytes: is a quotation mark open?");
            let value = String::from_utf8_lossy(&row[at][..200]).into_owned();
            return Err(Fault::cell(file, line, &grid::place("", at), &value, rule));
        }
    }
}
