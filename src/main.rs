//! The program `zhaosheng`: everything it does stands in the library.

use std::process::ExitCode;

/// Many threads ask for small pieces here: with the C library's allocator a tenth of a submission's and a run's
/// processor time went there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    zhaosheng::cli::command::run()
}
