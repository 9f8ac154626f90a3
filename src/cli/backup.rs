//! `zhaosheng backup`: one file of the running database, and a manifest of hashes beside it.

use std::path::PathBuf;

use crate::cli::answer::Stop;
use crate::cli::database::{DatabaseArgs, blocked};
use crate::cli::standard_streams::print_line;
use crate::service::backup::back_up::back_up;
use crate::service::backup::manifest::Manifest;

/// Backs the database up while the service runs. The key file is not in it: keep that elsewhere.
#[derive(clap::Args)]
pub struct BackupArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The file to write; FILE.manifest.json goes beside it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace a backup of that name.
    #[arg(long)]
    force: bool,
}

/// Backs up and says what was written.
pub fn run(args: &BackupArgs, json: bool) -> Result<(), Stop> {
    let database = args.database.open_existing()?;
    let manifest = blocked(back_up(&database, args.database.url(), &args.out, args.force))??;
    let (tables, rows) = (manifest.content.tables.len(), rows(&manifest));
    if json {
        let told = serde_json::json!({
            "file": args.out.display().to_string(), "bytes": manifest.bytes, "sha256": manifest.sha256,
            "tables": tables, "rows": rows, "made_at": manifest.made_at,
        });
        print_line!("{told}");
    } else {
        print_line!("{}: {} bytes, {tables} tables, {rows} rows", args.out.display(), manifest.bytes);
        print_line!("sha256 {}", manifest.sha256);
    }
    Ok(())
}

/// The rows of all tables.
pub fn rows(manifest: &Manifest) -> u64 {
    manifest.content.tables.values().map(|table| table.rows).sum()
}
