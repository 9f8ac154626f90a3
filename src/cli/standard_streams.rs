//! Standard output and standard error: a reader who goes away (`| head`) stops no command; a full disk does, with a word.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

/// Prints a line on standard output, with the arguments of `println!`, which panics where nobody reads.
macro_rules! print_line {
    ($($text:tt)+) => { $crate::cli::standard_streams::line(format_args!($($text)+)) };
}
pub(crate) use print_line;

/// Prints a line on standard error, with the arguments of `eprintln!`, which panics where nobody reads.
macro_rules! note_line {
    ($($text:tt)+) => { $crate::cli::standard_streams::note(format_args!($($text)+)) };
}
pub(crate) use note_line;

/// Prints a line on standard output.
pub fn line(text: Arguments<'_>) {
    if let Err(error) = written(writeln!(std::io::stdout(), "{text}")) {
        note_line!("standard output: {error}");
        // As every broken environment ends a command.
        std::process::exit(3);
    }
}

/// Prints a line on standard error; there is no place to tell that it cannot be written.
pub fn note(text: Arguments<'_>) {
    let _told = writeln!(std::io::stderr(), "{text}");
}

/// Prints bytes on standard output as they are.
///
/// # Errors
/// They cannot be written.
pub fn bytes(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    written(out.write_all(bytes).and_then(|()| out.flush()))
}

/// Done as well where nobody reads any more.
fn written(outcome: std::io::Result<()>) -> std::io::Result<()> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
