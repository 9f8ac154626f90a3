//! Instances that help with a run ask for the key of its result, and are answered.

use diesel::prelude::*;

use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::key_requests;

/// The key is not given: who asks is no instance of this installation, or of another program.
pub const REFUSED: &str = "-";

/// An instance's request.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = key_requests, treat_none_as_default_value = false)]
pub struct KeyRequestRow {
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

/// An instance asks; what it asked before is forgotten.
///
/// # Errors
/// Storage failed.
pub fn ask(connection: &mut AnyConnection, request: &KeyRequestRow) -> Result<(), StorageError> {
    diesel::delete(key_requests::table.find((&request.run, &request.instance))).execute(connection)?;
    diesel::insert_into(key_requests::table).values(request).execute(connection)?;
    Ok(())
}

/// What an instance asked about a run under a lease.
///
/// # Errors
/// Storage failed.
pub fn find(
    connection: &mut AnyConnection,
    (run, attempt): (&str, i64),
    instance: &str,
) -> Result<Option<KeyRequestRow>, StorageError> {
    Ok(key_requests::table
        .find((run, instance))
        .filter(key_requests::attempt.eq(attempt))
        .select(KeyRequestRow::as_select())
        .first(connection)
        .optional()?)
}

/// Requests that wait for their answer.
///
/// # Errors
/// Storage failed.
pub fn list_open(
    connection: &mut AnyConnection,
    (run, attempt): (&str, i64),
) -> Result<Vec<KeyRequestRow>, StorageError> {
    Ok(key_requests::table
        .filter(key_requests::run.eq(run))
        .filter(key_requests::attempt.eq(attempt))
        .filter(key_requests::result_key.eq(""))
        .order(key_requests::instance)
        .select(KeyRequestRow::as_select())
        .load(connection)?)
}

/// Gives the key, sealed, or [`REFUSED`].
///
/// # Errors
/// Storage failed.
pub fn answer(connection: &mut AnyConnection, request: &KeyRequestRow) -> Result<(), StorageError> {
    diesel::update(key_requests::table.find((&request.run, &request.instance)))
        .filter(key_requests::public_key.eq(&request.public_key))
        .set(key_requests::result_key.eq(&request.result_key))
        .execute(connection)?;
    Ok(())
}

/// Forgets all requests about a run.
///
/// # Errors
/// Storage failed.
pub fn delete_of(connection: &mut AnyConnection, run: &str) -> Result<(), StorageError> {
    diesel::delete(key_requests::table.filter(key_requests::run.eq(run))).execute(connection)?;
    Ok(())
}
