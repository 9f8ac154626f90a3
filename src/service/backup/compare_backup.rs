//! A database is compared with a backup, table by table, by hash.

use std::path::Path;

use crate::service::app::Database;
use crate::service::backup::manifest::{Content, Manifest};
use crate::service::error::ServiceError;

/// What a comparison saw.
#[derive(Clone, Debug)]
pub struct Compared {
    pub manifest: Manifest,
    /// Every table that differs, in words; empty when the database holds what the backup does.
    pub differences: Vec<String>,
}

/// Compares a database as it stands now with the backup in a file.
///
/// # Errors
/// The backup is damaged (`Conflict` `altered`) or without a manifest; storage failed.
pub async fn compare_backup(database: &Database, file: &Path) -> Result<Compared, ServiceError> {
    with_manifest(database, Manifest::of_backup(file)?).await
}

/// As [`compare_backup`], with a manifest whose file was checked before.
///
/// # Errors
/// Storage failed.
pub async fn with_manifest(database: &Database, manifest: Manifest) -> Result<Compared, ServiceError> {
    let now = database.read(Content::of).await?;
    Ok(Compared { differences: manifest.content.differences(&now), manifest })
}
