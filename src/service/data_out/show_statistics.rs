//! Statistics of the season as it stands now: exact for offices, without small numbers for everybody.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::role::Role;
use crate::domain::seat::Seat;
pub use crate::engine::statistics::{
    Band, Fill, Flow, JuniorTotal, QuotaUse, RankTotal, SchoolTotal, Statistics,
};
use crate::engine::statistics::{Offer, Placed, QuotaCell, bands_for_everybody};
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::ledger::places::places;
use crate::service::runs::published_result::Published;
use crate::storage::candidates;
use crate::storage::database::AnyConnection;

/// The statistics as somebody may see them.
pub struct Shown {
    /// Whether small numbers are hidden.
    pub public: bool,
    pub statistics: Statistics,
    pub segments: Vec<Band>,
}

/// Who sees exact counts; everybody else sees the public form whatever is asked for.
const EXACT: [Role; 3] = [Role::CountyBureau, Role::MunicipalCentre, Role::Supervisor];

/// Counts places as they stand now, by the programmes and quota that were published.
///
/// # Errors
/// `NotFound`; `Conflict` `not_published`; `Altered`.
pub async fn show_statistics(
    app: &App,
    caller: &Caller,
    code: String,
    public: bool,
) -> Result<Shown, ServiceError> {
    let door = app.clone();
    app.look(caller, move |transaction| {
        transaction.season_for(Act::ShowStatistics, &Whose::season(&code))?;
        let public = public || !EXACT.contains(&transaction.actor.role);
        let connection = &mut *transaction.connection;
        let places = places(&door, connection, &code)?;
        let published = Published::latest(&door, connection, &code)?;
        let offers: Vec<Offer> = rows(&published, connection, "proof/input/programmes.csv", |cell| Offer {
            programme: cell(0),
            school: cell(1),
            seats: cell(4).parse().unwrap_or(0),
        })?;
        let cells: Vec<QuotaCell> = rows(&published, connection, "quota.csv", |cell| QuotaCell {
            programme: cell(0),
            juniors: cell(1),
            seats: cell(2).parse().unwrap_or(0),
        })?;
        let segments: Vec<Band> = rows(&published, connection, "segments.csv", |cell| {
            let score = cell(1).parse().unwrap_or(0);
            Band {
                area: cell(0),
                highest: score,
                lowest: score,
                count: cell(2).parse().unwrap_or(0),
                cumulative: cell(3).parse().unwrap_or(0),
            }
        })?;
        let juniors: BTreeMap<String, String> = candidates::list_codes(connection, &code)?
            .into_iter()
            .map(|(exam_no, junior, _)| (exam_no, junior))
            .collect();
        let placed: Vec<Placed<'_>> = places
            .iter()
            .filter(|(_, place)| !place.programme.is_empty())
            .map(|(exam_no, place)| Placed {
                programme: &place.programme,
                junior: juniors.get(exam_no).map_or("", String::as_str),
                seat: Seat::from_word(&place.seat),
                rank: place.position,
            })
            .collect();
        let exact = Statistics::count(&offers, &cells, &placed);
        let (statistics, segments) =
            if public { (exact.for_everybody(), bands_for_everybody(segments)) } else { (exact, segments) };
        Ok(Shown { public, statistics, segments })
    })
    .await
}

/// The rows of a published sheet.
fn rows<T>(
    published: &Published,
    connection: &mut AnyConnection,
    path: &str,
    row: impl Fn(&dyn Fn(usize) -> String) -> T,
) -> Result<Vec<T>, ServiceError> {
    let sheet = published.file(connection, path)?;
    let mut all = Vec::new();
    for record in csv::Reader::from_reader(sheet.as_slice()).records() {
        let record = record.map_err(|_| ServiceError::Altered(path.to_owned()))?;
        all.push(row(&|at| record.get(at).unwrap_or_default().to_owned()));
    }
    Ok(all)
}
