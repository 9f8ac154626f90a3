//! Rows of a table written as CSV text, under a header whose names were checked and translated.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::fault::Fault;

/// Columns at most.
pub const MOST_COLUMNS: usize = 200;
/// Bytes of one cell at most.
pub const LONGEST_CELL: usize = 64 * 1024;
/// Bytes of a sheet's text at most: a workbook can name one long text millions of times.
const LONGEST_TEXT: usize = 2 << 30;

/// Column names of a sheet as its source writes them, and ours (`profile.toml`).
pub type Names = BTreeMap<String, String>;

/// A table on its way to CSV.
#[derive(Debug)]
pub struct Grid<'a> {
    file: &'a str,
    header: Vec<String>,
    text: Vec<u8>,
    row: u64,
}

/// Our names of the columns: trimmed, translated, each once.
///
/// Columns without a name may stay, but nothing can ask for them.
pub fn header(file: &str, cells: &[&str], names: &Names) -> Result<Vec<String>, Fault> {
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
        let ours = names.get(name).map_or(name, String::as_str);
        if !ours.is_empty() && !seen.insert(ours.to_owned()) {
            let rule = "is the name of two columns";
            return Err(Fault::cell(file, 1, name, ours, rule));
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
    pub fn new(file: &'a str, cells: &[&str], names: &Names) -> Result<Grid<'a>, Fault> {
        let header = header(file, cells, names)?;
        let mut grid = Grid { file, header: Vec::new(), text: Vec::new(), row: 0 };
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

    /// Appends a row; short rows are filled up, wholly empty ones become an empty line, so that
    /// row numbers stay those of the source. Line breaks in a cell become spaces for that reason.
    pub fn push(&mut self, cells: &[String]) -> Result<(), Fault> {
        let row = self.row + 1;
        let mut filled = vec![""; self.header.len()];
        for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let column = self.header.get(at).map_or("", String::as_str);
            let fault = |rule: String| Fault::cell(self.file, row, &place(column, at), cell, rule);
            if column.is_empty() {
                return Err(fault("stands in a column without a name in row 1".to_owned()));
            }
            if cell.len() > LONGEST_CELL {
                return Err(fault(format!("is longer than {LONGEST_CELL} bytes")));
            }
            if cell.contains('\0') {
                return Err(fault("has a NUL character".to_owned()));
            }
            filled[at] = cell;
        }
        if filled.iter().all(|cell| cell.is_empty()) {
            self.row = row;
            self.text.push(b'\n');
        } else {
            self.put(&filled);
        }
        if self.text.len() > LONGEST_TEXT {
            return Err(Fault {
                row: Some(row),
                ..Fault::at(self.file, "the sheet has more than 2 GiB of text")
            });
        }
        Ok(())
    }

    /// The CSV text.
    pub fn into_text(self) -> Vec<u8> {
        self.text
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
