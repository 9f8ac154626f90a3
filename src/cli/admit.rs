//! `zhaosheng admit FOLDER --out DIR`: a whole season folder, or an entry of compulsory education, without a server.

use std::path::PathBuf;

use crate::cli::answer::Stop;
use crate::cli::progress_bar::Bar;
use crate::cli::summary;
use crate::service::admit_folder::{NoResult, admit, write_result};
use crate::service::compare_policies::compare_policies;
use crate::service::compulsory::compare_entry_policies::compare_entry_policies;
use crate::service::compulsory::place_entry::{ENTRY_POLICY, place_entry, write_entry};

/// A season folder in, a result folder out.
#[derive(clap::Args)]
pub struct AdmitArgs {
    /// The season folder (`season.toml` and its sheets), or an entry folder (`entry.toml` and its sheets).
    folder: PathBuf,
    /// The result folder to write.
    #[arg(long, required_unless_present = "compare")]
    out: Option<PathBuf>,
    /// Run the same data under another policy too, and tell what the difference costs; writes nothing.
    #[arg(long, value_name = "OTHER.toml", conflicts_with = "out")]
    compare: Option<PathBuf>,
    /// Tell the milliseconds of every stage on standard error.
    #[arg(long)]
    timings: bool,
}

/// Runs the season, writes the result, prints a summary.
pub fn run(args: &AdmitArgs, json: bool) -> Result<(), Stop> {
    if args.folder.join(ENTRY_POLICY).is_file() {
        return entry(args, json);
    }
    let bar = Bar::new(args.timings);
    let (season, run) = admit(&args.folder, &bar).map_err(stop)?;
    if let Some(other) = &args.compare {
        let comparison = compare_policies(&args.folder, &season, &run, other, &bar).map_err(stop)?;
        bar.done();
        return summary::print_comparison(&season, &comparison, json);
    }
    let written = match &args.out {
        Some(out) => {
            let root =
                write_result(&season, &run, out, &bar).map_err(|error| stop(NoResult::Broken(error)))?;
            Some((out.as_path(), root))
        }
        None => None,
    };
    bar.done();
    summary::print(&season, &run, written, json)
}

/// Places an entry, writes the result, prints a summary.
fn entry(args: &AdmitArgs, json: bool) -> Result<(), Stop> {
    let bar = Bar::new(args.timings);
    let (entry, run) = place_entry(&args.folder, &bar).map_err(stop)?;
    if let Some(other) = &args.compare {
        let compared = compare_entry_policies(&args.folder, (&entry, &run), other, &bar).map_err(stop)?;
        bar.done();
        summary::print_entry_comparison(&entry, &run, &compared, json);
        return Ok(());
    }
    // Without --compare there is --out: clap sees to it.
    let Some(out) = args.out.as_deref() else { return Ok(()) };
    let root = write_entry(&entry, &run, out, &bar).map_err(|error| stop(NoResult::Broken(error)))?;
    bar.done();
    summary::print_entry(&entry, &run, out, &root, json);
    Ok(())
}

/// How the command line tells that there is no result.
pub fn stop(why: NoResult) -> Stop {
    match why {
        NoResult::Faults(faults) => Stop::BadInput(faults),
        NoResult::Breaches(breaches) => Stop::Refused(breaches),
        NoResult::Broken(error) => Stop::Environment(error.to_string()),
    }
}
