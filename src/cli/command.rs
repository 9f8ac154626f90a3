//! The command line: names and flags of `formats.md` section 4, exit codes, and nothing else.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::cli::answer::Stop;
use crate::cli::{apportion, completions, draw, match_market};

/// Admission to senior high and compulsory schools (招生) that anyone can check.
#[derive(Parser)]
#[command(name = "zhaosheng", version, arg_required_else_help = true)]
pub struct Program {
    /// Print data as JSON on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Share seats out in proportion to weights (apportion/1 file in, seats/1 out).
    Apportion(apportion::ApportionArgs),
    /// Print a completion script for a shell.
    Completions(completions::CompletionsArgs),
    /// Freeze a list and draw from it by lot, ring or progression (摇号).
    Draw(draw::DrawArgs),
    /// Place a market given in one file.
    Match(match_market::MatchArgs),
}

/// Runs the program. Exit code 0 done, 1 refused by a rule, 2 bad input, 3 environment.
pub fn run() -> ExitCode {
    let program = Program::parse();
    let json = program.json;
    let done: Result<(), Stop> = match &program.command {
        Command::Apportion(args) => apportion::run(args),
        Command::Completions(args) => completions::run(args, Program::command()),
        Command::Draw(args) => draw::run(args, json),
        Command::Match(args) => match_market::run(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.tell(json),
    }
}
