//! Locks of PostgreSQL for what no row stands for yet; they end with the transaction.
//!
//! SQLite has one writer at a time and needs none of them.

use diesel::sql_types::{BigInt, Text};
use diesel::{RunQueryDsl, define_sql_function, select};

use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;

define_sql_function! { fn hashtextextended(text: Text, seed: BigInt) -> BigInt; }
// They return nothing that is read: the type stands for void.
define_sql_function! { fn pg_advisory_xact_lock(key: BigInt) -> Bool; }
define_sql_function! { fn pg_advisory_xact_lock_shared(key: BigInt) -> Bool; }
define_sql_function! { fn pg_try_advisory_xact_lock(key: BigInt) -> Bool; }

/// What kind of thing a name names: the seed of its hash, so that equal names of two kinds do not meet.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Held by acceptances together, by whoever closes alone.
    Window = 1,
    IdempotencyKey = 2,
    GuessesAtLogin = 3,
    Form = 4,
    DraftsOfList = 5,
}

/// Waits for everybody else who has the name.
///
/// # Errors
/// Storage failed.
pub fn take(connection: &mut AnyConnection, kind: Kind, name: &str) -> Result<(), StorageError> {
    if let AnyConnection::Postgres(postgres) = connection {
        select(pg_advisory_xact_lock(hashtextextended(name, kind as i64))).execute(postgres)?;
    }
    Ok(())
}

/// Waits for whoever has the name alone.
///
/// # Errors
/// Storage failed.
pub fn share(connection: &mut AnyConnection, kind: Kind, name: &str) -> Result<(), StorageError> {
    if let AnyConnection::Postgres(postgres) = connection {
        select(pg_advisory_xact_lock_shared(hashtextextended(name, kind as i64))).execute(postgres)?;
    }
    Ok(())
}

/// Takes the name unless somebody has it: `false` then, without waiting.
///
/// # Errors
/// Storage failed.
pub fn take_if_free(connection: &mut AnyConnection, kind: Kind, name: &str) -> Result<bool, StorageError> {
    match connection {
        AnyConnection::Sqlite(_) => Ok(true),
        AnyConnection::Postgres(postgres) => {
            Ok(select(pg_try_advisory_xact_lock(hashtextextended(name, kind as i64))).get_result(postgres)?)
        }
    }
}
