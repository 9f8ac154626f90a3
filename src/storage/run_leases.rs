//! Which instance works on a run: a lease that ends by itself, so that another takes over from one that died.

use diesel::prelude::*;

use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::run_leases;

/// A lease.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = run_leases, treat_none_as_default_value = false)]
pub struct RunLeaseRow {
    pub run: String,
    /// The instance.
    pub owner: String,
    /// Counts who began: of two who believe to hold the lease the later one does.
    pub attempt: i64,
    pub until_ms: i64,
}

/// The lease of a run, held or over.
///
/// # Errors
/// Storage failed.
pub fn find(connection: &mut AnyConnection, run: &str) -> Result<Option<RunLeaseRow>, StorageError> {
    Ok(run_leases::table.find(run).select(RunLeaseRow::as_select()).first(connection).optional()?)
}

/// Takes the lease of a run, if nobody holds it.
///
/// # Errors
/// Storage failed.
pub fn take(
    connection: &mut AnyConnection,
    run: &str,
    owner: &str,
    now_ms: i64,
    until_ms: i64,
) -> Result<Option<RunLeaseRow>, StorageError> {
    let Some(held) = find(connection, run)? else {
        let lease = RunLeaseRow { run: run.to_owned(), owner: owner.to_owned(), attempt: 1, until_ms };
        // Two instances may come at once: a refused row would end the transaction on PostgreSQL, this does not.
        let new = diesel::insert_into(run_leases::table).values(&lease).on_conflict_do_nothing();
        let added = match connection {
            AnyConnection::Postgres(postgres) => new.execute(postgres)?,
            AnyConnection::Sqlite(sqlite) => new.execute(sqlite)?,
        };
        return Ok((added == 1).then_some(lease));
    };
    let taken = diesel::update(run_leases::table.find(run))
        .filter(run_leases::attempt.eq(held.attempt))
        .filter(run_leases::until_ms.le(now_ms))
        .set((
            run_leases::owner.eq(owner),
            run_leases::attempt.eq(held.attempt + 1),
            run_leases::until_ms.eq(until_ms),
        ))
        .execute(connection)?;
    let lease = RunLeaseRow { owner: owner.to_owned(), attempt: held.attempt + 1, until_ms, ..held };
    Ok((taken == 1).then_some(lease))
}

/// Says that the work goes on, or with a time that has passed that it has ended; whether the lease still stood.
///
/// # Errors
/// Storage failed.
pub fn renew(
    connection: &mut AnyConnection,
    lease: &RunLeaseRow,
    until_ms: i64,
) -> Result<bool, StorageError> {
    let renewed = diesel::update(run_leases::table.find(&lease.run))
        .filter(run_leases::attempt.eq(lease.attempt))
        .filter(run_leases::owner.eq(&lease.owner))
        .set(run_leases::until_ms.eq(until_ms))
        .execute(connection)?;
    Ok(renewed == 1)
}
