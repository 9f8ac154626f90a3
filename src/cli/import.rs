//! `zhaosheng import FOLDER`: checks a season folder and tells its control totals.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::answer::Stop;
use crate::cli::progress_bar::Bar;
use crate::domain::progress::Progress;
use crate::files::season_folder::read_season;

/// A season folder to check.
#[derive(clap::Args)]
pub struct ImportArgs {
    /// The folder with `season.toml` and its sheets (CSV, xlsx or DBF).
    folder: PathBuf,
}

/// Lists every fault at once, or the totals an office compares with its paper.
pub fn run(args: &ImportArgs, json: bool) -> Result<(), Stop> {
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
        println!("{}", serde_json::Value::Object(told));
    } else {
        println!("no fault found in {}", args.folder.display());
        for (word, number) in totals {
            println!("  {word:<16} {number:>12}");
        }
    }
    Ok(())
}
