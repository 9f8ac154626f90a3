//! Wrong guesses, counted where every instance sees them.

use diesel::prelude::*;

use crate::storage::advisory_lock::{self, Kind};
use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::login_attempts;

/// A guess that was wrong or is not known to be right yet.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = login_attempts, treat_none_as_default_value = false)]
pub struct LoginAttemptRow {
    pub id: String,
    /// Keyed hash of what was typed as login.
    pub login_key: String,
    /// A word of `Bucket`.
    pub bucket: String,
    pub at_ms: i64,
}

/// Makes the guesses at one login take turns until the commit, on every instance. SQLite's writer runs one
/// transaction at a time anyway.
///
/// # Errors
/// Storage failed.
pub fn take_turn(connection: &mut AnyConnection, login_key: &str) -> Result<(), StorageError> {
    advisory_lock::take(connection, Kind::GuessesAtLogin, login_key)
}

/// The moments of a bucket's latest guesses, newest first, at most `limit`, and how many there are in all.
///
/// # Errors
/// Storage failed.
pub fn of_bucket(
    connection: &mut AnyConnection,
    login_key: &str,
    bucket: &str,
    limit: i64,
) -> Result<(Vec<i64>, i64), StorageError> {
    let recent = login_attempts::table
        .filter(login_attempts::login_key.eq(login_key))
        .filter(login_attempts::bucket.eq(bucket))
        .order(login_attempts::at_ms.desc())
        .limit(limit)
        .select(login_attempts::at_ms)
        .load(connection)?;
    let in_all = login_attempts::table
        .filter(login_attempts::login_key.eq(login_key))
        .filter(login_attempts::bucket.eq(bucket))
        .count()
        .get_result(connection)?;
    Ok((recent, in_all))
}

/// Adds a guess.
///
/// # Errors
/// Storage failed.
pub fn add(connection: &mut AnyConnection, attempt: &LoginAttemptRow) -> Result<(), StorageError> {
    diesel::insert_into(login_attempts::table).values(attempt).execute(connection)?;
    Ok(())
}

/// Takes back a guess that was right, or never tried.
///
/// # Errors
/// Storage failed.
pub fn take_back(connection: &mut AnyConnection, id: &str) -> Result<(), StorageError> {
    diesel::delete(login_attempts::table.find(id)).execute(connection)?;
    Ok(())
}

/// Forgets all guesses at a login, because its password is a new one.
///
/// # Errors
/// Storage failed.
pub fn forget(connection: &mut AnyConnection, login_key: &str) -> Result<(), StorageError> {
    diesel::delete(login_attempts::table.filter(login_attempts::login_key.eq(login_key)))
        .execute(connection)?;
    Ok(())
}

/// Forgets old guesses of a bucket at whatever login, so that made-up logins do not fill the table.
///
/// # Errors
/// Storage failed.
pub fn forget_before(connection: &mut AnyConnection, bucket: &str, at_ms: i64) -> Result<(), StorageError> {
    let old = login_attempts::table
        .filter(login_attempts::bucket.eq(bucket))
        .filter(login_attempts::at_ms.lt(at_ms));
    diesel::delete(old).execute(connection)?;
    Ok(())
}
