//! A candidate's own line of the published result, with the reason of every choice and its proof.

use crate::domain::access::Act;
use crate::domain::hexadecimal::hex;
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::service::people::show_candidate::{concerned, subject};
use crate::service::runs::published_result::{OwnLeaf, Published};

/// What the line says.
#[derive(Clone, Debug)]
pub struct OwnResult {
    pub batch: Option<String>,
    pub programme: Option<String>,
    pub seat: Option<String>,
    pub position: Option<u32>,
    pub total: String,
    /// Batch, position, programme, reason, detail.
    pub choices: Vec<(String, u32, String, String, String)>,
    pub leaf: Leaf,
}

/// The leaf with its way to the root, hashes as hexadecimal digits.
#[derive(Clone, Debug)]
pub struct Leaf {
    pub exam_no: String,
    pub text: String,
    pub salt: String,
    pub place: usize,
    pub count: usize,
    pub path: Vec<String>,
    pub leaves_root: String,
    pub root: String,
}

/// Her line of the result that was published last.
///
/// # Errors
/// `NotFound` before the publication, alike for nobody and for somebody who is none of the actor's concern;
/// `Altered` when what lies there is not what was published.
pub async fn show_own_result(
    app: &App,
    caller: &Caller,
    season: String,
    exam_no: String,
) -> Result<OwnResult, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        concerned(transaction, Act::ShowResult, &season, &exam_no)?;
        let published = Published::latest(&door, transaction.connection, &season)?;
        let leaf = published.own_leaf(transaction.connection, &exam_no)?.ok_or(ServiceError::NotFound)?;
        if transaction.actor.role.is_office() {
            transaction.note(Act::ShowResult, &season, &subject(&exam_no), "", Vec::new())?;
        }
        Ok(read(leaf))
    })
    .await
}

/// Whether the result that was published last gives somebody a place.
///
/// # Errors
/// `Altered`.
pub fn has_place(
    app: &App,
    transaction: &mut Transaction<'_>,
    season: &str,
    exam_no: &str,
) -> Result<bool, ServiceError> {
    let published = Published::latest(app, transaction.connection, season)?;
    let leaf = published.own_leaf(transaction.connection, exam_no)?;
    Ok(leaf.is_some_and(|leaf| read(leaf).programme.is_some()))
}

/// A leaf in words: the rows were confirmed by the root before.
fn read(leaf: OwnLeaf) -> OwnResult {
    let mut result = OwnResult {
        batch: None,
        programme: None,
        seat: None,
        position: None,
        total: String::new(),
        choices: Vec::new(),
        leaf: Leaf {
            exam_no: leaf.exam_no,
            text: leaf.text,
            salt: hex(&leaf.salt),
            place: leaf.place,
            count: leaf.count,
            path: leaf.proof.iter().map(|hash| hex(hash)).collect(),
            leaves_root: leaf.leaves_root,
            root: leaf.root,
        },
    };
    let mut rows =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(result.leaf.text.as_bytes());
    let mut sheet = String::new();
    for row in rows.records().flatten() {
        let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
        let some = |at: usize| Some(cell(at)).filter(|cell| !cell.is_empty());
        match (row.len(), sheet.as_str()) {
            (1, _) => sheet = cell(0),
            (_, "results.csv") => {
                result.batch = some(1);
                result.programme = some(2);
                result.seat = some(3);
                result.position = cell(4).parse().ok();
                result.total = cell(5);
            }
            (_, "reasons.csv") => {
                let position = cell(2).parse().unwrap_or(0);
                result.choices.push((cell(1), position, cell(3), cell(4), cell(5)));
            }
            _ => {}
        }
    }
    result
}
