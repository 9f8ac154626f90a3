//! `zhaosheng verify DIR`: recomputes a result folder and names the first difference.

use std::path::PathBuf;

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::progress_bar::Bar;
use crate::service::verify_folder::verify_folder;

/// A result folder.
#[derive(clap::Args)]
pub struct VerifyArgs {
    /// The folder `admit` wrote.
    dir: PathBuf,
    /// The root that was published when the result was made; another one is refused.
    #[arg(long, value_name = "HEX")]
    root: Option<String>,
}

/// Verifies and says what was checked.
pub fn run(args: &VerifyArgs, json: bool) -> Result<(), Stop> {
    if !args.dir.join("proof/manifest.json").is_file() {
        let rule = "is no result folder: proof/manifest.json is missing";
        return Err(Stop::BadInput(vec![crate::domain::fault::Fault::at(
            args.dir.display().to_string(),
            rule,
        )]));
    }
    let bar = Bar::new(false);
    let verified = verify_folder(&args.dir, &bar).map_err(stop)?;
    bar.done();
    if let Some(root) = args.root.as_ref().filter(|root| !root.eq_ignore_ascii_case(&verified.root)) {
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
