//! What can go wrong below the use cases: a stale row, a full queue, a broken database.

use std::fmt;

use diesel::result::{DatabaseErrorKind, Error};

/// A failure of storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageError {
    /// A guarded write met a row that somebody else had changed or added meanwhile.
    Stale,
    /// More work waits than the database will do soon, or it went away, and then nobody knows whether the commit was
    /// kept: try again later, under the same key.
    Busy,
    /// The disk of the database is full: nothing was written, and nothing will be until somebody makes room.
    DiskFull,
    /// The disk of the database failed: what it holds is known only after the program was started anew.
    DiskFailed,
    /// A text holds what the database cannot store: a zero character in PostgreSQL.
    Unstorable,
    /// The database refused or was lost; nothing was written. For the log only.
    Broken(String),
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorageError::Stale => f.write_str("somebody else changed the row meanwhile"),
            StorageError::Busy => f.write_str("too much work is waiting"),
            StorageError::DiskFull => f.write_str("the disk of the database is full"),
            StorageError::DiskFailed => f.write_str("the disk of the database failed"),
            StorageError::Unstorable => f.write_str("a text holds a zero character"),
            StorageError::Broken(cause) => f.write_str(cause),
        }
    }
}

impl std::error::Error for StorageError {}

impl From<Error> for StorageError {
    fn from(error: Error) -> StorageError {
        match error {
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => StorageError::Stale,
            // PostgreSQL: two transactions that cannot both come first.
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => StorageError::Busy,
            // The server went away, or is on its way down or up: another one may have taken over when it is asked again.
            Error::DatabaseError(
                DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection,
                _,
            ) => StorageError::Busy,
            Error::DatabaseError(DatabaseErrorKind::Unknown, told)
                if ["terminating connection", "server closed the connection", "the database system is"]
                    .iter()
                    .any(|words| told.message().contains(words)) =>
            {
                StorageError::Busy
            }
            // SQLite's words for a lock not given in time; diesel has no kind for it.
            Error::DatabaseError(DatabaseErrorKind::Unknown, told)
                if told.message().contains("database is locked") =>
            {
                StorageError::Busy
            }
            // SQLite's words; then PostgreSQL's (disk_full, 53100).
            Error::DatabaseError(DatabaseErrorKind::Unknown, told)
                if told.message().contains("database or disk is full")
                    || told.message().contains("No space left on device") =>
            {
                StorageError::DiskFull
            }
            Error::DatabaseError(DatabaseErrorKind::Unknown, told)
                if told.message().contains("disk I/O error") =>
            {
                StorageError::DiskFailed
            }
            Error::DatabaseError(DatabaseErrorKind::Unknown, told)
                if told.message().starts_with("invalid byte sequence for encoding") =>
            {
                StorageError::Unstorable
            }
            // Messages of constraints name columns; details would hold values, so they stay out.
            Error::DatabaseError(kind, told) => StorageError::Broken(format!(
                "{kind:?}: {}",
                told.message().lines().next().unwrap_or_default()
            )),
            other => StorageError::Broken(other.to_string()),
        }
    }
}
