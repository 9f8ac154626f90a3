//! The one folder of migrations, for both databases.

use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::storage::database::AnyConnection;
use crate::storage::error::StorageError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

fn broken(error: impl std::fmt::Display) -> StorageError {
    StorageError::Broken(error.to_string())
}

/// Runs what has not run yet and returns the names of what ran.
///
/// # Errors
/// A step failed; the steps before it stay.
pub fn run(connection: &mut AnyConnection) -> Result<Vec<String>, StorageError> {
    if let AnyConnection::Postgres(postgres) = connection {
        // Instances that start together take turns; the lock ends with the session.
        postgres.batch_execute("SELECT pg_advisory_lock(7430001)")?;
    }
    let ran = connection.run_pending_migrations(MIGRATIONS).map_err(broken)?;
    Ok(ran.iter().map(ToString::to_string).collect())
}

/// The steps that are in the program and not yet in the database.
///
/// # Errors
/// The database cannot tell.
pub fn pending(connection: &mut AnyConnection) -> Result<Vec<String>, StorageError> {
    let pending = connection.pending_migrations(MIGRATIONS).map_err(broken)?;
    Ok(pending.iter().map(|step| step.name().to_string()).collect())
}
