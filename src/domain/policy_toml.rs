//! A policy's TOML as a noun, or where it cannot be read.

use serde::de::DeserializeOwned;

use crate::domain::fault::Fault;

/// Reads a policy of any kind; what its keys mean together the noun itself checks.
///
/// # Errors
/// The first place that is no TOML or not of the policy's form, with its line.
pub fn read_policy<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Vec<Fault>> {
    toml::from_str(text).map_err(|error| {
        let row = error.span().map(|span| 1 + text[..span.start].matches('\n').count() as u64);
        vec![Fault { row, ..Fault::at(file, error.message().to_owned()) }]
    })
}
