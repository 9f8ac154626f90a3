//! A candidate's own line of the published result, with the reason of every choice and its proof.

use crate::domain::access::Act;
use crate::domain::hexadecimal::hex;
pub use crate::files::leaf_file::LeafChoice;
use crate::files::leaf_file::LeafRows;
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
    pub choices: Vec<LeafChoice>,
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
/// `NotFound`, alike for nobody and for somebody who is none of the actor's concern; `Conflict` `not_published`;
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
pub fn read(leaf: OwnLeaf) -> OwnResult {
    let rows = LeafRows::read(&leaf.text);
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    OwnResult {
        batch: some(rows.batch),
        programme: some(rows.programme),
        seat: some(rows.seat),
        position: rows.position.parse().ok(),
        total: rows.total,
        choices: rows.choices,
        leaf: leaf_of(leaf),
    }
}

/// The leaf as it is handed out.
pub fn leaf_of(leaf: OwnLeaf) -> Leaf {
    Leaf {
        exam_no: leaf.exam_no,
        text: leaf.text,
        salt: hex(&leaf.salt),
        place: leaf.place,
        count: leaf.count,
        path: leaf.proof.iter().map(|hash| hex(hash)).collect(),
        leaves_root: leaf.leaves_root,
        root: leaf.root,
    }
}
