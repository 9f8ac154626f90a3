//! `zhaosheng openapi`: prints the API's document.

use crate::cli::answer::Stop;
use crate::cli::single_file;
use crate::web::document;

/// Takes nothing.
#[derive(clap::Args)]
pub struct OpenapiArgs {}

/// Prints the OpenAPI 3.1 document.
pub fn run() -> Result<(), Stop> {
    single_file::write(None, document::text().as_bytes())
}
