//! Which key file the database belongs to.

use diesel::prelude::*;

use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::key_fingerprints;

/// The key of the only row.
const ONE: i64 = 1;

/// The fingerprint the database keeps, if it was ever opened with a key.
///
/// # Errors
/// Storage failed.
pub fn find(connection: &mut AnyConnection) -> Result<Option<String>, StorageError> {
    let row = key_fingerprints::table.find(ONE).select(key_fingerprints::fingerprint);
    Ok(row.first::<String>(connection).optional()?)
}

/// The fingerprint the database keeps; where it has none yet, `fingerprint` from now on.
///
/// # Errors
/// Storage failed.
pub fn kept(connection: &mut AnyConnection, fingerprint: &str) -> Result<String, StorageError> {
    if let Some(kept) = find(connection)? {
        return Ok(kept);
    }
    let row = (key_fingerprints::one.eq(ONE), key_fingerprints::fingerprint.eq(fingerprint));
    let added = diesel::insert_into(key_fingerprints::table).values(row).execute(connection);
    match added.map_err(StorageError::from) {
        // Of several instances that start at once the first one's stays.
        Ok(_) | Err(StorageError::Stale) => Ok(find(connection)?.unwrap_or_default()),
        Err(other) => Err(other),
    }
}
