//! What an entry holds in the database, as the sheets that the readers of files know.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_policy::EntryPolicy;
use crate::domain::compulsory::entry_sheet::{
    ADDRESSES, CHILDREN, ENTRY_SHEETS, EVIDENCE, EntrySheet, FEEDERS, HOME_USES, SCHOOLS, ZONES,
};
use crate::domain::compulsory::entry_wishes::EntryWishes;
use crate::domain::compulsory::evidence::Source;
use crate::domain::compulsory::fact::Fact;
use crate::domain::fault::Fault;
use crate::engine::compulsory::zone_map::zones_from_map;
use crate::files::compulsory::entry_folder::read_entry_sheets;
use crate::files::compulsory::entry_sheets::{Cells, EntrySheets, cell, sheet_of};
use crate::service::app::Transaction;
use crate::service::error::ServiceError;
use crate::service::season::season_policy::entry_policy;
use crate::storage::database::AnyConnection;
use crate::storage::entry_rows::{self, EntryRowRow};
use crate::storage::seasons::SeasonRow;
use crate::storage::{form_versions, seasons};

/// Where the map stands among the rows.
pub const ZONE_MAP: &str = "zone_map";

/// The entry, if the actor may do the act to it: the bureau of its area, the centre and whoever reaches all.
///
/// # Errors
/// As of `season_for`; `Conflict` `other_admission` of a season that admits to senior highs.
pub fn entry_for(
    transaction: &mut Transaction<'_>,
    act: Act,
    code: &str,
) -> Result<(SeasonRow, EntryPolicy), ServiceError> {
    if act.reach(transaction.actor.role).is_none() {
        return Err(ServiceError::Forbidden);
    }
    let row = seasons::find(transaction.connection, code)?.ok_or(ServiceError::NotFound)?;
    // Of another season there is no area; what is wrong with it is said behind the door.
    let area = entry_policy(&row).ok().map(|policy| policy.area).or_else(|| transaction.actor.area.clone());
    let season = transaction.season_for(act, &Whose { area, ..Whose::season(code) })?;
    let policy = entry_policy(&season)?;
    Ok((season, policy))
}

/// A row's cells.
///
/// # Errors
/// `Internal` when the row was altered.
pub fn cells(row: &EntryRowRow) -> Result<Cells, ServiceError> {
    serde_json::from_str(&row.cells)
        .map_err(|error| ServiceError::Internal(format!("{} {}: {error}", row.sheet, row.code)))
}

fn all_cells(rows: &[EntryRowRow]) -> Result<Vec<Cells>, ServiceError> {
    rows.iter().map(cells).collect()
}

/// The rows of a sheet.
///
/// # Errors
/// Storage failed.
pub fn rows_of(
    connection: &mut AnyConnection,
    season: &str,
    kind: &EntrySheet,
) -> Result<Vec<Cells>, ServiceError> {
    all_cells(&entry_rows::list_of(connection, season, kind.name)?)
}

/// The map of zones, if there is one.
///
/// # Errors
/// Storage failed.
pub fn map(connection: &mut AnyConnection, season: &str) -> Result<Option<Vec<u8>>, ServiceError> {
    let rows = entry_rows::list_of(connection, season, ZONE_MAP)?;
    Ok(rows.into_iter().next().map(|row| row.cells.into_bytes()))
}

/// Every sheet, with what families filed: no names, no ID numbers, no phones.
///
/// # Errors
/// Storage failed.
pub fn whole(connection: &mut AnyConnection, season: &str, stage: &str) -> Result<EntrySheets, ServiceError> {
    let mut found = EntrySheets { map: map(connection, season)?, ..EntrySheets::default() };
    let mut filed: BTreeMap<String, EntryWishes> = BTreeMap::new();
    for (exam_no, _, choices) in form_versions::list_counting(connection, season, stage)? {
        filed.insert(exam_no, wishes(&choices)?);
    }
    for kind in &ENTRY_SHEETS {
        let mut rows = rows_of(connection, season, kind)?;
        if kind.name == CHILDREN.name {
            rows.iter_mut().for_each(|row| file(row, &filed));
        }
        if !rows.is_empty() {
            found.sheets.insert(kind.name, sheet_of(kind, &rows));
        }
    }
    Ok(found)
}

/// The wishes of a form.
///
/// # Errors
/// `Internal` when the row was altered.
pub fn wishes(choices: &str) -> Result<EntryWishes, ServiceError> {
    let slots: Option<Vec<String>> = serde_json::from_str(choices).ok();
    slots
        .and_then(|slots| EntryWishes::of_slots(&slots))
        .ok_or_else(|| ServiceError::Internal("a form of an entry holds what no such form holds".to_owned()))
}

/// Puts what a family filed in the place of what the office's sheet said.
fn file(row: &mut Cells, filed: &BTreeMap<String, EntryWishes>) {
    let number = cell(row, "child_no").to_owned();
    let Some(wishes) = filed.get(&number) else { return };
    set_wishes(row, wishes);
    let twin = wishes.twin.as_ref().filter(|twin| {
        // Both must ask for it.
        filed.get(*twin).is_some_and(|other| other.twin.as_ref() == Some(&number))
    });
    if let Some(twin) = twin {
        row.insert("twins".to_owned(), twin.min(&number).as_str().into());
    }
}

/// Writes wishes into a child's row.
pub fn set_wishes(row: &mut Cells, wishes: &EntryWishes) {
    let mut set = |name: &str, text: String| {
        if text.is_empty() {
            row.remove(name);
        } else {
            row.insert(name.to_owned(), text.into());
        }
    };
    set("private_code", wishes.private.clone().unwrap_or_default());
    set("direct", if wishes.direct { "1".to_owned() } else { String::new() });
    set("choices", wishes.choices.join(";"));
    set("transfer_choices", wishes.transfer_choices.join(";"));
}

/// An entry of one child: everything that decides where she stands, and nobody else.
///
/// # Errors
/// `NotFound` without her row; storage failed.
pub fn of_child(
    connection: &mut AnyConnection,
    season: &str,
    child_no: &str,
) -> Result<(EntrySheets, Cells), ServiceError> {
    let own = [child_no.to_owned()];
    let child = entry_rows::list_by_codes(connection, season, CHILDREN.name, &own)?;
    let child = cells(child.first().ok_or(ServiceError::NotFound)?)?;
    let mut found = EntrySheets { map: map(connection, season)?, ..EntrySheets::default() };
    for kind in [&SCHOOLS, &ZONES, &FEEDERS] {
        let rows = rows_of(connection, season, kind)?;
        found.sheets.insert(kind.name, sheet_of(kind, &rows));
    }
    let homes = ["household_address", "property_address", "residence_address"].map(|name| cell(&child, name));
    let mut homes: Vec<String> =
        homes.into_iter().filter(|code| !code.is_empty()).map(str::to_owned).collect();
    homes.sort();
    homes.dedup();
    let addresses = all_cells(&entry_rows::list_by_codes(connection, season, ADDRESSES.name, &homes)?)?;
    found.sheets.insert(ADDRESSES.name, sheet_of(&ADDRESSES, &addresses));
    let evidence = all_cells(&entry_rows::list_by_codes(
        connection,
        season,
        EVIDENCE.name,
        &evidence_codes(&[child_no]),
    )?)?;
    found.sheets.insert(EVIDENCE.name, sheet_of(&EVIDENCE, &evidence));
    let home = cell(&child, "home");
    if !home.is_empty() {
        let uses = all_cells(&entry_rows::list_below(connection, season, HOME_USES.name, home)?)?;
        found.sheets.insert(HOME_USES.name, sheet_of(&HOME_USES, &uses));
    }
    found.sheets.insert(CHILDREN.name, sheet_of(&CHILDREN, std::slice::from_ref(&child)));
    Ok((found, child))
}

/// Puts a child's row in the place of the one that stands alone in the sheet.
pub fn put_child(sheets: &mut EntrySheets, row: &Cells) {
    sheets.sheets.insert(CHILDREN.name, sheet_of(&CHILDREN, std::slice::from_ref(row)));
}

/// The codes that rows of evidence of these children can have.
pub fn evidence_codes(children: &[&str]) -> Vec<String> {
    let of_child = |child: &&str| {
        let of_fact =
            |fact: Fact| Source::ALL.map(|source| format!("{child}/{}/{}", fact.word(), source.word()));
        Fact::ALL.into_iter().flat_map(of_fact).collect::<Vec<_>>()
    };
    children.iter().flat_map(of_child).collect()
}

/// Sheets as the engine reads them, zones filled from the map.
///
/// # Errors
/// Every fault of the sheets.
pub fn read(season: &SeasonRow, sheets: &EntrySheets) -> Result<Entry, Vec<Fault>> {
    let mut entry = read_entry_sheets(&season.policy, sheets)?;
    zones_from_map(&mut entry);
    Ok(entry)
}

/// What was stored and is not sound: nobody can mend it but an office, by another sheet.
pub fn unsound(faults: &[Fault]) -> ServiceError {
    let told: Vec<String> = faults.iter().take(5).map(ToString::to_string).collect();
    ServiceError::conflict(
        "unsound",
        format!("the entry's sheets do not fit each other: {}", told.join("; ")),
    )
}
