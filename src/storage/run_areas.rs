//! The areas of a run under way: offered by the instance that leads it, each taken by one instance at a time.

use diesel::prelude::*;

use crate::storage::database::{AnyConnection, insert_rows};
use crate::storage::error::StorageError;
use crate::storage::schema::run_areas;

/// An area of a run.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = run_areas, treat_none_as_default_value = false)]
pub struct RunAreaRow {
    pub run: String,
    /// From 0, as the season's sheet of areas has them.
    pub area: i64,
    /// Of the lease under which it is offered: what was begun under an earlier one is worth nothing.
    pub attempt: i64,
    pub candidates: i64,
    /// Who works on it; empty while nobody does.
    pub owner: String,
    pub until_ms: i64,
    /// The salted hashes of its leaves in base64; empty until it is done.
    pub hashes: String,
}

/// What somebody who has time finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// This area is now hers.
    Area(i64),
    /// Others work on all that are left; one of them may die.
    Wait,
    /// Every area is done.
    Done,
    /// Nothing is offered under this lease: not yet, or no more.
    Nothing,
}

/// Offers areas in place of what was offered before. Call [`run_files::delete`](crate::storage::run_files::delete)
/// after it: whoever is about to put an area down under an earlier lease is waited for here, and refused from now on.
///
/// # Errors
/// Storage failed.
pub fn offer(connection: &mut AnyConnection, run: &str, areas: &[RunAreaRow]) -> Result<(), StorageError> {
    withdraw(connection, run)?;
    let areas: Vec<&RunAreaRow> = areas.iter().collect();
    insert_rows!(connection, run_areas::table, &areas);
    Ok(())
}

/// Offers nothing any more.
///
/// # Errors
/// Storage failed.
pub fn withdraw(connection: &mut AnyConnection, run: &str) -> Result<(), StorageError> {
    diesel::delete(run_areas::table.filter(run_areas::run.eq(run))).execute(connection)?;
    Ok(())
}

/// What is offered under a lease, by area.
///
/// # Errors
/// Storage failed.
pub fn list(
    connection: &mut AnyConnection,
    (run, attempt): (&str, i64),
) -> Result<Vec<RunAreaRow>, StorageError> {
    Ok(run_areas::table
        .filter(run_areas::run.eq(run))
        .filter(run_areas::attempt.eq(attempt))
        .order(run_areas::area)
        .select(RunAreaRow::as_select())
        .load(connection)?)
}

/// Takes the largest area that nobody works on.
///
/// # Errors
/// Storage failed.
pub fn take(
    connection: &mut AnyConnection,
    (run, attempt): (&str, i64),
    owner: &str,
    now_ms: i64,
    until_ms: i64,
) -> Result<Taken, StorageError> {
    let offered: Vec<(i64, i64, bool)> = run_areas::table
        .filter(run_areas::run.eq(run))
        .filter(run_areas::attempt.eq(attempt))
        .order((run_areas::candidates.desc(), run_areas::area))
        .select((run_areas::area, run_areas::until_ms, run_areas::hashes.ne("")))
        .load(connection)?;
    if offered.is_empty() {
        return Ok(Taken::Nothing);
    }
    let open = offered.iter().filter(|(.., done)| !done);
    for (area, until_seen, _) in open.clone().filter(|(_, until_ms, _)| *until_ms <= now_ms) {
        // Guarded: of two who saw the same row one takes it.
        let taken = diesel::update(run_areas::table.find((run, area)))
            .filter(run_areas::attempt.eq(attempt))
            .filter(run_areas::until_ms.eq(until_seen))
            .filter(run_areas::hashes.eq(""))
            .set((run_areas::owner.eq(owner), run_areas::until_ms.eq(until_ms)))
            .execute(connection)?;
        if taken == 1 {
            return Ok(Taken::Area(*area));
        }
    }
    Ok(if open.count() == 0 { Taken::Done } else { Taken::Wait })
}

/// Says that the work on every area of an owner goes on.
///
/// # Errors
/// Storage failed.
pub fn renew(
    connection: &mut AnyConnection,
    (run, attempt): (&str, i64),
    owner: &str,
    until_ms: i64,
) -> Result<(), StorageError> {
    diesel::update(run_areas::table.filter(run_areas::run.eq(run)))
        .filter(run_areas::attempt.eq(attempt))
        .filter(run_areas::owner.eq(owner))
        .filter(run_areas::hashes.eq(""))
        .set(run_areas::until_ms.eq(until_ms))
        .execute(connection)?;
    Ok(())
}

/// Puts down what an area came to; whether it was still the owner's to put down.
///
/// # Errors
/// Storage failed.
pub fn put_down(
    connection: &mut AnyConnection,
    (run, attempt): (&str, i64),
    owner: &str,
    area: i64,
    hashes: &str,
) -> Result<bool, StorageError> {
    let done = diesel::update(run_areas::table.find((run, area)))
        .filter(run_areas::attempt.eq(attempt))
        .filter(run_areas::owner.eq(owner))
        .filter(run_areas::hashes.eq(""))
        .set(run_areas::hashes.eq(hashes))
        .execute(connection)?;
    Ok(done == 1)
}
