//! What a run said about how far it is.

use diesel::prelude::*;

use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::run_events;

/// A stage that began.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = run_events, treat_none_as_default_value = false)]
pub struct RunEventRow {
    pub run: String,
    /// From 1.
    pub number: i64,
    pub stage: String,
    /// What the stage works on.
    pub size: i64,
    pub at_ms: i64,
}

/// Adds stages after those that stand there.
///
/// # Errors
/// Storage failed.
pub fn add_all(
    connection: &mut AnyConnection,
    run: &str,
    stages: &[(String, i64)],
    at_ms: i64,
) -> Result<(), StorageError> {
    let last: Option<i64> = run_events::table
        .filter(run_events::run.eq(run))
        .select(diesel::dsl::max(run_events::number))
        .first(connection)?;
    for (number, (stage, size)) in (last.unwrap_or(0) + 1..).zip(stages) {
        let event = RunEventRow { run: run.to_owned(), number, stage: stage.clone(), size: *size, at_ms };
        diesel::insert_into(run_events::table).values(&event).execute(connection)?;
    }
    Ok(())
}

/// The stages of a run after a number, in order.
///
/// # Errors
/// Storage failed.
pub fn list(connection: &mut AnyConnection, run: &str, after: i64) -> Result<Vec<RunEventRow>, StorageError> {
    Ok(run_events::table
        .filter(run_events::run.eq(run))
        .filter(run_events::number.gt(after))
        .order(run_events::number)
        .select(RunEventRow::as_select())
        .load(connection)?)
}
