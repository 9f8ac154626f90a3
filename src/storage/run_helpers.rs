//! Instances that help with a run under way, and the key of its result on its way to them.

use diesel::prelude::*;

use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::run_helpers;

/// The key is not given: who asks is no instance of this installation, or of another program.
pub const REFUSED: &str = "-";

/// A helper.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = run_helpers, treat_none_as_default_value = false)]
pub struct RunHelperRow {
    pub run: String,
    pub instance: String,
    /// Of the lease under which it helps.
    pub attempt: i64,
    /// To this one its key is sealed; nobody else opens it, and the instance forgets it with the run.
    pub public_key: String,
    /// Shows that an instance of this installation and program made the public key.
    pub mac: String,
    /// Sealed; empty until it is given.
    pub result_key: String,
}

/// An instance offers its help.
///
/// # Errors
/// Storage failed.
pub fn introduce(connection: &mut AnyConnection, helper: &RunHelperRow) -> Result<(), StorageError> {
    diesel::delete(run_helpers::table.find((&helper.run, &helper.instance))).execute(connection)?;
    diesel::insert_into(run_helpers::table).values(helper).execute(connection)?;
    Ok(())
}

/// The helper of a run under a lease.
///
/// # Errors
/// Storage failed.
pub fn find(
    connection: &mut AnyConnection,
    (run, attempt): (&str, i64),
    instance: &str,
) -> Result<Option<RunHelperRow>, StorageError> {
    Ok(run_helpers::table
        .find((run, instance))
        .filter(run_helpers::attempt.eq(attempt))
        .select(RunHelperRow::as_select())
        .first(connection)
        .optional()?)
}

/// Helpers that wait for the key.
///
/// # Errors
/// Storage failed.
pub fn list_waiting(
    connection: &mut AnyConnection,
    (run, attempt): (&str, i64),
) -> Result<Vec<RunHelperRow>, StorageError> {
    Ok(run_helpers::table
        .filter(run_helpers::run.eq(run))
        .filter(run_helpers::attempt.eq(attempt))
        .filter(run_helpers::result_key.eq(""))
        .order(run_helpers::instance)
        .select(RunHelperRow::as_select())
        .load(connection)?)
}

/// Gives a helper the key, sealed to it, or [`REFUSED`].
///
/// # Errors
/// Storage failed.
pub fn answer(connection: &mut AnyConnection, helper: &RunHelperRow) -> Result<(), StorageError> {
    diesel::update(run_helpers::table.find((&helper.run, &helper.instance)))
        .filter(run_helpers::public_key.eq(&helper.public_key))
        .set(run_helpers::result_key.eq(&helper.result_key))
        .execute(connection)?;
    Ok(())
}

/// Forgets all helpers of a run.
///
/// # Errors
/// Storage failed.
pub fn dismiss(connection: &mut AnyConnection, run: &str) -> Result<(), StorageError> {
    diesel::delete(run_helpers::table.filter(run_helpers::run.eq(run))).execute(connection)?;
    Ok(())
}
