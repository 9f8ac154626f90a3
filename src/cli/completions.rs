//! `zhaosheng completions SHELL`: the completion script of a shell.

use clap_complete::Shell;

use crate::cli::answer::Stop;
use crate::cli::single_file;

/// Which shell.
#[derive(clap::Args)]
pub struct CompletionsArgs {
    shell: Shell,
}

/// Prints the script of a program's command line on standard output.
pub fn run(args: &CompletionsArgs, mut program: clap::Command) -> Result<(), Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "zhaosheng", &mut script);
    single_file::write(None, &script)
}
