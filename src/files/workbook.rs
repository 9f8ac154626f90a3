//! One sheet of an xlsx workbook as CSV text, cell by cell, within bounds a hostile file meets.

use std::io::{self, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};

use crate::domain::fault::Fault;
use crate::files::column_names::ColumnNames;
use crate::files::grid::{Bounds, Grid, GridText, MOST_COLUMNS, place};

/// Rows of a sheet at most (the format's own bound).
const MOST_ROWS: u32 = 1_048_576;
/// Cells of a sheet at most.
const MOST_CELLS: u64 = 50_000_000;
/// Parts of a workbook at most.
const MOST_PARTS: usize = 10_000;

/// A workbook that can be opened twice: once to be measured, once to be read.
pub struct Book<'a, Open> {
    /// For faults.
    pub file: &'a str,
    pub open: Open,
    pub names: &'a ColumnNames,
    pub bounds: Bounds,
}

impl<R: Read + Seek, Open: Fn() -> io::Result<R>> Book<'_, Open> {
    /// The sheet that `choose` picks from the workbook's list, with its name; `None` where it picks
    /// none.
    ///
    /// # Errors
    /// What is wrong with the workbook as a whole; cells that cannot be read come with the text.
    pub fn read(
        &self,
        choose: impl Fn(&[String]) -> Result<Option<usize>, Fault>,
    ) -> Result<Option<(String, GridText)>, Fault> {
        // calamine has panicked on damaged files before (sums on cell names such as "ZZZZZZZZ1"
        // overflow), and no clerk's workbook may end a server: such a panic is a fault of the file.
        let guarded = catch_unwind(AssertUnwindSafe(|| {
            unpackable(self.opened()?, self.file, self.bounds)?;
            let mut workbook: Xlsx<_> =
                calamine::open_workbook_from_rs(self.opened()?).map_err(|error| damaged(self.file, error))?;
            let sheets = workbook.sheet_names();
            let Some(name) = choose(&sheets)?.and_then(|at| sheets.get(at)).cloned() else {
                return Ok(None);
            };
            let file = format!("{}#{}", self.file, name.trim());
            Ok(sheet(&mut workbook, &file, &name, self.names, self.bounds)?.map(|text| (file, text)))
        }));
        guarded.unwrap_or_else(|_| Err(damaged(self.file, "its inside cannot be understood")))
    }

    fn opened(&self) -> Result<R, Fault> {
        (self.open)().map_err(|error| Fault::at(self.file, format!("cannot be read: {error}")))
    }
}

fn damaged(book: &str, cause: impl std::fmt::Display) -> Fault {
    Fault::at(book, format!("is no readable xlsx ({cause}); save it again or as CSV UTF-8"))
}

/// Refuses zip bombs before anything is unpacked: the zip reader holds parts to the sizes they
/// declare, so the declared sizes are the bound.
fn unpackable(source: impl Read + Seek, book: &str, bounds: Bounds) -> Result<(), Fault> {
    let mut zip = zip::ZipArchive::new(source).map_err(|error| damaged(book, error))?;
    if zip.len() > MOST_PARTS {
        return Err(Fault::at(book, format!("has more than {MOST_PARTS} parts")));
    }
    let mut total = 0_u64;
    for at in 0..zip.len() {
        let part = zip.by_index_raw(at).map_err(|error| damaged(book, error))?;
        total = total.saturating_add(part.size());
        let size = part.size();
        let name = part.name().map_err(|error| damaged(book, error))?;
        let shared = name.to_ascii_lowercase().ends_with("sharedstrings.xml");
        drop(name);
        drop(part);
        if total > bounds.unpacked || (shared && size > bounds.shared) {
            let (all, texts) = (bounds.unpacked >> 20, bounds.shared >> 20);
            let rule = format!("unpacks to more than {all} MiB ({texts} MiB of texts); split it");
            return Err(Fault::at(book, rule));
        }
        if shared {
            let mut text = Vec::new();
            let part = zip.by_index(at).map_err(|error| damaged(book, error))?;
            part.take(bounds.shared + 1).read_to_end(&mut text).map_err(|error| damaged(book, error))?;
            // calamine reserves room for as many texts as the part claims: a false claim would end
            // the process (no memory is no panic). A text needs 5 bytes at least (`<si/>`).
            let claims = memchr::memmem::find_iter(&text, b"uniqueCount").map(|at| {
                let digits = text[at..].iter().skip_while(|byte| !byte.is_ascii_digit());
                digits.take_while(|byte| byte.is_ascii_digit()).fold(0_u64, |number, byte| {
                    number.saturating_mul(10).saturating_add(u64::from(byte - b'0'))
                })
            });
            if claims.max().is_some_and(|claim| claim > text.len() as u64 / 5) {
                return Err(damaged(book, "it claims more texts than it has"));
            }
        }
    }
    Ok(())
}

/// The text of one sheet; `None` where it has no cell.
fn sheet<R: Read + Seek>(
    workbook: &mut Xlsx<R>,
    file: &str,
    sheet_name: &str,
    names: &ColumnNames,
    bounds: Bounds,
) -> Result<Option<GridText>, Fault> {
    let fail = |error| damaged(file, error);
    let mut cells = workbook.worksheet_cells_reader(sheet_name).map_err(fail)?;

    let mut grid: Option<Grid> = None;
    let mut row: Vec<String> = Vec::new();
    let mut row_at = 0_u32;
    let mut count = 0_u64;
    while let Some(cell) = cells.next_cell().map_err(fail)? {
        count += 1;
        if count > MOST_CELLS {
            return Err(Fault::at(file, format!("has more than {MOST_CELLS} cells; split it")));
        }
        // Formats reach over whole columns and rows: cells without a value count for nothing.
        if matches!(cell.get_value(), DataRef::Empty) {
            continue;
        }
        let (at_row, at_column) = cell.get_position();
        let place_row = u64::from(at_row) + 1;
        if at_row >= MOST_ROWS || at_column as usize >= MOST_COLUMNS {
            let rule = format!("has a value beyond {MOST_COLUMNS} columns or {MOST_ROWS} rows");
            return Err(Fault { row: Some(place_row), ..Fault::at(file, rule) });
        }
        if at_row < row_at || (at_row == row_at && (at_column as usize) < row.len()) {
            return Err(damaged(file, "its cells are out of order"));
        }
        while row_at < at_row {
            flush(file, &mut grid, &mut row, names, bounds)?;
            row_at += 1;
        }
        row.resize(at_column as usize, String::new());
        row.push(match (text(cell.get_value()), &mut grid) {
            (Ok(text), _) => text,
            (Err((value, rule)), Some(grid)) => {
                grid.fault(at_column as usize, &value, rule)?;
                value
            }
            (Err((value, rule)), None) => {
                return Err(Fault::cell(file, place_row, &place("", at_column as usize), &value, rule));
            }
        });
    }
    flush(file, &mut grid, &mut row, names, bounds)?;
    Ok(grid.map(Grid::into_text))
}

/// Writes the row that is full; the first one is the header.
fn flush<'a>(
    file: &'a str,
    grid: &mut Option<Grid<'a>>,
    row: &mut Vec<String>,
    names: &ColumnNames,
    bounds: Bounds,
) -> Result<(), Fault> {
    match grid {
        Some(grid) => grid.push(row)?,
        None => {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            *grid = Some(Grid::new(file, bounds, &cells, names)?);
        }
    }
    row.clear();
    Ok(())
}

/// A value as the text that a clerk sees, or why it cannot be told.
fn text(value: &DataRef) -> Result<String, (String, &'static str)> {
    match value {
        DataRef::Empty => Ok(String::new()),
        DataRef::String(text) => Ok(text.clone()),
        DataRef::SharedString(text) => Ok((*text).to_owned()),
        DataRef::Bool(yes) => Ok(u8::from(*yes).to_string()),
        DataRef::Int(whole) => number(*whole as f64),
        DataRef::Float(float) => number(*float),
        DataRef::DateTime(date) => day(date),
        DataRef::DateTimeIso(text) => Ok(text.strip_suffix("T00:00:00").unwrap_or(text).to_owned()),
        DataRef::DurationIso(text) => Err((text.clone(), "is a duration; write it as text")),
        DataRef::Error(error) => Err((error.to_string(), "is the error of a formula")),
    }
}

/// A number in the shortest decimal writing that Excel shows, which has 15 digits: what a sum in
/// binary adds beyond them (0.1 + 0.2 = 0.30000000000000004) is noise. A whole number of more
/// digits is an ID that already lost its last ones.
fn number(float: f64) -> Result<String, (String, &'static str)> {
    if !float.is_finite() {
        return Err((float.to_string(), "is no number"));
    }
    if float.abs() >= 1e15 {
        let rule = "was stored as a number and lost digits: format the column as text and enter it again";
        return Err((format!("{float:e}"), rule));
    }
    let shown: f64 = format!("{float:.14e}").parse().unwrap_or(float);
    // Zero has two signs in binary, but one on paper.
    Ok(if shown == 0.0 { "0".to_owned() } else { shown.to_string() })
}

fn day(date: &ExcelDateTime) -> Result<String, (String, &'static str)> {
    let serial = date.as_f64();
    if date.is_duration() || !(0.0..2_958_466.0).contains(&serial) {
        return Err((serial.to_string(), "is a duration or no date; write it as text"));
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    Ok(match (serial < 1.0, time.as_str()) {
        (true, _) => time,
        (false, "00:00:00") => format!("{year:04}-{month:02}-{day:02}"),
        (false, _) => format!("{year:04}-{month:02}-{day:02} {time}"),
    })
}
