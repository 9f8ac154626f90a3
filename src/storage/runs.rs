//! Runs: what was asked, how it ended, the roots of its result.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::storage::change::{Audited, Change};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::runs;

/// A run.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    Queryable,
    Selectable,
    Insertable,
    AsChangeset,
    Serialize,
    Deserialize,
)]
#[diesel(table_name = runs, treat_none_as_null = true)]
pub struct RunRow {
    /// A UUID of version 7: in the order of requests.
    pub id: String,
    pub season: String,
    pub round: i64,
    /// `official` or `trial`.
    pub kind: String,
    /// Another policy that a trial compares with; empty for the season's own.
    pub policy: String,
    /// `queued` until it is `done` or `refused`; `dropped` when its result was rejected.
    pub state: String,
    pub requested_by: String,
    pub requested_at_ms: i64,
    pub finished_at_ms: Option<i64>,
    /// Of every sheet the run read.
    pub input_hash: String,
    /// SHA-256 of the manifest; empty until it is done.
    pub root: String,
    /// Of the tree over every candidate's own leaf.
    pub leaves_root: String,
    /// Counts, as a JSON object.
    pub summary: String,
    /// Why it was refused, as a JSON array of sentences.
    pub breaches: String,
    /// The parts of the key, each sealed to its holder, as a JSON array.
    pub key_parts: String,
}

impl Audited for RunRow {
    const TABLE: &'static str = "runs";
    fn key(&self) -> String {
        self.id.clone()
    }
}

/// Adds a run.
///
/// # Errors
/// `Stale` when the round has an official run that stands.
pub fn add(connection: &mut AnyConnection, run: &RunRow) -> Result<Change, StorageError> {
    diesel::insert_into(runs::table).values(run).execute(connection)?;
    Ok(Change::written(run))
}

/// Writes a run that was in `state` until now.
///
/// # Errors
/// `Stale` when it is in another state by now.
pub fn replace(connection: &mut AnyConnection, state: &str, run: &RunRow) -> Result<Change, StorageError> {
    let changed = diesel::update(runs::table.find(&run.id))
        .filter(runs::state.eq(state))
        .set(run)
        .execute(connection)?;
    if changed == 1 { Ok(Change::written(run)) } else { Err(StorageError::Stale) }
}

/// The run of an id in a season.
///
/// # Errors
/// Storage failed.
pub fn find(connection: &mut AnyConnection, season: &str, id: &str) -> Result<Option<RunRow>, StorageError> {
    Ok(runs::table
        .find(id)
        .filter(runs::season.eq(season))
        .select(RunRow::as_select())
        .first(connection)
        .optional()?)
}

/// The official run of a round that stands: queued or done.
///
/// # Errors
/// Storage failed.
pub fn official(
    connection: &mut AnyConnection,
    season: &str,
    round: i64,
) -> Result<Option<RunRow>, StorageError> {
    Ok(runs::table
        .filter(runs::season.eq(season))
        .filter(runs::round.eq(round))
        .filter(runs::kind.eq("official"))
        .filter(runs::state.eq_any(["queued", "done"]))
        .select(RunRow::as_select())
        .first(connection)
        .optional()?)
}

/// Runs that nobody has finished, in the order of requests.
///
/// # Errors
/// Storage failed.
pub fn list_queued(connection: &mut AnyConnection) -> Result<Vec<RunRow>, StorageError> {
    Ok(runs::table
        .filter(runs::state.eq("queued"))
        .order(runs::id)
        .select(RunRow::as_select())
        .load(connection)?)
}

/// Runs of a season after an id, in the order of requests, at most `limit`.
///
/// # Errors
/// Storage failed.
pub fn list(
    connection: &mut AnyConnection,
    season: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<RunRow>, StorageError> {
    Ok(runs::table
        .filter(runs::season.eq(season))
        .filter(runs::id.gt(after))
        .order(runs::id)
        .limit(limit)
        .select(RunRow::as_select())
        .load(connection)?)
}
