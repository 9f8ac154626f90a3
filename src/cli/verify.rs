//! `zhaosheng verify DIR`: recomputes a result folder; `verify --audit`: checks the record of a service.

use std::path::{Path, PathBuf};

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::database::{DatabaseArgs, blocked};
use crate::cli::progress_bar::Bar;
use crate::domain::fault::Fault;
use crate::service::audit::verify_audit::{Checkpoint, verify_audit};
use crate::service::verify_folder::verify_folder;

/// A result folder.
#[derive(clap::Args)]
pub struct VerifyArgs {
    /// The folder `admit` wrote.
    #[arg(required_unless_present = "audit")]
    dir: Option<PathBuf>,
    /// The root that was published when the result was made; another one is refused.
    #[arg(long, value_name = "HEX")]
    root: Option<String>,
    /// Check the record of acts of a service, and every row it speaks of.
    #[arg(long, conflicts_with_all = ["dir", "root"])]
    audit: bool,
    /// With --audit: compare with what an earlier check wrote here, then write where the record stands now.
    #[arg(long, value_name = "FILE", requires = "audit")]
    checkpoint: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Verifies and says what was checked.
pub fn run(args: &VerifyArgs, json: bool) -> Result<(), Stop> {
    match &args.dir {
        Some(dir) => result_folder(dir, args.root.as_ref(), json),
        None => audit(args, json),
    }
}

fn audit(args: &VerifyArgs, json: bool) -> Result<(), Stop> {
    let environment = |error: String| Stop::Environment(error);
    let mut earlier: Vec<Checkpoint> = Vec::new();
    if let Some(file) = args.checkpoint.as_ref().filter(|file| file.exists()) {
        let text = std::fs::read_to_string(file)
            .map_err(|error| environment(format!("{}: {error}", file.display())))?;
        earlier = serde_json::from_str(&text).map_err(|error| {
            Stop::BadInput(vec![Fault::at(file.display().to_string(), error.to_string())])
        })?;
    }
    let app = args.database.app()?;
    let verified = blocked(verify_audit(app.database(), app.audit_key(), earlier))??;
    if json {
        println!("{}", serde_json::to_string(&verified).map_err(|error| environment(error.to_string()))?);
    } else {
        println!("{} lines, {} rows checked", verified.lines, verified.rows);
    }
    if !verified.findings.is_empty() {
        return Err(Stop::Refused(verified.findings.iter().map(ToString::to_string).collect()));
    }
    if let Some(file) = &args.checkpoint {
        let text = serde_json::to_string_pretty(&verified.checkpoints)
            .map_err(|error| environment(error.to_string()))?;
        std::fs::write(file, text).map_err(|error| environment(format!("{}: {error}", file.display())))?;
    }
    Ok(())
}

fn result_folder(dir: &Path, root: Option<&String>, json: bool) -> Result<(), Stop> {
    if !dir.join("proof/manifest.json").is_file() {
        let rule = "is no result folder: proof/manifest.json is missing";
        return Err(Stop::BadInput(vec![Fault::at(dir.display().to_string(), rule)]));
    }
    let bar = Bar::new(false);
    let verified = verify_folder(dir, &bar).map_err(stop)?;
    bar.done();
    if let Some(root) = root.filter(|root| !root.eq_ignore_ascii_case(&verified.root)) {
        let breach = format!("the root is {}, published was {root}: a result of other inputs", verified.root);
        return Err(Stop::Refused(vec![breach]));
    }
    if json {
        let told = serde_json::json!({
            "verified": true, "candidates": verified.candidates,
            "admitted": verified.admitted, "files": verified.files, "root": verified.root,
        });
        println!("{told}");
    } else {
        println!(
            "verified: {} candidates, {} admitted, {} files recomputed byte for byte by two engines and the checker",
            verified.candidates, verified.admitted, verified.files
        );
        println!("root {}", verified.root);
    }
    Ok(())
}
