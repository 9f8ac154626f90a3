//! `zhaosheng completions SHELL`: the completion script of a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::answer::Stop;
use crate::cli::command::Program;

/// Which shell.
#[derive(clap::Args)]
pub struct CompletionsArgs {
    shell: Shell,
}

/// Prints the script on standard output.
pub fn run(args: &CompletionsArgs) -> Result<(), Stop> {
    clap_complete::generate(args.shell, &mut Program::command(), "zhaosheng", &mut std::io::stdout());
    Ok(())
}
