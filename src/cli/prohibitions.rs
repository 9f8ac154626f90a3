//! `zhaosheng prohibitions ENTRY_FOLDER RESULT`: the ten prohibitions (十项严禁), one line each, with counts.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::progress_bar::Bar;
use crate::cli::standard_streams::print_line;
use crate::domain::compulsory::prohibition::Seen;
use crate::service::compulsory::check_prohibitions::check_prohibitions;

/// An entry and its result, and what was made of it since.
#[derive(clap::Args)]
pub struct ProhibitionsArgs {
    /// The entry folder (`entry.toml` and its sheets).
    entry: PathBuf,
    /// The result folder that `admit` wrote of it; it is verified first.
    result: PathBuf,
    /// A result folder of `classes`, to check that there are no key classes.
    #[arg(long, value_name = "DIR")]
    classes: Vec<PathBuf>,
    /// A register, to check that nobody is on it falsely.
    #[arg(long = "register", value_name = "REGISTER.csv")]
    registers: Vec<PathBuf>,
}

/// Prints a line per prohibition; refuses when one is broken.
pub fn run(args: &ProhibitionsArgs, json: bool) -> Result<(), Stop> {
    let bar = Bar::new(false);
    let found = check_prohibitions(&args.entry, &args.result, &args.classes, &args.registers, &bar);
    let found = found.map_err(stop)?;
    bar.done();
    let mut broken = Vec::new();
    let mut told = Vec::new();
    for line in &found {
        let (number, word, what) = (line.number, line.word, line.what);
        match &line.seen {
            Seen::Checked { rows, breaches } => {
                let count = breaches.len();
                told.push(json!({ "number": number, "word": word, "what": what, "in_the_data": true,
                                  "rows": rows, "breaches": breaches }));
                if !json {
                    print_line!("{number:>2} {word}: {count} breaches on {rows} rows: {what}");
                }
                broken.extend(breaches.iter().map(|breach| format!("{number} {word}: {breach}")));
            }
            Seen::NotInTheData => {
                told.push(json!({ "number": number, "word": word, "what": what, "in_the_data": false }));
                if !json {
                    print_line!("{number:>2} {word}: not in the data: {what}");
                }
            }
        }
    }
    if json {
        print_line!("{}", Value::Array(told));
    }
    if broken.is_empty() { Ok(()) } else { Err(Stop::Refused(broken)) }
}
