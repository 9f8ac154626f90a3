//! The public notice of an entry: zones with their schools, streets and shapes, and how tight they are.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::compulsory::coordinates::Coordinates;
use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_sheet::{CHILDREN, SCHOOLS, ZONES};
use crate::domain::compulsory::zone::Zone;
use crate::engine::compulsory::candidacy::candidacies;
use crate::engine::compulsory::seat_warning::{ZoneLoad, zone_loads};
use crate::engine::compulsory::zone_check::{ZoneFinding, zone_findings};
use crate::files::compulsory::entry_sheets::{Cells, EntrySheets, cell, sheet_of};
use crate::service::app::{App, Caller};
use crate::service::compulsory::stored_entry::{cells, entry_for, map, read, rows_of, unsound, whole};
use crate::service::error::ServiceError;
use crate::storage::entry_rows::{self, EntryRowRow};

/// Where the posted warnings stand among the rows.
const WARNINGS: &str = "seat_warnings";

/// A school of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneSchool {
    pub code: String,
    pub name: String,
    pub classes: u32,
    pub seats: u32,
    pub at: Option<Coordinates>,
}

/// A zone as everybody may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneNotice {
    pub code: String,
    pub name: String,
    /// `primary` or `junior`.
    pub stage: &'static str,
    pub schools: Vec<ZoneSchool>,
    /// Streets and villages in words.
    pub text: String,
    /// Polygons: rings of corners, the outer one first.
    pub areas: Vec<Vec<Vec<Coordinates>>>,
    /// `enough`, `amber` or `red`, once the office posted it.
    pub warning: Option<String>,
}

/// Every zone of the entry.
///
/// # Errors
/// `Conflict` `unsound`.
pub async fn list_zones(app: &App, caller: &Caller, code: String) -> Result<Vec<ZoneNotice>, ServiceError> {
    app.look(caller, move |transaction| {
        let season = transaction.season_for(Act::ListZones, &Whose::season(&code))?;
        let connection = &mut *transaction.connection;
        let schools = rows_of(connection, &code, &SCHOOLS)?;
        if schools.is_empty() {
            return Ok(Vec::new());
        }
        let mut sheets = EntrySheets { map: map(connection, &code)?, ..EntrySheets::default() };
        sheets.sheets.insert(SCHOOLS.name, sheet_of(&SCHOOLS, &schools));
        sheets.sheets.insert(ZONES.name, sheet_of(&ZONES, &rows_of(connection, &code, &ZONES)?));
        sheets.sheets.insert(CHILDREN.name, sheet_of(&CHILDREN, &[]));
        let entry = read(&season, &sheets).map_err(|faults| unsound(&faults))?;
        let mut posted = Vec::new();
        for row in entry_rows::list_of(connection, &code, WARNINGS)? {
            posted.push((row.code.clone(), cell(&cells(&row)?, "warning").to_owned()));
        }
        Ok(notices(&entry, &posted))
    })
    .await
}

fn notices(entry: &Entry, posted: &[(String, String)]) -> Vec<ZoneNotice> {
    let notice = |zone: &Zone| ZoneNotice {
        code: zone.code.clone(),
        name: zone.name.clone(),
        stage: zone.stage.word(),
        schools: zone
            .schools
            .iter()
            .map(|at| {
                let school = &entry.schools[*at as usize];
                let plan = school.plan(zone.stage);
                ZoneSchool {
                    code: school.code.clone(),
                    name: school.name.clone(),
                    classes: plan.classes,
                    seats: plan.seats,
                    at: school.at,
                }
            })
            .collect(),
        text: zone.text.clone(),
        areas: zone.areas.clone(),
        warning: posted.iter().find(|known| known.0 == zone.code).map(|known| known.1.clone()),
    };
    entry.zones.iter().map(notice).collect()
}

/// What an office sees of its zones.
#[derive(Clone, Debug)]
pub struct ZoneBoard {
    /// Zone code and figures.
    pub loads: Vec<(String, ZoneLoad)>,
    /// Kind, stage, code, zones: gaps, overlaps, schools without a zone.
    pub findings: Vec<[String; 4]>,
}

/// Children against places, and what the zones lack.
///
/// # Errors
/// `Conflict` `unsound`.
pub async fn show_zone_board(app: &App, caller: &Caller, code: String) -> Result<ZoneBoard, ServiceError> {
    app.look(caller, move |transaction| {
        let (season, _) = entry_for(transaction, Act::ShowZoneBoard, &code)?;
        let sheets = whole(transaction.connection, &season.code, "official")?;
        let entry = read(&season, &sheets).map_err(|faults| unsound(&faults))?;
        Ok(board(&entry))
    })
    .await
}

fn board(entry: &Entry) -> ZoneBoard {
    let zone = |at: u32| entry.zones[at as usize].code.clone();
    let loads =
        zone_loads(entry, &candidacies(entry)).into_iter().map(|load| (zone(load.zone), load)).collect();
    let address = |at: u32| entry.addresses[at as usize].code.clone();
    let joined = |zones: &[u32]| zones.iter().map(|at| zone(*at)).collect::<Vec<_>>().join(";");
    let finding = |finding: ZoneFinding| {
        let (kind, stage, code, zones) = match finding {
            ZoneFinding::Gap { address: at, stage } => ("gap", stage, address(at), String::new()),
            ZoneFinding::Overlap { address: at, stage, zones } => {
                ("overlap", stage, address(at), joined(&zones))
            }
            ZoneFinding::ListAndMap { address: at, stage, list, map } => {
                ("list_and_map", stage, address(at), joined(&[list, map]))
            }
            ZoneFinding::SchoolWithoutZone { school, stage } => {
                ("school_without_zone", stage, entry.schools[school as usize].code.clone(), String::new())
            }
        };
        [kind.to_owned(), stage.word().to_owned(), code, zones]
    };
    ZoneBoard { loads, findings: zone_findings(entry).into_iter().map(finding).collect() }
}

/// Posts how tight every zone is, before registration or anew (DP55).
///
/// # Errors
/// As of [`show_zone_board`].
pub async fn post_seat_warnings(app: &App, caller: &Caller, code: String) -> Result<usize, ServiceError> {
    app.act(caller, move |transaction| {
        let (season, _) = entry_for(transaction, Act::PostSeatWarnings, &code)?;
        let sheets = whole(transaction.connection, &season.code, "official")?;
        let entry = read(&season, &sheets).map_err(|faults| unsound(&faults))?;
        let row = |(place, (code, load)): (i64, (String, ZoneLoad))| {
            let mut cells = Cells::new();
            cells.insert("warning".to_owned(), load.tightness.word().into());
            EntryRowRow {
                season: season.code.clone(),
                sheet: WARNINGS.to_owned(),
                code,
                place,
                cells: serde_json::Value::Object(cells).to_string(),
            }
        };
        let rows: Vec<EntryRowRow> = (1..).zip(board(&entry).loads).map(row).collect();
        let count = rows.len();
        let old = entry_rows::list_of(transaction.connection, &season.code, WARNINGS)?;
        let changes = entry_rows::replace(transaction.connection, &season.code, &old, rows)?;
        let detail = format!("{count} zones");
        transaction.note(Act::PostSeatWarnings, &season.code, "season", detail, changes)?;
        Ok(count)
    })
    .await
}
