//! `zhaosheng backtest FOLDER...`: what the words for chances would have been worth in years that are over.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::progress_bar::Bar;
use crate::cli::standard_streams::print_line;
use crate::domain::chance::{Chance, Margins};
use crate::domain::points::Points;
use crate::engine::backtest::Calibration;
use crate::service::backtest_folders::{Backtest, backtest_folders};

/// Season folders in, the worth of guidance out.
#[derive(clap::Args)]
pub struct BacktestArgs {
    /// Season folders with their lists and scores, in the order of their years; each is predicted from its
    /// history.csv and from the folders before it.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
}

/// Runs the seasons and prints what their pasts would have told.
pub fn run(args: &BacktestArgs, json: bool) -> Result<(), Stop> {
    let bar = Bar::new(false);
    let tests = backtest_folders(&args.folders, &bar).map_err(stop)?;
    bar.done();
    if json {
        print_line!("{}", Value::from(tests.iter().map(as_json).collect::<Vec<_>>()));
        return Ok(());
    }
    for test in &tests {
        let from: Vec<String> = test.from.iter().map(ToString::to_string).collect();
        print_line!("{} told from {}", test.year, from.join(", "));
        match &test.own {
            Some((margins, counts)) => print("the policy's margins", *margins, counts),
            None => print_line!("\n  the policy tells no bands"),
        }
        match &test.fitted {
            Some((margins, counts)) => print("the narrowest margins that would have held", *margins, counts),
            None => print_line!("\n  no margins would have held: tell facts, not bands"),
        }
    }
    Ok(())
}

fn print(what: &str, margins: Margins, counts: &Calibration) {
    print_line!("\n  {what}: safe = \"{}\", reach = \"{}\"", share(margins.safe), share(margins.reach));
    print_line!("  told         pairs    cleared the line");
    for chance in Chance::ALL {
        let told = counts.of(chance);
        let rate = percent(told.cleared, told.predicted);
        print_line!("  {:<8} {:>9} {:>10}  {rate}", chance.word(), told.predicted, told.cleared);
    }
    print_line!(
        "  warning of no safe choice: {} lists warned of, {} of them brought no place (precision {}); \
         {} lists brought none (recall {})",
        counts.warned,
        counts.warned_rightly,
        percent(counts.warned_rightly, counts.warned),
        counts.unplaced,
        percent(counts.warned_rightly, counts.unplaced)
    );
}

fn as_json(test: &Backtest) -> Value {
    let counted = |(margins, counts): &(Margins, Calibration)| {
        let told: serde_json::Map<String, Value> = Chance::ALL
            .into_iter()
            .map(|chance| {
                let told = counts.of(chance);
                (chance.word().to_owned(), json!({ "predicted": told.predicted, "cleared": told.cleared }))
            })
            .collect();
        json!({
            "safe": share(margins.safe), "reach": share(margins.reach), "told": told,
            "warned": counts.warned, "warned_rightly": counts.warned_rightly, "unplaced": counts.unplaced,
        })
    };
    json!({
        "year": test.year, "from": test.from, "policy": test.own.as_ref().map(counted),
        "fitted": test.fitted.as_ref().map(counted),
    })
}

/// A share as `season.toml` writes it.
fn share(millionths: i64) -> String {
    Points::from_millionths(millionths).to_string()
}

/// Whole per cent, rounded down.
fn percent(part: u64, of: u64) -> String {
    (part * 100).checked_div(of).map_or_else(|| "-".to_owned(), |percent| format!("{percent} %"))
}
