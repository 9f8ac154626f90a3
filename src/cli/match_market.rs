//! `zhaosheng match MARKET.json`: the bare engine (`formats.md` section 1).

use std::path::PathBuf;

use crate::cli::answer::Stop;
use crate::cli::single_file::{read, write};
use crate::files::market_file;
use crate::service::match_market::{NoMatch, match_market};

/// A market in one file.
#[derive(clap::Args)]
pub struct MatchArgs {
    /// A `market/1` file; `-` is standard input.
    market: PathBuf,
    /// Write the result here instead of standard output.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Add a reason for every choice.
    #[arg(long)]
    explain: bool,
}

/// Places the market and writes `result/1`.
pub fn run(args: &MatchArgs) -> Result<(), Stop> {
    let input = market_file::parse(&read(&args.market)?).map_err(Stop::BadInput)?;
    let result = match_market(&input, args.explain).map_err(|why| match why {
        NoMatch::Faults(faults) => Stop::BadInput(faults),
        NoMatch::Breaches(breaches) => Stop::Refused(breaches),
    })?;
    write(args.out.as_deref(), market_file::render(&result).as_bytes())
}
