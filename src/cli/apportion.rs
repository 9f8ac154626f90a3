//! `zhaosheng apportion INPUT.json [--out OUT.json]`: the bare apportionment, one file in, one out.

use std::path::PathBuf;

use crate::cli::answer::Stop;
use crate::cli::single_file;
use crate::cli::standard_streams::note_line;
use crate::domain::fault::Fault;
use crate::domain::quota::Method;
use crate::engine::apportionment::{Apportionment, Impossible, Terms, apportion};
use crate::engine::biproportional::biproportional;
use crate::engine::controlled_rounding::by_flow;
use crate::files::apportion_file::{Question, Rows, Weights, read, write_cells, write_seats};

/// Which file, and where the answer goes.
#[derive(clap::Args)]
pub struct ApportionArgs {
    /// The question, an `apportion/1` file.
    input: PathBuf,
    /// Write the answer here instead of to standard output.
    #[arg(long, value_name = "OUT")]
    out: Option<PathBuf>,
}

/// Reads, shares out, writes.
pub fn run(args: &ApportionArgs) -> Result<(), Stop> {
    let text = std::fs::read(&args.input)
        .map_err(|error| Stop::Environment(format!("cannot read {}: {error}", args.input.display())))?;
    let answer = answer(read(&text).map_err(Stop::BadInput)?)?;
    single_file::write(args.out.as_deref(), &answer)
}

fn answer(question: Question) -> Result<Vec<u8>, Stop> {
    match question {
        Question::Seats { method, seats, weights } => {
            Ok(write_seats(&share(method, seats, &weights)?.seats()))
        }
        Question::Controlled { rows, mut column_totals, lots } => {
            let row_totals = match rows {
                Rows::Totals(totals) => totals,
                Rows::Shared(weights) => {
                    let shared = share(Method::SainteLague, column_totals.iter().sum(), &weights)?;
                    if shared.beyond_caps > 0 {
                        // What the rows cannot hold, the columns do not give, in proportion.
                        let caps = column_totals.clone();
                        let terms = Terms { caps: Some(&caps), ..Terms::default() };
                        column_totals = apportion(Method::LargestRemainder, shared.placed, &caps, &terms)
                            .map_err(refused)?
                            .seats();
                    }
                    shared.seats()
                }
            };
            let cells = by_flow(&row_totals, &column_totals, lots.as_deref())
                .map_err(|differ| Stop::BadInput(vec![Fault::at("row_totals", differ.to_string())]))?;
            Ok(write_cells(&cells))
        }
        Question::Biproportional { weights, row_totals, column_totals } => {
            let cells = biproportional(&weights, &row_totals, &column_totals)
                .map_err(|none| Stop::Refused(vec![none.to_string()]))?;
            Ok(write_cells(&cells))
        }
    }
}

fn share(method: Method, seats: u64, asked: &Weights) -> Result<Apportionment, Stop> {
    let (caps, lots) = (asked.caps.as_deref(), asked.lots.as_deref());
    let terms = Terms { minimum: asked.minimum, caps, lots, ..Terms::default() };
    let shared = apportion(method, seats, &asked.weights, &terms).map_err(refused)?;
    if shared.beyond_caps > 0 {
        note_line!("{} seats stay unassigned: every weight above zero is at its cap", shared.beyond_caps);
    }
    Ok(shared)
}

fn refused(impossible: Impossible) -> Stop {
    Stop::Refused(vec![impossible.to_string()])
}
