//! The command line: names and flags of `formats.md` section 4, exit codes, and nothing else.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::cli::answer::Stop;
use crate::cli::{
    admit, apportion, backtest, backup, call, classes, completions, demo, doctor, draw, dropouts, evidence,
    export, import, key, match_market, migrate, openapi, prohibitions, publish, register, restore, serve,
    user, verify,
};
use crate::faults::crash_point::arm;

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
    /// Run a whole season folder and write its result with the proof.
    Admit(admit::AdmitArgs),
    /// Share seats out in proportion to weights (apportion/1 file in, seats/1 out).
    Apportion(apportion::ApportionArgs),
    /// Tell what the words for chances would have been worth in years that are over.
    Backtest(backtest::BacktestArgs),
    /// Copy the running database into one file, with a manifest of hashes.
    Backup(backup::BackupArgs),
    /// Do any act of the API from the command line.
    Call(call::CallArgs),
    /// Freeze a starting grade, group it into balanced classes, draw their head teachers (均衡编班).
    Classes(classes::ClassesArgs),
    /// Print a completion script for a shell.
    Completions(completions::CompletionsArgs),
    /// Generate the demonstration city and run its season.
    Demo(demo::DemoArgs),
    /// Check this machine and its database before going live.
    Doctor(doctor::DoctorArgs),
    /// Freeze a list and draw from it by lot, ring or progression (摇号).
    Draw(draw::DrawArgs),
    /// Account for every primary graduate: the drop-out ledger (控辍保学台账).
    Dropouts(dropouts::DropoutsArgs),
    /// Ask the registers of other departments about the children of an entry (数据比对).
    Evidence(evidence::EvidenceArgs),
    /// Write the sheets of a season folder in another encoding.
    Export(export::ExportArgs),
    /// Check a season folder: every fault at once, or its control totals.
    Import(import::ImportArgs),
    /// Make a holder's keys, and open the part of a result's key that was sealed to her.
    Key(key::KeyArgs),
    /// Place a market given in one file.
    Match(match_market::MatchArgs),
    /// Bring the database to this program's tables.
    Migrate(migrate::MigrateArgs),
    /// Print the OpenAPI document of the service.
    Openapi(openapi::OpenapiArgs),
    /// Check the ten prohibitions (十项严禁) on an entry and its result.
    Prohibitions(prohibitions::ProhibitionsArgs),
    /// Publish an approved result with the key's parts of two holders.
    Publish(publish::PublishArgs),
    /// The register (学籍): open it for those an entry admitted, check it, feed a senior-high season from it.
    Register(register::RegisterArgs),
    /// Bring a backup into an empty database, or compare the two.
    Restore(restore::RestoreArgs),
    /// Serve the API.
    Serve(serve::ServeArgs),
    /// Make, reset, disable and list accounts from the machine itself.
    User(user::UserArgs),
    /// Recompute a result folder and compare every byte; check a candidate's own line; check the record of acts.
    Verify(verify::VerifyArgs),
}

/// Runs the program. Exit code 0 done, 1 refused by a rule, 2 bad input, 3 environment.
pub fn run() -> ExitCode {
    arm();
    let program = Program::parse();
    let json = program.json;
    let done: Result<(), Stop> = match program.command {
        Command::Admit(args) => admit::run(&args, json),
        Command::Apportion(args) => apportion::run(&args),
        Command::Backtest(args) => backtest::run(&args, json),
        Command::Backup(args) => backup::run(&args, json),
        Command::Call(args) => call::run(&args, json),
        Command::Classes(args) => classes::run(&args, json),
        Command::Completions(args) => completions::run(&args, Program::command()),
        Command::Demo(args) => demo::run(&args, json),
        Command::Doctor(args) => doctor::run(&args, json),
        Command::Draw(args) => draw::run(&args, json),
        Command::Dropouts(args) => dropouts::run(&args, json),
        Command::Evidence(args) => evidence::run(&args, json),
        Command::Export(args) => export::run(&args, json),
        Command::Import(args) => import::run(&args, json),
        Command::Key(args) => key::run(&args, json),
        Command::Match(args) => match_market::run(&args),
        Command::Migrate(args) => migrate::run(&args, json),
        Command::Openapi(_) => openapi::run(),
        Command::Prohibitions(args) => prohibitions::run(&args, json),
        Command::Publish(args) => publish::run(&args, json),
        Command::Register(args) => register::run(&args, json),
        Command::Restore(args) => restore::run(&args, json),
        Command::Serve(args) => serve::run(&args),
        Command::User(args) => user::run(args, json),
        Command::Verify(args) => verify::run(&args, json),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => stop.tell(json),
    }
}
