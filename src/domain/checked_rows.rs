//! Rows of a sheet that stood every check: plain texts in the columns of `formats.md`.

use crate::domain::candidates::Texts;

/// All cells one behind the other, row by row: a city's roster takes a few megabytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckedRows {
    /// Our names, in the order in which the sheet is written.
    pub columns: Vec<String>,
    /// Whether the sheet had the column; the cells of a missing one are empty.
    pub given: Vec<bool>,
    /// As many cells per row as there are columns, trimmed.
    pub cells: Texts,
    /// The row of the sheet that each came from (the header is row 1).
    pub numbers: Vec<u32>,
}

impl CheckedRows {
    /// How many rows.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// A cell by its row and column, both from 0.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.cells.get(row * self.columns.len() + column)
    }

    /// The cells of a row, in the order of the columns.
    pub fn row(&self, row: usize) -> impl Iterator<Item = &str> {
        (0..self.columns.len()).map(move |column| self.cell(row, column))
    }
}
