//! `zhaosheng demo`: generates the demonstration city, runs its season, shows the result.

use std::path::PathBuf;

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::progress_bar::Bar;
use crate::cli::summary;
use crate::domain::fault::Fault;
use crate::domain::progress::Progress;
use crate::service::admit_folder::{NoResult, admit, write_result};
use crate::service::generate_city::{SIZES, write_city};

/// The demonstration city: invented people, published shapes.
#[derive(clap::Args)]
pub struct DemoArgs {
    /// How many candidates, 1,000 to 10,000,000.
    #[arg(long, default_value_t = 30_000)]
    size: u64,
    /// The same seed gives the same city, byte for byte.
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// Where the city (`season/`) and its result (`result/`) go.
    #[arg(long, default_value = "demo-city")]
    folder: PathBuf,
    /// Only write the season folder.
    #[arg(long)]
    generate_only: bool,
    /// Tell the milliseconds of every stage on standard error.
    #[arg(long)]
    timings: bool,
}

/// Generates, admits, writes, prints.
pub fn run(args: &DemoArgs, json: bool) -> Result<(), Stop> {
    if !SIZES.contains(&args.size) {
        let rule = format!("must be from {} to {}", SIZES.start(), SIZES.end());
        return Err(Stop::BadInput(vec![Fault::at("--size", rule)]));
    }
    let season_folder = args.folder.join("season");
    let result_folder = args.folder.join("result");
    let broken = |error: std::io::Error| stop(NoResult::Broken(error));
    let bar = Bar::new(args.timings);
    bar.stage("generate the city", args.size);
    std::fs::create_dir_all(&season_folder).map_err(broken)?;
    write_city(&season_folder, args.size, args.seed).map_err(broken)?;
    if args.generate_only {
        bar.done();
        println!("{}", season_folder.display());
        return Ok(());
    }
    let (season, run) = admit(&season_folder, &bar).map_err(stop)?;
    let root = write_result(&season, &run, &result_folder, &bar).map_err(broken)?;
    bar.done();
    if !json {
        println!("DEMONSTRATION: invented people and schools. Season folder: {}\n", season_folder.display());
    }
    summary::print(&season, &run, Some((&result_folder, root)), json)
}
