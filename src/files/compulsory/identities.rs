//! Names and numbers of identity of an entry's children: read apart, for registers alone; no result holds them.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::compulsory::entry_sheet::CHILDREN;
use crate::domain::fault::Fault;
use crate::files::rows::{Columns, Row, read as rows};
use crate::files::sheet::read_sheet;

/// Who a child is. It cannot be printed.
pub struct Identity {
    pub name: String,
    pub id_no: String,
}

/// Identities by the number of the child, of those who have a name and a number of identity.
///
/// # Errors
/// Faults of the sheet; the entry itself was read before, so there are none but those of the disk.
pub fn read_identities(folder: &Path) -> Result<BTreeMap<String, Identity>, Vec<Fault>> {
    let Some(sheet) = read_sheet(folder, CHILDREN.name).map_err(|fault| vec![fault])? else {
        return Ok(BTreeMap::new());
    };
    let mut faults = Vec::new();
    let columns = Columns { required: CHILDREN.required, optional: CHILDREN.optional };
    let each = |row: &Row<'_>, found: &mut Vec<(String, Identity)>, _: &mut Vec<Fault>| {
        let (name, id_no) = (row.text(2), row.text(4));
        if !name.is_empty() && !id_no.is_empty() {
            let identity = Identity { name: name.to_owned(), id_no: id_no.to_ascii_uppercase() };
            found.push((row.text(0).to_owned(), identity));
        }
    };
    let found = rows(&sheet, &columns, Vec::new, each, &mut faults);
    if faults.is_empty() { Ok(found.into_iter().flatten().collect()) } else { Err(faults) }
}
