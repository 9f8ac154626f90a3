//! Writes the sheets of a checked season folder anew, in the encoding an office reads.

use std::fs;
use std::path::Path;

use crate::domain::fault::Fault;
use crate::files::encoding::{Encoding, encode};
use crate::files::season_folder::read_season;
use crate::files::sheet::read_sheet;
use crate::service::admit_folder::NoResult;

/// Every sheet of a season folder.
const SHEETS: [&str; 8] = [
    "areas",
    "junior_schools",
    "senior_schools",
    "programmes",
    "quota",
    "candidates",
    "scores",
    "preferences",
];

/// Writes `season.toml` and every sheet as CSV into `out`; returns how many sheets.
///
/// # Errors
/// Faults of the folder, and rows that hold a character the encoding cannot write: these people are
/// listed, never spelt with a question mark. Nothing is written then.
pub fn export_folder(folder: &Path, out: &Path, encoding: Encoding) -> Result<usize, NoResult> {
    read_season(folder).map_err(NoResult::Faults)?;
    let mut sheets = Vec::new();
    let mut faults = Vec::new();
    for name in SHEETS {
        let sheet = match read_sheet(folder, name) {
            Ok(Some(sheet)) => sheet,
            Ok(None) => continue,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        let text = String::from_utf8(sheet.text).expect("sheets are UTF-8 once they are read");
        match encode(&text, encoding) {
            Ok(bytes) => sheets.push((name, bytes)),
            Err(rows) => faults.extend(rows.into_iter().map(|row| Fault {
                row: Some(row),
                ..Fault::at(&sheet.file, "holds a character that the encoding cannot write")
            })),
        }
    }
    if !faults.is_empty() {
        return Err(NoResult::Faults(faults));
    }
    fs::create_dir_all(out)?;
    fs::copy(folder.join("season.toml"), out.join("season.toml"))?;
    for (name, bytes) in &sheets {
        fs::write(out.join(format!("{name}.csv")), bytes)?;
    }
    Ok(sheets.len())
}
