//! `zhaosheng migrate`: brings the database to this program's tables.

use crate::cli::answer::Stop;
use crate::cli::database::DatabaseArgs;
use crate::cli::standard_streams::print_line;
use crate::service::app::migrate;

/// Runs the migrations that have not run yet.
#[derive(clap::Args)]
pub struct MigrateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Migrates and prints what ran.
pub fn run(args: &MigrateArgs, json: bool) -> Result<(), Stop> {
    let ran = migrate(&args.database.open()?).map_err(|error| Stop::Environment(error.to_string()))?;
    if json {
        print_line!("{}", serde_json::json!({ "ran": ran }));
    } else if ran.is_empty() {
        print_line!("nothing to do");
    } else {
        ran.iter().for_each(|step| print_line!("{step}"));
    }
    Ok(())
}
