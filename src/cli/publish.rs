//! `zhaosheng publish`: an approved result goes out, with the key's parts of two holders.

use std::path::PathBuf;

use crate::cli::answer::Stop;
use crate::cli::database::{DatabaseArgs, blocked};
use crate::cli::standard_streams::print_line;
use crate::service::runs::publish_result::publish_as_operator;

/// The gate is the service's: the time, the signatures, the frozen lists, both engines, every byte.
#[derive(clap::Args)]
pub struct PublishArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[arg(long, value_name = "CODE")]
    season: String,
    /// A file with what `zhaosheng key open` printed; twice, of two holders.
    #[arg(long = "part", value_name = "FILE", required = true, num_args = 1)]
    parts: Vec<PathBuf>,
}

/// Publishes and prints the roots.
pub fn run(args: &PublishArgs, json: bool) -> Result<(), Stop> {
    let mut parts = Vec::new();
    for file in &args.parts {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Stop::Environment(format!("{}: {error}", file.display())))?;
        parts.push(text.trim().to_owned());
    }
    let parts: [String; 2] = parts
        .try_into()
        .map_err(|_| Stop::Refused(vec!["the parts of two holders are needed: --part twice".to_owned()]))?;
    let app = args.database.app()?;
    let roots = blocked(publish_as_operator(&app, args.season.clone(), parts))??;
    if json {
        print_line!(
            "{}",
            serde_json::json!({ "round": roots.round, "root": roots.root, "leaves_root": roots.leaves_root })
        );
    } else {
        print_line!(
            "round {} published\nroot {}\nleaves root {}",
            roots.round,
            roots.root,
            roots.leaves_root
        );
    }
    Ok(())
}
