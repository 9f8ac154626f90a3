//! A sheet of a season folder, whatever file holds it, as CSV text in UTF-8 with a header row.

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};

use crate::domain::fault::Fault;
use crate::files::column_names::ColumnNames;
use crate::files::grid::{self, Bounds, GridText, LONGEST_CELL};
use crate::files::workbook::Book;
use crate::files::{dbf, encoding};

/// Bytes of a file at most.
const MOST_BYTES: u64 = 4 << 30;
/// Bytes of an upload at most.
pub const MOST_UPLOADED: usize = 64 << 20;
/// Where a folder translates the column names of its sources.
const PROFILE: &str = "profile.toml";

/// A sheet as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its file, for faults: `candidates.csv`, `book.xlsx#candidates`, `candidates.dbf`.
    pub file: String,
    /// CSV in UTF-8 without a mark; row 1 is the header with our names.
    pub text: Vec<u8>,
    /// The column names as its source writes them.
    pub sent: Vec<String>,
    /// Cells that could not be read, in the order of rows; no other rule is told of such a cell.
    pub faults: Vec<Fault>,
}

impl Sheet {
    fn new(file: String, grid: GridText) -> Sheet {
        Sheet { file, text: grid.text, sent: grid.sent, faults: grid.faults }
    }

    /// A sheet that the program itself wrote, in our names.
    pub fn own(file: &str, text: Vec<u8>) -> Sheet {
        Sheet { file: file.to_owned(), text, sent: Vec::new(), faults: Vec::new() }
    }
}

/// Finds a sheet in a folder: `name.csv`, a sheet `name` of a workbook `*.xlsx`, or `name.dbf`
/// (letter case does not matter). `None` where there is none; two sources are a fault.
///
/// `profile.toml` may translate headers of any kind of file: `[candidates]`, `KSH = "exam_no"`.
/// In CSV the first row may be translated and checked, all other bytes stay as they are.
pub fn read_sheet(folder: &Path, name: &str) -> Result<Option<Sheet>, Fault> {
    read_sheet_of(folder, name, name)
}

/// Finds a sheet whose columns are those of a kind, whatever it is called itself.
pub fn read_sheet_of(folder: &Path, name: &str, kind: &str) -> Result<Option<Sheet>, Fault> {
    let names = profile(folder, kind)?;
    let bounds = Bounds::FOLDER;
    let mut found: Vec<Sheet> = Vec::new();
    for (path, file) in files(folder)? {
        let (stem, ending) = file.rsplit_once('.').unwrap_or((&file, ""));
        let ours = stem.eq_ignore_ascii_case(name);
        let text = match ending.to_ascii_lowercase().as_str() {
            "csv" if ours => Some(csv_text(&file, contents(&path, &file)?, &names)?),
            "dbf" if ours => Some(dbf::read(&file, &contents(&path, &file)?, &names, bounds)?),
            "xlsx" => {
                let open = || File::open(&path).map(BufReader::new);
                let book = Book { file: &file, open, names: &names, bounds };
                let called = |sheet: &String| sheet.trim().eq_ignore_ascii_case(name);
                let sheet = book.read(|sheets| Ok(sheets.iter().position(called)))?;
                found.extend(sheet.map(|(_, text)| Sheet::new(format!("{file}#{name}"), text)));
                None
            }
            "xls" | "et" | "ods" if ours => return Err(unread_kind(&file)),
            _ => None,
        };
        found.extend(text.map(|text| Sheet::new(file, text)));
    }
    if found.len() > 1 {
        let sources: Vec<&str> = found.iter().map(|sheet| sheet.file.as_str()).collect();
        return Err(Fault::at(name, format!("stands in more than one file: {}", sources.join(", "))));
    }
    Ok(found.pop())
}

/// Reads one file as a sheet of that name, by the ending of its own; of a workbook the sheet called so, or its only one.
///
/// # Errors
/// What is wrong with the file as a whole; cells that cannot be read come with the sheet.
pub fn read_sheet_file(path: &Path, name: &str) -> Result<Sheet, Fault> {
    let file = path.display().to_string();
    let (names, bounds) = (ColumnNames::known(name), Bounds::FOLDER);
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("csv") => Ok(Sheet::new(file.clone(), csv_text(&file, contents(path, &file)?, &names)?)),
        Some("dbf") => {
            Ok(Sheet::new(file.clone(), dbf::read(&file, &contents(path, &file)?, &names, bounds)?))
        }
        Some("xlsx") => {
            let open = || File::open(path).map(BufReader::new);
            let book = Book { file: &file, open, names: &names, bounds };
            let called = |sheet: &String| sheet.trim().eq_ignore_ascii_case(name);
            let only = |sheets: &[String]| (sheets.len() == 1).then_some(0);
            let sheet = book.read(|sheets| Ok(sheets.iter().position(called).or_else(|| only(sheets))))?;
            let (_, text) = sheet.ok_or_else(|| Fault::at(&file, format!("has no sheet called {name}")))?;
            Ok(Sheet::new(format!("{file}#{name}"), text))
        }
        _ => Err(unread_kind(&file)),
    }
}

/// Reads an uploaded file as one sheet of a kind, by the ending of its name.
///
/// A workbook of one sheet is taken whatever the sheet is called; of several, the one called like
/// the kind (`called`: `candidates` or 考生).
///
/// # Errors
/// What is wrong with the file as a whole; cells that cannot be read come with the sheet.
pub fn read_upload(
    file: &str,
    bytes: Vec<u8>,
    called: [&str; 2],
    names: &ColumnNames,
) -> Result<Sheet, Fault> {
    if bytes.len() > MOST_UPLOADED {
        return Err(Fault::at(file, format!("has more than {} MiB; split it", MOST_UPLOADED >> 20)));
    }
    let ending = file.rsplit_once('.').map_or("", |name| name.1).to_ascii_lowercase();
    match ending.as_str() {
        "csv" | "txt" => Ok(Sheet::new(file.to_owned(), csv_text(file, bytes, names)?)),
        "dbf" => Ok(Sheet::new(file.to_owned(), dbf::read(file, &bytes, names, Bounds::UPLOAD)?)),
        "xlsx" => {
            let open = || Ok(Cursor::new(bytes.as_slice()));
            let book = Book { file, open, names, bounds: Bounds::UPLOAD };
            let sheet = book.read(|sheets| match sheets {
                [_] => Ok(Some(0)),
                _ => {
                    let [word, title] = called;
                    let ours =
                        |sheet: &String| sheet.trim().eq_ignore_ascii_case(word) || sheet.trim() == title;
                    let found = sheets.iter().position(ours);
                    found.map(Some).ok_or_else(|| {
                        let rule = format!("has several sheets and none is called {word} or {title}");
                        Fault::at(file, rule)
                    })
                }
            })?;
            let (place, text) = sheet.ok_or_else(|| Fault::at(file, "has an empty sheet"))?;
            Ok(Sheet::new(place, text))
        }
        _ => Err(unread_kind(file)),
    }
}

fn unread_kind(file: &str) -> Fault {
    Fault::at(file, "is a kind of file that is not read; save it as xlsx or CSV UTF-8")
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
fn profile(folder: &Path, name: &str) -> Result<ColumnNames, Fault> {
    match std::fs::read_to_string(folder.join(PROFILE)) {
        Ok(text) => ColumnNames::with_profile(PROFILE, &text, name),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(ColumnNames::known(name)),
        Err(error) => Err(Fault::at(PROFILE, format!("cannot be read: {error}"))),
    }
}

/// CSV with its header checked and translated; the rest is not copied where it is UTF-8.
fn csv_text(file: &str, bytes: Vec<u8>, names: &ColumnNames) -> Result<GridText, Fault> {
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
    let sent = cells.iter().map(|cell| (*cell).to_owned()).collect();
    if header != cells {
        let mut line = csv::Writer::from_writer(Vec::new());
        line.write_record(&header).map_err(fail)?;
        let line = line.into_inner().map_err(|error| Fault::at(file, error.to_string()))?;
        text.splice(..end, line);
    }
    Ok(GridText { text, sent, faults: Vec::new() })
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
