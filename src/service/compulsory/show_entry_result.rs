//! A child's own line of the published result: her place, and the reason of every application, with its proof.

use crate::domain::access::Act;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::people::show_candidate::{concerned, subject};
use crate::service::runs::published_result::Published;
use crate::service::runs::show_own_result::{Leaf, leaf_of};

/// One application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// `admission` or `transfer`.
    pub round: String,
    pub position: u32,
    pub school: String,
    pub way: String,
    pub category: String,
    /// A word of [`EntryReason`](crate::engine::compulsory::entry_explanation::EntryReason).
    pub reason: String,
}

/// What the line says.
#[derive(Clone, Debug)]
pub struct EntryResult {
    pub stage: String,
    pub zone: Option<String>,
    pub category: Option<String>,
    /// Words of [`EntryRefusal`](crate::domain::compulsory::entry_outcome::EntryRefusal).
    pub refusals: Vec<String>,
    pub school: Option<String>,
    pub way: Option<String>,
    pub ticket: String,
    /// The number that was drawn for her ticket.
    pub lot: String,
    pub applications: Vec<Application>,
    pub leaf: Leaf,
}

/// Her line of the result that was published.
///
/// # Errors
/// `NotFound`, alike for nobody and for somebody who is none of the actor's concern; `Conflict` `not_published`;
/// `Altered` when what lies there is not what was published.
pub async fn show_entry_result(
    app: &App,
    caller: &Caller,
    season: String,
    exam_no: String,
) -> Result<EntryResult, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        concerned(transaction, Act::ShowEntryResult, &season, &exam_no)?;
        let published = Published::latest(&door, transaction.connection, &season)?;
        let leaf = published.own_leaf(transaction.connection, &exam_no)?.ok_or(ServiceError::NotFound)?;
        if transaction.actor.role.is_office() {
            transaction.note(Act::ShowEntryResult, &season, &subject(&exam_no), "", Vec::new())?;
        }
        Ok(read(leaf_of(leaf)))
    })
    .await
}

/// A leaf in words: the rows were confirmed by the root before.
fn read(leaf: Leaf) -> EntryResult {
    let mut sheet = "";
    let mut candidacy: Vec<String> = Vec::new();
    let mut placement: Vec<String> = Vec::new();
    let mut applications = Vec::new();
    for line in leaf.text.lines() {
        if line.ends_with(".csv") {
            sheet = line;
            continue;
        }
        let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        match sheet {
            "candidacies.csv" => candidacy = cells,
            "placements.csv" => placement = cells,
            _ => {
                let cell = |at: usize| cells.get(at).cloned().unwrap_or_default();
                applications.push(Application {
                    round: cell(1),
                    position: cell(2).parse().unwrap_or_default(),
                    school: cell(3),
                    way: cell(4),
                    category: cell(5),
                    reason: cell(6),
                });
            }
        }
    }
    let cell = |row: &[String], at: usize| row.get(at).cloned().unwrap_or_default();
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    EntryResult {
        stage: cell(&placement, 1),
        zone: some(cell(&candidacy, 4)),
        category: some(cell(&candidacy, 5)),
        refusals: cell(&candidacy, 7).split(';').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
        school: some(cell(&placement, 2)),
        way: some(cell(&placement, 3)),
        ticket: cell(&placement, 5),
        lot: cell(&placement, 6),
        applications,
        leaf,
    }
}
