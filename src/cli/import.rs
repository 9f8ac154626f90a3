//! `zhaosheng import FOLDER`: checks a season folder and tells its control totals, or brings it into a database.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::answer::Stop;
use crate::cli::database::{DatabaseArgs, blocked};
use crate::cli::progress_bar::Bar;
use crate::cli::standard_streams::print_line;
use crate::domain::progress::Progress;
use crate::files::season_folder::read_season;
use crate::service::data_in::import_folder::{FolderError, import_folder};
use crate::service::error::ServiceError;

/// A season folder to check, or to bring into a database.
#[derive(clap::Args)]
pub struct ImportArgs {
    /// The folder with `season.toml` and its sheets (CSV, xlsx or DBF).
    folder: PathBuf,
    /// Bring the sheets into this season of the database, each all or nothing; without it the folder is
    /// checked and nothing is written.
    #[arg(long, value_name = "CODE")]
    season: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Lists every fault at once, or the totals an office compares with its paper.
pub fn run(args: &ImportArgs, json: bool) -> Result<(), Stop> {
    if let Some(season) = &args.season {
        let app = args.database.app()?;
        let brought = blocked(import_folder(&app, &args.folder, season))?.map_err(folder_stop)?;
        if json {
            let told: serde_json::Map<String, serde_json::Value> =
                brought.iter().map(|(word, rows)| ((*word).to_owned(), json!(rows))).collect();
            print_line!("{}", serde_json::Value::Object(told));
        } else {
            for (word, rows) in brought {
                print_line!("  {word:<16} {rows:>12}");
            }
        }
        return Ok(());
    }
    let bar = Bar::new(false);
    bar.stage("check the season folder", 0);
    let season = read_season(&args.folder).map_err(Stop::BadInput)?;
    bar.done();
    let city = &season.city;
    let seats: u64 = city.programmes.iter().map(|programme| u64::from(programme.seats)).sum();
    let filed = season.preferences.start.windows(2).filter(|pair| pair[0] < pair[1]).count();
    let totals = [
        ("areas", city.areas.len() as u64),
        ("junior_schools", city.juniors.len() as u64),
        ("senior_schools", city.seniors.len() as u64),
        ("programmes", city.programmes.len() as u64),
        ("seats", seats),
        ("overrides", city.overrides.len() as u64),
        ("candidates", season.candidates.len() as u64),
        ("with_preferences", filed as u64),
        ("preferences", season.preferences.batch.len() as u64),
    ];
    if json {
        let told: serde_json::Map<String, serde_json::Value> =
            totals.iter().map(|(word, number)| ((*word).to_owned(), json!(number))).collect();
        print_line!("{}", serde_json::Value::Object(told));
    } else {
        print_line!("no fault found in {}", args.folder.display());
        for (word, number) in totals {
            print_line!("  {word:<16} {number:>12}");
        }
    }
    Ok(())
}

/// How a command ends that could not bring in or write a folder.
pub(crate) fn folder_stop(error: FolderError) -> Stop {
    match error {
        FolderError::Faults(faults) => Stop::BadInput(faults),
        FolderError::Io(error) => Stop::Environment(error.to_string()),
        FolderError::Refused(ServiceError::NotFound) => {
            Stop::Refused(vec!["there is no such season".to_owned()])
        }
        FolderError::Refused(refused) => refused.into(),
    }
}
