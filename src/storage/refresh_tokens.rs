//! Refresh tokens: each is used once, and one that comes again gives its thief away.

use diesel::prelude::*;

use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::refresh_tokens;

/// A refresh token by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
pub struct RefreshTokenRow {
    pub digest: String,
    pub session: String,
    pub issued_at_ms: i64,
    pub used_at_ms: Option<i64>,
}

/// Adds a token.
///
/// # Errors
/// Storage failed.
pub fn add(connection: &mut AnyConnection, token: &RefreshTokenRow) -> Result<(), StorageError> {
    diesel::insert_into(refresh_tokens::table).values(token).execute(connection)?;
    Ok(())
}

/// The token of a digest.
///
/// # Errors
/// Storage failed.
pub fn find(connection: &mut AnyConnection, digest: &str) -> Result<Option<RefreshTokenRow>, StorageError> {
    Ok(refresh_tokens::table
        .find(digest)
        .select(RefreshTokenRow::as_select())
        .first(connection)
        .optional()?)
}

/// Uses a token; `false` when it was used before.
///
/// # Errors
/// Storage failed.
pub fn use_once(connection: &mut AnyConnection, digest: &str, at_ms: i64) -> Result<bool, StorageError> {
    let changed = diesel::update(refresh_tokens::table.find(digest))
        .filter(refresh_tokens::used_at_ms.is_null())
        .set(refresh_tokens::used_at_ms.eq(at_ms))
        .execute(connection)?;
    Ok(changed == 1)
}
