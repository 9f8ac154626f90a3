//! A fault of the input: where it stands, what stands there, which rule it breaks.

use std::fmt;

/// One fault. A check collects all of them before anything is refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, or the field path of a JSON input (`students[3].prefs[1]`).
    pub place: String,
    /// Line of the sheet as an editor counts it (the header is row 1); none for a whole file.
    pub row: Option<u64>,
    /// The column's name.
    pub column: Option<String>,
    /// The value as it stands in the file, shortened; empty when something is missing.
    pub value: String,
    /// The rule in plain words.
    pub rule: String,
}

impl Fault {
    /// A fault of a whole file or of a field path.
    pub fn at(place: impl Into<String>, rule: impl Into<String>) -> Fault {
        Fault { place: place.into(), row: None, column: None, value: String::new(), rule: rule.into() }
    }

    /// A fault of one cell.
    pub fn cell(file: &str, row: u64, column: &str, value: &str, rule: impl Into<String>) -> Fault {
        Fault {
            place: file.to_owned(),
            row: Some(row),
            column: Some(column.to_owned()),
            value: shortened(value),
            rule: rule.into(),
        }
    }
}

/// Long cells are cut, so that one hostile file cannot flood the list.
fn shortened(value: &str) -> String {
    match value.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &value[..end]),
        None => value.to_owned(),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)?;
        if let Some(row) = self.row {
            write!(f, " row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, " column {column}")?;
        }
        if self.value.is_empty() {
            write!(f, ": {}", self.rule)
        } else {
            write!(f, ": {:?} {}", self.value, self.rule)
        }
    }
}
