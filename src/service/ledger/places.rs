//! Where everybody stands: the published result with the ledger's entries on top.

use std::collections::BTreeMap;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::runs::published_result::Published;
use crate::storage::database::AnyConnection;
use crate::storage::ledger_entries;

/// A place, and where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Empty without a place.
    pub programme: String,
    /// `quota`, `pool`, `open`; empty by override.
    pub seat: String,
    /// Empty by an entry of the ledger, which no batch gave.
    pub batch: String,
    /// Place in the list; 0 by an entry of the ledger.
    pub position: u32,
    /// Decimal; empty without a record of the exam.
    pub total: String,
    /// Number of the last entry of the ledger about her; 0 where there is none.
    pub entry: i64,
}

/// Places by exam number, of everybody in the lists, as they stand now.
///
/// # Errors
/// `Conflict` `not_published`; `Altered`.
pub fn places(
    app: &App,
    connection: &mut AnyConnection,
    season: &str,
) -> Result<BTreeMap<String, Place>, ServiceError> {
    let published = Published::latest(app, connection, season)?;
    let sheet = published.file(connection, "results.csv")?;
    let mut places = BTreeMap::new();
    for row in csv::Reader::from_reader(sheet.as_slice()).records() {
        let row = row.map_err(|_| ServiceError::Altered("results.csv".to_owned()))?;
        let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
        let place = Place {
            batch: cell(1),
            programme: cell(2),
            seat: cell(3),
            position: cell(4).parse().unwrap_or(0),
            total: cell(5),
            entry: 0,
        };
        places.insert(cell(0), place);
    }
    for entry in ledger_entries::list(connection, season)? {
        let place = places.entry(entry.exam_no).or_default();
        place.programme = entry.to_programme;
        place.seat = entry.seat;
        place.batch = String::new();
        place.position = 0;
        place.entry = entry.number;
    }
    Ok(places)
}
