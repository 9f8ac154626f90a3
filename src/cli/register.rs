//! `zhaosheng register`: opens the register of an entry after the children arrived, checks registers, feeds seasons.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::progress_bar::Bar;
use crate::cli::register_feed::{self, FeedArgs};
use crate::cli::standard_streams::print_line;
use crate::domain::compulsory::register_spell::RegisterStatus;
use crate::service::compulsory::check_registers::check_registers;
use crate::service::compulsory::open_register::{OpeningRequest, open_entry_register};

/// What to do with a register.
#[derive(clap::Args)]
pub struct RegisterArgs {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Open the register of those an entry admitted: register.csv, no_shows.csv, document_faults.csv.
    Open(OpenArgs),
    /// Check registers together: numbers, one person one register, overlapping spells.
    Check(CheckArgs),
    /// Fill a season folder from the register: who may use a quota seat, and how many graduate where.
    Feed(FeedArgs),
}

#[derive(clap::Args)]
struct OpenArgs {
    /// The entry folder (`entry.toml` and its sheets).
    entry: PathBuf,
    /// The result folder that `admit` wrote of it; it is verified first.
    result: PathBuf,
    /// The sheet of arrivals: child_no, arrived (yes, no), documents (ok, faulty, missing), note ...
    #[arg(long)]
    arrivals: PathBuf,
    /// The folder to write; it must be new or empty.
    #[arg(long)]
    out: PathBuf,
    /// The county's division (GB/T 2260), for numbers of children without an identity card.
    #[arg(long)]
    division: Option<String>,
    /// A register that stands already: its numbers are not given again, nobody is registered twice.
    #[arg(long = "earlier", value_name = "REGISTER.csv")]
    earlier: Vec<PathBuf>,
}

#[derive(clap::Args)]
struct CheckArgs {
    /// Sheets of registers, of one school or of many.
    #[arg(required = true)]
    registers: Vec<PathBuf>,
}

/// Does it.
pub fn run(args: &RegisterArgs, json: bool) -> Result<(), Stop> {
    match &args.act {
        Act::Open(args) => open(args, json),
        Act::Check(args) => check(args, json),
        Act::Feed(args) => register_feed::run(args, json),
    }
}

fn open(args: &OpenArgs, json: bool) -> Result<(), Stop> {
    let bar = Bar::new(false);
    let request = OpeningRequest {
        entry: &args.entry,
        result: &args.result,
        arrivals: &args.arrivals,
        division: args.division.as_deref(),
        earlier: &args.earlier,
    };
    let opened = open_entry_register(&request, &bar).map_err(stop)?;
    opened.write(&args.out).map_err(|error| stop(error.into()))?;
    bar.done();
    let [enrolled, suspended, deferred, no_shows] = [
        RegisterStatus::Enrolled,
        RegisterStatus::Suspended,
        RegisterStatus::Deferred,
        RegisterStatus::Dropped,
    ]
    .map(|status| opened.count(status));
    let (faulty, out) = (opened.document_faults(), args.out.display().to_string());
    if json {
        let told = json!({ "enrolled": enrolled, "suspended": suspended, "deferred": deferred,
                           "no_shows": no_shows, "document_faults": faulty, "out": out });
        print_line!("{told}");
    } else {
        print_line!(
            "{enrolled} enrolled, {suspended} suspended, {deferred} deferred, {no_shows} did not come"
        );
        print_line!("{faulty} with documents that are not in order\nwritten to {out}");
    }
    Ok(())
}

fn check(args: &CheckArgs, json: bool) -> Result<(), Stop> {
    let report = check_registers(&args.registers);
    if !report.faults.is_empty() {
        return Err(Stop::BadInput([report.faults, report.breaches].concat()));
    }
    if !report.breaches.is_empty() {
        return Err(Stop::Refused(report.breaches.iter().map(ToString::to_string).collect()));
    }
    if json {
        print_line!("{}", json!({ "lines": report.lines, "persons": report.persons, "breaches": 0 }));
    } else {
        print_line!("{} lines of {} persons, no breach", report.lines, report.persons);
    }
    Ok(())
}
