//! `zhaosheng dropouts FOLDER --out DIR`: the drop-out ledger, every primary graduate accounted for once.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::progress_bar::Bar;
use crate::cli::standard_streams::print_line;
use crate::service::compulsory::keep_dropout_ledger::keep_dropout_ledger;

/// A tracking's folder in, the ledger out.
#[derive(clap::Args)]
pub struct DropoutsArgs {
    /// The folder: `tracking.toml`, `graduates.csv`, `register.csv` of the junior highs, and where there are any
    /// `outcomes.csv` and `steps.csv`.
    folder: PathBuf,
    /// The folder to write; it must be new or empty.
    #[arg(long)]
    out: PathBuf,
}

/// Makes the ledger and says how many stand where.
pub fn run(args: &DropoutsArgs, json: bool) -> Result<(), Stop> {
    let bar = Bar::new(false);
    let kept = keep_dropout_ledger(&args.folder, &bar).map_err(stop)?;
    kept.write(&args.out).map_err(|error| stop(error.into()))?;
    bar.done();
    let (total, findings, out) = (kept.total(), kept.ledger.findings.len(), args.out.display().to_string());
    if json {
        let told = json!({ "graduates": total.graduates(), "in_junior": total.in_junior, "settled": total.settled,
                           "unreported": total.unreported, "findings": findings, "out": out });
        print_line!("{told}");
    } else {
        print_line!(
            "{} graduates: {} in a junior high, {} accounted for otherwise, {} not accounted for",
            total.graduates(),
            total.in_junior,
            total.settled,
            total.unreported
        );
        print_line!("{findings} findings to look at\nwritten to {out}");
    }
    Ok(())
}
