//! A register's extract as a sheet: who holds which fact at which address.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::compulsory::fact::Fact;
use crate::domain::fault::Fault;
use crate::files::grid::without_numbers;
use crate::files::rows::{Columns, Row, read as rows};
use crate::files::sheet::read_sheet_of;

/// The columns of an extract; `address` may be missing or empty where a fact is about no address.
const REQUIRED: &[&str] = &["id_no", "name", "fact"];
const OPTIONAL: &[&str] = &["address"];

/// The kind of sheet, for the names that offices give its columns.
const KIND: &str = "register_extract";

/// One row of a register. It cannot be printed.
pub struct Entered {
    pub name: String,
    pub address: String,
}

/// Rows of an extract by number of identity and fact.
pub type Extract = BTreeMap<(String, Fact), Vec<Entered>>;

/// Reads `NAME.csv`, `.xlsx` or `.dbf` of a folder: `id_no`, `name`, `fact` (a word of the closed list) and
/// `address`.
///
/// # Errors
/// Every fault; none shows a number of identity.
pub fn read_extract(folder: &Path, name: &str) -> Result<Extract, Vec<Fault>> {
    let sheet = read_sheet_of(folder, name, KIND).map_err(|fault| vec![fault])?;
    let Some(sheet) = sheet else { return Err(vec![Fault::at(format!("{name}.csv"), "is missing")]) };
    let mut faults = sheet.faults.clone();
    let each = |row: &Row<'_>, found: &mut Vec<((String, Fact), Entered)>, faults: &mut Vec<Fault>| {
        if row.text(0).is_empty() {
            faults.push(row.fault(0, "must not be empty"));
        }
        let Some(fact) = Fact::from_word(row.word(2)) else {
            let rule = "is no ground of admission: exams, certificates, posts and incomes never are";
            let value = without_numbers(row.text(2)).to_owned();
            faults.push(Fault { value, ..row.fault(2, rule) });
            return;
        };
        let entered = Entered { name: row.text(1).to_owned(), address: row.text(3).to_owned() };
        found.push(((row.text(0).to_ascii_uppercase(), fact), entered));
    };
    let columns = Columns { required: REQUIRED, optional: OPTIONAL };
    let found = rows(&sheet, &columns, Vec::new, each, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut extract = Extract::new();
    for (key, entered) in found.into_iter().flatten() {
        extract.entry(key).or_default().push(entered);
    }
    Ok(extract)
}
