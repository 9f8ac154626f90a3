//! Drafts of preference forms: several per candidate and batch, each with its version.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::hexadecimal::hex;
use crate::storage::advisory_lock::{self, Kind};
use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::drafts;

/// A draft.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = drafts, treat_none_as_default_value = false)]
pub struct DraftRow {
    pub season: String,
    pub exam_no: String,
    /// The code of the list.
    pub batch: String,
    pub name: String,
    /// A JSON array of programme codes, best first; an empty text is a blank slot.
    pub choices: String,
    /// Counts every change, from 1.
    pub version: i64,
    /// The season's clock at the last change.
    pub saved_at_ms: i64,
}

impl Audited for DraftRow {
    const TABLE: &'static str = "drafts";
    /// The name is its owner's own words: in the key stands its digest.
    fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.season, self.exam_no, self.batch, digest_of(&self.name))
    }
}

fn digest_of(name: &str) -> String {
    use sha2::{Digest, Sha256};
    hex(&Sha256::digest(name)[..8])
}

/// The draft of a name.
///
/// # Errors
/// Storage failed.
pub fn find(
    connection: &mut AnyConnection,
    (season, exam_no, batch, name): (&str, &str, &str, &str),
) -> Result<Option<DraftRow>, StorageError> {
    Ok(drafts::table
        .find((season, exam_no, batch, name))
        .select(DraftRow::as_select())
        .first(connection)
        .optional()?)
}

/// The draft of a name, read after waiting for every change of it under way: of two at once the second
/// sees the first.
///
/// # Errors
/// Storage failed.
pub fn find_to_change(
    connection: &mut AnyConnection,
    key: (&str, &str, &str, &str),
) -> Result<Option<DraftRow>, StorageError> {
    let (season, exam_no, batch, _) = key;
    // Of the list and not of the name: the number of drafts is bounded for the list.
    advisory_lock::take(connection, Kind::DraftsOfList, &format!("{season}/{exam_no}/{batch}"))?;
    find(connection, key)
}

/// All drafts of a candidate, by batch and name.
///
/// # Errors
/// Storage failed.
pub fn list(
    connection: &mut AnyConnection,
    season: &str,
    exam_no: &str,
) -> Result<Vec<DraftRow>, StorageError> {
    Ok(drafts::table
        .filter(drafts::season.eq(season))
        .filter(drafts::exam_no.eq(exam_no))
        .order((drafts::batch, drafts::name))
        .select(DraftRow::as_select())
        .load(connection)?)
}

/// The candidates among these who have a draft for a batch, in order.
///
/// # Errors
/// Storage failed.
pub fn owners(
    connection: &mut AnyConnection,
    season: &str,
    exam_nos: &[&str],
) -> Result<Vec<(String, String)>, StorageError> {
    Ok(drafts::table
        .filter(drafts::season.eq(season))
        .filter(drafts::exam_no.eq_any(exam_nos))
        .order((drafts::exam_no, drafts::batch))
        .select((drafts::exam_no, drafts::batch))
        .distinct()
        .load(connection)?)
}

/// Adds a draft.
///
/// # Errors
/// `Stale` when the name is taken.
pub fn add(connection: &mut AnyConnection, draft: &DraftRow) -> Result<Change, StorageError> {
    diesel::insert_into(drafts::table).values(draft).execute(connection)?;
    Ok(Change::written(draft))
}

/// Writes a draft over the one of the version before.
///
/// # Errors
/// `Stale` when it was changed or deleted meanwhile.
pub fn replace(connection: &mut AnyConnection, draft: &DraftRow) -> Result<Change, StorageError> {
    let key = (draft.season.as_str(), draft.exam_no.as_str(), draft.batch.as_str(), draft.name.as_str());
    let changed = diesel::update(drafts::table.find(key))
        .filter(drafts::version.eq(draft.version - 1))
        .set((
            drafts::choices.eq(&draft.choices),
            drafts::version.eq(draft.version),
            drafts::saved_at_ms.eq(draft.saved_at_ms),
        ))
        .execute(connection)?;
    if changed == 1 { Ok(Change::written(draft)) } else { Err(StorageError::Stale) }
}

/// Deletes a draft at the version it was seen in.
///
/// # Errors
/// `Stale` when it was changed or deleted meanwhile.
pub fn delete(connection: &mut AnyConnection, draft: &DraftRow) -> Result<Change, StorageError> {
    let key = (draft.season.as_str(), draft.exam_no.as_str(), draft.batch.as_str(), draft.name.as_str());
    let deleted = diesel::delete(drafts::table.find(key))
        .filter(drafts::version.eq(draft.version))
        .execute(connection)?;
    if deleted == 1 { Ok(Change::deleted(draft)) } else { Err(StorageError::Stale) }
}
