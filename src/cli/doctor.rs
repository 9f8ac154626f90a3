//! `zhaosheng doctor`: the go-live checklist, a line per check.

use std::path::PathBuf;

use crate::cli::answer::Stop;
use crate::cli::database::{DatabaseArgs, blocked};
use crate::cli::standard_streams::print_line;
use crate::service::doctor::check::State;
use crate::service::doctor::examine::{Site, examine};

/// Checks a machine, its database and a season; exit 1 when anything fails.
#[derive(clap::Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Where the service listens or will.
    #[arg(long, env = "ZHAOSHENG_BIND", default_value = "127.0.0.1:8080")]
    bind: String,
    /// The folder with the backups; the newest must not be older than a day.
    #[arg(long, value_name = "FOLDER")]
    backups: Option<PathBuf>,
    /// Check this season too.
    #[arg(long, value_name = "CODE")]
    season: Option<String>,
}

/// Checks and prints.
pub fn run(args: &DoctorArgs, json: bool) -> Result<(), Stop> {
    let site = Site {
        database: args.database.url().to_owned(),
        key_file: args.database.key_path(),
        bind: args.bind.clone(),
        backups: args.backups.clone(),
        season: args.season.clone(),
    };
    let checks = blocked(examine(&site))?;
    for check in &checks {
        if json {
            print_line!("{}", serde_json::json!(check));
        } else {
            print_line!("{:<4}  {:<15}  {}", check.state.word(), check.check, check.told);
        }
    }
    let failed = checks.iter().filter(|check| check.state == State::Fail).count();
    if failed == 0 {
        Ok(())
    } else {
        Err(Stop::Refused(vec![format!("{failed} of {} checks failed", checks.len())]))
    }
}
