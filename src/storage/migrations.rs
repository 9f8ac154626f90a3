//! The one folder of migrations, for both databases.

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};
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
        // Instances that start together take turns.
        postgres.batch_execute("SELECT pg_advisory_lock(7430001)")?;
    }
    let ran = connection
        .run_pending_migrations(MIGRATIONS)
        .map(|ran| ran.iter().map(ToString::to_string).collect())
        .map_err(broken);
    if let AnyConnection::Postgres(postgres) = connection {
        // The lock would last as long as the pooled connection, and the next instance would wait for this one's end.
        postgres.batch_execute("SELECT pg_advisory_unlock(7430001)")?;
    }
    ran
}

/// The steps that are in the program and not yet in the database.
///
/// # Errors
/// The database cannot tell.
pub fn pending(connection: &mut AnyConnection) -> Result<Vec<String>, StorageError> {
    let pending = connection.pending_migrations(MIGRATIONS).map_err(broken)?;
    Ok(pending.iter().map(|step| step.name().to_string()).collect())
}

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = Text)]
    version: String,
}

/// The version of the last step that ran in the database; it changes nothing.
///
/// # Errors
/// No step ever ran.
pub fn last(connection: &mut AnyConnection) -> Result<String, StorageError> {
    let sql = "SELECT MAX(version) AS version FROM __diesel_schema_migrations";
    Ok(diesel::sql_query(sql).get_result::<Last>(connection)?.version)
}
