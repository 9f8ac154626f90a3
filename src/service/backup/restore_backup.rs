//! A backup is brought into a database that is empty, and proves there that it is what was backed up.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::service::app::Database;
use crate::service::audit::verify_audit::{Verified, verify_audit};
use crate::service::backup::compare_backup::{Compared, with_manifest};
use crate::service::backup::manifest::{Kind, Manifest};
use crate::service::backup::postgres_tools;
use crate::service::backup::whole_file::{Part, beside, failed};
use crate::service::error::ServiceError;
use crate::service::secrets::master_key::{MasterKey, Purpose};
use crate::storage::audit_lines::AuditKey;
use crate::storage::database::in_closed_file;
use crate::storage::table_contents::table_names;

/// What a restored database was found to be.
#[derive(Clone, Debug)]
pub struct Restored {
    pub compared: Compared,
    /// The record of acts, checked from its first line to the heads in the manifest.
    pub verified: Verified,
}

/// Restores a backup into the database at `url` and checks it there; no migration runs.
///
/// # Errors
/// `Conflict` `altered` (a damaged file), `other_key`, `other_kind`, `not_empty`; `Internal` when a disk or
/// `pg_restore` fails.
pub async fn restore_backup(file: &Path, url: &str, master: &MasterKey) -> Result<Restored, ServiceError> {
    let manifest = Manifest::of_backup(file)?;
    if manifest.database != Kind::of(url) {
        let detail = format!("the backup is of {:?}: it is restored into the same kind", manifest.database);
        return Err(ServiceError::conflict("other_kind", detail));
    }
    let (wanted, given) = (&manifest.content.key_fingerprint, master.fingerprint());
    if *wanted != given {
        let detail =
            format!("the backup belongs to the key file with fingerprint {wanted}, given is {given}");
        return Err(ServiceError::conflict("other_key", detail));
    }
    let database = match url.strip_prefix("sqlite://") {
        Some(path) => {
            copy(file, Path::new(path))?;
            Database::open(url)?
        }
        None => {
            let database = Database::open(url)?;
            let tables = database.outside_transactions(table_names)?.len();
            if tables > 0 {
                return Err(not_empty(&format!("the database has {tables} tables")));
            }
            let arguments: [&OsStr; 5] = [
                "--exit-on-error".as_ref(),
                "--single-transaction".as_ref(),
                "--no-owner".as_ref(),
                "--no-privileges".as_ref(),
                file.as_ref(),
            ];
            postgres_tools::run("pg_restore", url, &arguments)?;
            database
        }
    };
    let heads = manifest.content.audit_heads.clone();
    let compared = with_manifest(&database, manifest).await?;
    let audit_key = AuditKey(*master.derive(Purpose::AuditSeal).bytes());
    let verified = verify_audit(&database, &audit_key, heads).await?;
    Ok(Restored { compared, verified })
}

/// Copies a SQLite backup to where nothing is yet.
fn copy(file: &Path, to: &Path) -> Result<(), ServiceError> {
    // A journal that was left behind would be played into the restored file.
    for ending in ["-wal", "-shm", "-journal"] {
        let journal = beside(to, ending);
        if journal.exists() {
            return Err(not_empty(&format!(
                "{} is there: the database is in use, or was",
                journal.display()
            )));
        }
    }
    if to.exists() {
        let tables = in_closed_file(to, table_names)?.len();
        if tables > 0 {
            return Err(not_empty(&format!("{} has {tables} tables", to.display())));
        }
    }
    let part = Part::begin(to)?;
    let mut from = File::open(file).map_err(failed(file))?;
    let mut into = OpenOptions::new().write(true).open(&part.path).map_err(failed(&part.path))?;
    io::copy(&mut from, &mut into).map_err(failed(&part.path))?;
    part.settle()
}

fn not_empty(what: &str) -> ServiceError {
    ServiceError::conflict("not_empty", format!("{what}; a backup is restored into an empty database only"))
}
