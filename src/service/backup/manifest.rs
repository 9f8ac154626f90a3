//! What lies beside a backup: the hash of its file, and what the database held, table by table.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::service::audit::verify_audit::Checkpoint;
use crate::service::backup::whole_file::{Part, beside, failed, size_and_hash};
use crate::service::error::ServiceError;
use crate::storage::database::AnyConnection;
pub use crate::storage::table_contents::TableContent;
use crate::storage::table_contents::table_contents;
use crate::storage::{audit_lines, key_fingerprints, migrations};

/// What a manifest's name ends with, behind the name of the backup.
pub const ENDING: &str = ".manifest.json";

const FORMAT: &str = "backup/1";

/// The manifest of a backup; it holds hashes and counts only, nothing secret and nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always `backup/1`.
    pub format: String,
    /// The version of the program that made it.
    pub program: String,
    /// By the database's clock, before the copy began.
    pub made_at: jiff::Timestamp,
    pub database: Kind,
    pub bytes: u64,
    /// Of the backup's file.
    pub sha256: String,
    pub content: Content,
}

/// Which database a backup is of; it is restored into the same kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// What a database holds at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// The last migration that ran.
    pub migration: String,
    /// Which master key it belongs to; the key itself is never in a backup.
    pub key_fingerprint: String,
    /// Where each chain of the record of acts stood.
    pub audit_heads: Vec<Checkpoint>,
    /// Every table, audited or not.
    pub tables: BTreeMap<String, TableContent>,
}

impl Kind {
    /// The kind a URL names.
    pub fn of(url: &str) -> Kind {
        if url.starts_with("sqlite://") { Kind::Sqlite } else { Kind::Postgres }
    }
}

impl Content {
    /// Reads it in the caller's transaction.
    ///
    /// # Errors
    /// `Conflict` `no_key` where no service ever opened the database; storage failed.
    pub fn of(connection: &mut AnyConnection) -> Result<Content, ServiceError> {
        let key_fingerprint = key_fingerprints::find(connection)?.ok_or_else(|| {
            ServiceError::conflict("no_key", "no service ever opened this database: it holds nothing")
        })?;
        let heads = audit_lines::heads(connection)?.into_iter();
        Ok(Content {
            migration: migrations::last(connection)?,
            key_fingerprint,
            audit_heads: heads
                .map(|head| Checkpoint { chain: head.chain, number: head.number, seal: head.seal })
                .collect(),
            tables: table_contents(connection)?,
        })
    }

    /// Every table that is not the same in both, in words: of a database that should be this content.
    pub fn differences(&self, database: &Content) -> Vec<String> {
        let names: BTreeSet<&String> = self.tables.keys().chain(database.tables.keys()).collect();
        let tell = |name: &String| match (self.tables.get(name), database.tables.get(name)) {
            (Some(kept), Some(found)) if kept.rows != found.rows => {
                Some(format!("table {name}: {} rows, the backup has {}", found.rows, kept.rows))
            }
            (Some(kept), Some(found)) if kept != found => {
                Some(format!("table {name}: {} rows as in the backup, but other content", found.rows))
            }
            (Some(_), Some(_)) => None,
            (Some(_), None) => Some(format!("table {name}: is missing")),
            (None, _) => Some(format!("table {name}: is not in the backup")),
        };
        names.into_iter().filter_map(tell).collect()
    }
}

impl Manifest {
    /// The manifest of a finished file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(
        file: &Path,
        database: Kind,
        made_at_ms: i64,
        content: Content,
    ) -> Result<Manifest, ServiceError> {
        let (bytes, sha256) = size_and_hash(file)?;
        let made_at = jiff::Timestamp::from_millisecond(made_at_ms)
            .map_err(|error| ServiceError::Internal(format!("the database's clock: {error}")))?;
        Ok(Manifest {
            format: FORMAT.to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            made_at,
            database,
            bytes,
            sha256,
            content,
        })
    }

    /// Where the manifest of a backup lies.
    pub fn path(backup: &Path) -> PathBuf {
        beside(backup, ENDING)
    }

    /// Writes it beside its backup.
    ///
    /// # Errors
    /// The disk failed.
    pub fn write(&self, backup: &Path) -> Result<(), ServiceError> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| ServiceError::Internal(format!("the manifest: {error}")))?;
        let part = Part::begin(&Manifest::path(backup))?;
        fs::write(&part.path, text + "\n").map_err(failed(&part.path))?;
        part.settle()
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// It is not there, or `Invalid`: it is no manifest.
    pub fn read(path: &Path) -> Result<Manifest, ServiceError> {
        let text = fs::read_to_string(path).map_err(failed(path))?;
        let invalid = |rule: String| ServiceError::invalid(&path.display().to_string(), "no_manifest", rule);
        let manifest: Manifest =
            serde_json::from_str(&text).map_err(|error| invalid(format!("is no manifest: {error}")))?;
        if manifest.format != FORMAT {
            return Err(invalid(format!("format is {:?}, this program reads {FORMAT}", manifest.format)));
        }
        Ok(manifest)
    }

    /// Reads the manifest of a backup, if the backup's file is what the manifest says.
    ///
    /// # Errors
    /// As [`Manifest::read`]; `Conflict` `altered` when a byte of the file is another one.
    pub fn of_backup(backup: &Path) -> Result<Manifest, ServiceError> {
        let manifest = Manifest::read(&Manifest::path(backup))?;
        let (bytes, sha256) = size_and_hash(backup)?;
        if (bytes, &sha256) != (manifest.bytes, &manifest.sha256) {
            let detail = format!(
                "{}: {bytes} bytes, SHA-256 {sha256}; its manifest says {} bytes, {}: the file is damaged or \
                 another one",
                backup.display(),
                manifest.bytes,
                manifest.sha256
            );
            return Err(ServiceError::conflict("altered", detail));
        }
        Ok(manifest)
    }
}
