//! Rows of a table written as CSV text, under a header whose names were checked and translated.

use std::collections::BTreeSet;

use crate::domain::fault::Fault;
use crate::files::column_names::{ColumnNames, LEFT_OUT};

/// Columns at most.
pub const MOST_COLUMNS: usize = 200;
/// Bytes of one cell at most.
pub const LONGEST_CELL: usize = 64 * 1024;
/// Faulty cells that are kept in mind at most; a sheet with more is the wrong file.
const MOST_FAULTS: usize = 100_000;

/// What a source may take in memory, whatever it says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of a workbook's parts together, unpacked.
    pub unpacked: u64,
    /// Bytes of its shared texts, unpacked.
    pub shared: u64,
    /// Bytes of the sheet's text: a workbook can name one long text millions of times.
    pub text: usize,
}

impl Bounds {
    /// For an office's own folder on its own machine.
    pub const FOLDER: Bounds = Bounds { unpacked: 2 << 30, shared: 512 << 20, text: 2 << 30 };
    /// For what anybody may send to a server that others use at the same time.
    pub const UPLOAD: Bounds = Bounds { unpacked: 1 << 30, shared: 64 << 20, text: 96 << 20 };
}

/// A table on its way to CSV.
#[derive(Debug)]
pub struct Grid<'a> {
    file: &'a str,
    bounds: Bounds,
    header: Vec<String>,
    sent: Vec<String>,
    text: Vec<u8>,
    row: u64,
    faults: Vec<Fault>,
}

/// A table as CSV text, what its header was, and the cells that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridText {
    pub text: Vec<u8>,
    /// The column names as the source writes them.
    pub sent: Vec<String>,
    /// In the order of rows; the text holds such a cell as far as it can be shown.
    pub faults: Vec<Fault>,
}

/// What may be told of a cell that may be somebody's: nothing where it holds her number, because a header is missing or
/// the columns have moved.
pub fn without_numbers(cell: &str) -> &str {
    let numbers = cell.split(|sign: char| !sign.is_ascii_digit());
    if numbers.map(str::len).max() < Some(6) { cell } else { "" }
}

/// Our names of the columns: trimmed, translated, each once.
///
/// Columns without a name may stay, but nothing can ask for them; those left out need not differ.
pub fn header(file: &str, cells: &[&str], names: &ColumnNames) -> Result<Vec<String>, Fault> {
    let fault = |rule: String| Fault { row: Some(1), ..Fault::at(file, rule) };
    if cells.len() > MOST_COLUMNS {
        return Err(fault(format!("has {} columns; {MOST_COLUMNS} are the most", cells.len())));
    }
    let mut seen = BTreeSet::new();
    let mut header = Vec::with_capacity(cells.len());
    for cell in cells {
        if cell.len() > LONGEST_CELL {
            return Err(fault(format!("has a column name of more than {LONGEST_CELL} bytes")));
        }
        let name = cell.trim();
        let ours = names.ours(name);
        if !ours.is_empty() && ours != LEFT_OUT && !seen.insert(ours.to_owned()) {
            let rule = "is the name of two columns";
            return Err(Fault::cell(file, 1, without_numbers(name), without_numbers(ours), rule));
        }
        header.push(ours.to_owned());
    }
    if seen.is_empty() {
        return Err(fault("must be the header: it has no column name".to_owned()));
    }
    Ok(header)
}

impl<'a> Grid<'a> {
    /// A table with its header, which becomes row 1.
    pub fn new(
        file: &'a str,
        bounds: Bounds,
        cells: &[&str],
        names: &ColumnNames,
    ) -> Result<Grid<'a>, Fault> {
        let header = header(file, cells, names)?;
        let sent = cells.iter().map(|cell| (*cell).to_owned()).collect();
        let (text, faults) = (Vec::new(), Vec::new());
        let mut grid = Grid { file, bounds, header: Vec::new(), sent, text, row: 0, faults };
        let cells: Vec<&str> = header.iter().map(String::as_str).collect();
        grid.put(&cells);
        grid.header = header;
        Ok(grid)
    }

    /// The row written last.
    pub fn row(&self) -> u64 {
        self.row
    }

    /// The name of a column by its position from 0.
    pub fn column(&self, at: usize) -> Option<&str> {
        self.header.get(at).map(String::as_str)
    }

    /// Keeps the fault of a cell in the row that comes next.
    ///
    /// # Errors
    /// That there are too many of them.
    pub fn fault(&mut self, at: usize, value: &str, rule: impl Into<String>) -> Result<(), Fault> {
        if self.column(at) == Some(LEFT_OUT) {
            return Ok(());
        }
        if self.faults.len() == MOST_FAULTS {
            return Err(Fault::at(
                self.file,
                format!("has more than {MOST_FAULTS} cells that cannot be read"),
            ));
        }
        let column = place(self.column(at).unwrap_or(""), at);
        self.faults.push(Fault::cell(self.file, self.row + 1, &column, value, rule));
        Ok(())
    }

    /// Appends a row; short rows are filled up, wholly empty ones become an empty line, so that
    /// row numbers stay those of the source. Line breaks in a cell become spaces for that reason.
    pub fn push(&mut self, cells: &[String]) -> Result<(), Fault> {
        let row = self.row + 1;
        let mut nameless = None;
        let mut filled = vec![""; self.header.len()];
        for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let column = self.header.get(at).map_or("", String::as_str);
            let fault = |rule: String| Fault::cell(self.file, row, &place(column, at), cell, rule);
            if cell.len() > LONGEST_CELL {
                return Err(fault(format!("is longer than {LONGEST_CELL} bytes")));
            }
            if cell.contains('\0') {
                return Err(fault("has a NUL character".to_owned()));
            }
            match filled.get_mut(at) {
                Some(place) if !column.is_empty() => *place = cell,
                _ => nameless = nameless.or(Some(at)),
            }
        }
        if let Some(at) = nameless {
            self.fault(at, &cells[at], "stands in a column without a name in row 1")?;
        }
        if filled.iter().all(|cell| cell.is_empty()) {
            self.row = row;
            self.text.push(b'\n');
        } else {
            self.put(&filled);
        }
        if self.text.len() > self.bounds.text {
            let rule = format!("the sheet has more than {} MiB of text", self.bounds.text >> 20);
            return Err(Fault { row: Some(row), ..Fault::at(self.file, rule) });
        }
        Ok(())
    }

    /// The table as CSV text.
    pub fn into_text(self) -> GridText {
        GridText { text: self.text, sent: self.sent, faults: self.faults }
    }

    fn put(&mut self, cells: &[&str]) {
        self.row += 1;
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.text.push(b',');
            }
            if !cell.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
                self.text.extend_from_slice(cell.as_bytes());
                continue;
            }
            self.text.push(b'"');
            for byte in cell.replace("\r\n", " ").bytes() {
                match byte {
                    b'"' => self.text.extend_from_slice(b"\"\""),
                    b'\n' | b'\r' => self.text.push(b' '),
                    other => self.text.push(other),
                }
            }
            self.text.push(b'"');
        }
        self.text.push(b'\n');
    }
}

/// A column's name, or its position from 1 where it has none.
pub fn place(name: &str, at: usize) -> String {
    if name.is_empty() { (at + 1).to_string() } else { name.to_owned() }
}
