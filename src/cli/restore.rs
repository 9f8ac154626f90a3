//! `zhaosheng restore FILE`: a backup into an empty database; `--compare`: a database against a backup.

use std::path::PathBuf;

use crate::cli::answer::Stop;
use crate::cli::backup::rows;
use crate::cli::database::{DatabaseArgs, blocked};
use crate::cli::standard_streams::print_line;
use crate::service::backup::compare_backup::compare_backup;
use crate::service::backup::restore_backup::restore_backup;
use crate::service::secrets::master_key::MasterKey;

/// Restores a backup, compares every table by hash and checks the record of acts; runs no migration.
#[derive(clap::Args)]
pub struct RestoreArgs {
    /// The file `backup` wrote, with its manifest beside it.
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
    /// Write nothing: compare the database as it stands with the backup.
    #[arg(long)]
    compare: bool,
}

/// Restores or compares, and says what was checked; a difference is a refusal.
pub fn run(args: &RestoreArgs, json: bool) -> Result<(), Stop> {
    let (compared, verified) = if args.compare {
        let database = args.database.open_existing()?;
        (blocked(compare_backup(&database, &args.file))??, None)
    } else {
        let path = args.database.key_path();
        let master = MasterKey::open(&path).map_err(|fault| {
            Stop::Environment(format!("{fault}; put the key file of the backed-up database there"))
        })?;
        let restored = blocked(restore_backup(&args.file, args.database.url(), &master))??;
        (restored.compared, Some(restored.verified))
    };
    let manifest = &compared.manifest;
    if json {
        let told = serde_json::json!({
            "restored": !args.compare, "made_at": manifest.made_at, "tables": manifest.content.tables.len(),
            "rows": rows(manifest), "differences": compared.differences, "audit": verified,
        });
        print_line!("{told}");
    } else {
        print_line!(
            "backup of {}: {} tables, {} rows, {} tables differ",
            manifest.made_at,
            manifest.content.tables.len(),
            rows(manifest),
            compared.differences.len()
        );
        if let Some(verified) = &verified {
            print_line!("record of acts: {} lines, {} rows checked", verified.lines, verified.rows);
        }
    }
    let mut refused = compared.differences;
    refused.extend(verified.iter().flat_map(|verified| &verified.findings).map(ToString::to_string));
    if refused.is_empty() { Ok(()) } else { Err(Stop::Refused(refused)) }
}
