//! `zhaosheng register feed`: a season folder filled from the register, each value with its rows.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::standard_streams::print_line;
use crate::service::compulsory::feed_register::feed_register;

const CONTRACT: &str = "\
REGISTER has a row per spell: register_no, person, school_code, status (enrolled, suspended, deferred,
dropped, transferred, graduated), from; and, where they are known, until, stage (primary, junior),
class_of (the year the class finishes; else three years after she came), household (division).
The season folder has a sheet more, register_numbers.csv: exam_no, register_no.
Written: the season folder with junior_code, register_from, attended, repeat and, where the register
tells a household, local of candidates.csv and graduates of junior_schools.csv; beside it register.csv,
register_trace.csv (exam_no, column, value, register_rows, reason) and graduates_trace.csv.
What the sheets hold already must be what the register tells.
Exit code: 0 done, 2 bad input or a contradiction, 3 environment.";

#[derive(clap::Args)]
#[command(after_help = CONTRACT)]
pub struct FeedArgs {
    /// The register as CSV.
    register: PathBuf,
    /// The season folder, with `register_numbers.csv`.
    #[arg(long, value_name = "FOLDER")]
    season: PathBuf,
    /// The season folder to write.
    #[arg(long)]
    out: PathBuf,
}

/// Feeds and tells what was fed.
pub fn run(args: &FeedArgs, json: bool) -> Result<(), Stop> {
    let fed = feed_register(&args.register, &args.season, &args.out).map_err(stop)?;
    if json {
        print_line!(
            "{}",
            json!({ "candidates": fed.candidates, "on_register": fed.on_register,
                    "register_rows": fed.register_rows, "reasons": fed.reasons,
                    "graduates": fed.graduates, "out": args.out.display().to_string() })
        );
        return Ok(());
    }
    let rows = fed.register_rows;
    print_line!("{} of {} candidates from {rows} rows of the register", fed.on_register, fed.candidates);
    for (reason, candidates) in &fed.reasons {
        print_line!("  {reason:<16} {candidates:>8}");
    }
    print_line!("{} graduates\nwritten to {}", fed.graduates, args.out.display());
    Ok(())
}
