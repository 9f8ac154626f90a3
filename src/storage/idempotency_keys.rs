//! Answers kept under the caller's `Idempotency-Key`, written in the transaction of the act itself.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::storage::advisory_lock::{self, Kind};
use crate::storage::database::{AnyConnection, on_either};
use crate::storage::error::StorageError;
use crate::storage::same_text::SameText;
use crate::storage::schema::idempotency_keys;
use crate::storage::written_insert::written_insert;

/// A kept answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
pub struct KeptAnswer {
    pub account: String,
    pub key: String,
    /// SHA-256 of the request: what it is for, its precondition and its body.
    pub request_hash: String,
    /// What the use case answered, as JSON.
    pub answer: String,
    pub at_ms: i64,
}

written_insert!(
    idempotency_keys, KeptAnswer, account: Text, key: Text, request_hash: Text, answer: Text, at_ms: BigInt,
);

/// Takes the key for this transaction; `false` while another transaction has it (PostgreSQL).
/// SQLite's writer runs one transaction at a time, so there it is always free.
///
/// # Errors
/// Storage failed.
pub fn take(connection: &mut AnyConnection, account: &str, key: &str) -> Result<bool, StorageError> {
    advisory_lock::take_if_free(connection, Kind::IdempotencyKey, &format!("{account}/{key}"))
}

/// The answer kept under a key.
///
/// # Errors
/// Storage failed.
pub fn find(
    connection: &mut AnyConnection,
    account: &str,
    key: &str,
) -> Result<Option<KeptAnswer>, StorageError> {
    let found = on_either!(connection, connection => SameText(idempotency_keys::table
        .find((account, key))
        .select(KeptAnswer::as_select())
        .limit(1))
        .get_result(connection));
    Ok(found.optional()?)
}

/// Keeps an answer.
///
/// # Errors
/// `Stale` when the key has one.
pub fn add(connection: &mut AnyConnection, answer: &KeptAnswer) -> Result<(), StorageError> {
    let insert = Insert([answer]);
    on_either!(connection, connection => insert.execute(connection))?;
    Ok(())
}
