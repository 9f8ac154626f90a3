//! The program `zhaosheng`: everything it does stands in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    zhaosheng::cli::command::run()
}
