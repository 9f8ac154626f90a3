//! The entry whose result was published, placed again from what was published with it, and who its children are.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::compulsory::arrival::ChildIdentity;
use crate::domain::compulsory::entry_sheet::{CHILDREN, ENTRY_SHEETS};
use crate::domain::fault::Fault;
use crate::domain::progress::Quiet;
use crate::engine::compulsory::entry_run::run_entry;
use crate::engine::compulsory::zone_map::zones_from_map;
use crate::files::compulsory::entry_folder::read_entry_sheets;
use crate::files::compulsory::entry_sheets::{EntrySheets, sheet_of};
use crate::files::compulsory::register_sheets::read_identities;
use crate::files::file_source::HeldFiles;
use crate::files::sheet::Sheet;
use crate::service::app::App;
use crate::service::compulsory::entry_results::entry_results;
use crate::service::compulsory::list_entry_sheets::with_people;
use crate::service::compulsory::stored_entry::{rows_of, unsound};
use crate::service::error::ServiceError;
use crate::service::runs::place_season::PlacedEntry;
use crate::service::runs::published_result::Published;
use crate::service::secrets::field_cipher::FieldCipher;
use crate::storage::database::AnyConnection;

/// Where a result keeps what it was computed from.
const INPUT: &str = "proof/input";

/// The published result with its entry. It is kept in memory under the root that confirms it.
///
/// # Errors
/// As of [`Published::latest`]; `Altered` when what was published does not give the published places.
pub fn published_entry(
    app: &App,
    connection: &mut AnyConnection,
    season: &str,
) -> Result<Arc<PlacedEntry>, ServiceError> {
    let published = Published::latest(app, connection, season)?;
    let key = format!("entry {}", published.root);
    if let Some(kept) = app.kept().get::<PlacedEntry>(&key) {
        return Ok(kept);
    }
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| ServiceError::Altered(INPUT.to_owned()));
    let policy = text(published.file(connection, &format!("{INPUT}/entry.toml"))?)?;
    let mut sheets = EntrySheets {
        map: Some(published.file(connection, &format!("{INPUT}/zones.geojson"))?),
        ..EntrySheets::default()
    };
    for kind in &ENTRY_SHEETS {
        let file = format!("{}.csv", kind.name);
        let bytes = published.file(connection, &format!("{INPUT}/{file}"))?;
        sheets.sheets.insert(kind.name, Sheet::own(&file, bytes));
    }
    let altered = |told: Vec<String>| ServiceError::Altered(told.join("; "));
    let lines = |faults: Vec<Fault>| altered(faults.iter().map(ToString::to_string).collect());
    let mut entry = read_entry_sheets(&policy, &sheets).map_err(lines)?;
    zones_from_map(&mut entry);
    let run = run_entry(&entry, &Quiet).map_err(altered)?;
    for (path, bytes) in entry_results(&entry, &run) {
        if published.file(connection, path)? != bytes {
            return Err(ServiceError::Altered(path.to_owned()));
        }
    }
    let placed = Arc::new(PlacedEntry { entry, run });
    app.kept().put(key, placed.clone());
    Ok(placed)
}

/// Cards and birthdays of a season's children, by their numbers.
///
/// # Errors
/// Storage failed; a number does not open.
pub fn identities(
    connection: &mut AnyConnection,
    season: &str,
    fields: &FieldCipher,
) -> Result<BTreeMap<String, ChildIdentity>, ServiceError> {
    let mut rows = rows_of(connection, season, &CHILDREN)?;
    with_people(connection, season, fields, &mut rows)?;
    let sheets = [(CHILDREN.name.to_owned(), sheet_of(&CHILDREN, &rows))].into();
    let files = HeldFiles { sheets, ..HeldFiles::default() };
    read_identities((&files).into()).map_err(|faults| unsound(&faults))
}
