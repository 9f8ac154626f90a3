//! `zhaosheng openapi`: prints the API's document.

use crate::web::document;

/// Takes nothing.
#[derive(clap::Args)]
pub struct OpenapiArgs {}

/// Prints the OpenAPI 3.1 document.
pub fn run() {
    print!("{}", document::text());
}
