//! One file in, one file out: `-` and a missing `--out` stand for the standard streams.

use std::io::Read;
use std::path::Path;

use crate::cli::answer::Stop;
use crate::cli::standard_streams;
use crate::domain::fault::Fault;

/// Reads a text file.
pub fn read(path: &Path) -> Result<String, Stop> {
    let shown = path.display().to_string();
    let broken = |error: std::io::Error| Stop::Environment(format!("{shown}: {error}"));
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map_err(broken)?;
    } else {
        bytes = std::fs::read(path).map_err(broken)?;
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).to_vec();
    String::from_utf8(text).map_err(|_| Stop::BadInput(vec![Fault::at(shown, "must be UTF-8")]))
}

/// Writes a file, or standard output.
pub fn write(path: Option<&Path>, bytes: &[u8]) -> Result<(), Stop> {
    match path {
        Some(path) => std::fs::write(path, bytes)
            .map_err(|error| Stop::Environment(format!("{}: {error}", path.display()))),
        None => standard_streams::bytes(bytes)
            .map_err(|error| Stop::Environment(format!("standard output: {error}"))),
    }
}
