//! The database is copied into one file while the service goes on writing, and a manifest laid beside it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::service::app::Database;
use crate::service::backup::manifest::{Content, Kind, Manifest};
use crate::service::backup::postgres_tools;
use crate::service::backup::whole_file::Part;
use crate::service::error::ServiceError;
use crate::storage::clock;
use crate::storage::database::in_closed_file;
use crate::storage::durability::{copy_sqlite_into, export_snapshot, integrity_faults};

/// Writes a backup of the database at `url` to `out`; another file of that name is replaced only with `force`.
///
/// The manifest is of the very state that is in the file: SQLite's copy is read again, PostgreSQL's tables are
/// read in the transaction whose snapshot `pg_dump` takes.
///
/// # Errors
/// `Conflict` `exists`, `no_key`; `Internal` when the disk or `pg_dump` fails.
pub async fn back_up(
    database: &Database,
    url: &str,
    out: &Path,
    force: bool,
) -> Result<Manifest, ServiceError> {
    if !force && (out.exists() || Manifest::path(out).exists()) {
        let detail = format!("{} is there already; another name, or --force", out.display());
        return Err(ServiceError::conflict("exists", detail));
    }
    let part = Part::begin(out)?;
    let (made_at_ms, content) = match Kind::of(url) {
        Kind::Sqlite => sqlite(database, &part.path)?,
        Kind::Postgres => postgres(database, url.to_owned(), part.path.clone()).await?,
    };
    let manifest = Manifest::of(&part.path, Kind::of(url), made_at_ms, content)?;
    part.settle()?;
    manifest.write(out)?;
    Ok(manifest)
}

fn sqlite(database: &Database, part: &Path) -> Result<(i64, Content), ServiceError> {
    let path = part.to_str().ok_or_else(|| {
        ServiceError::invalid("--out", "not_utf8", "must be a path in UTF-8, as SQLite wants it")
    })?;
    let at_ms = database.outside_transactions(|connection| {
        let at_ms = clock::now_ms(connection)?;
        copy_sqlite_into(connection, path)?;
        Ok(at_ms)
    })?;
    let (faults, content) =
        in_closed_file(part, |connection| Ok((integrity_faults(connection)?, Content::of(connection))))?;
    match faults.first() {
        None => Ok((at_ms, content?)),
        Some(fault) => {
            let all = faults.len();
            Err(ServiceError::Internal(format!(
                "the database is damaged, {all} findings; the first: {fault}"
            )))
        }
    }
}

async fn postgres(database: &Database, url: String, part: PathBuf) -> Result<(i64, Content), ServiceError> {
    database
        .read(move |connection| {
            let at_ms = clock::now_ms(connection)?;
            let snapshot = format!("--snapshot={}", export_snapshot(connection)?);
            let arguments: [&OsStr; 4] =
                ["--format=custom".as_ref(), snapshot.as_ref(), "--file".as_ref(), part.as_ref()];
            postgres_tools::run("pg_dump", &url, &arguments)?;
            Ok((at_ms, Content::of(connection)?))
        })
        .await
}
