//! `zhaosheng verify DIR`: recomputes a result folder; `verify --leaf`: checks one line; `verify --audit`: the record.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::database::{DatabaseArgs, blocked};
use crate::cli::progress_bar::Bar;
use crate::cli::standard_streams::print_line;
use crate::domain::fault::Fault;
use crate::domain::hexadecimal::{hex, unhex};
use crate::files::compulsory::class_folder::CLASS_POLICY;
use crate::files::leaf_file::{LeafFile, LeafRows};
use crate::service::audit::verify_audit::{Checkpoint, verify_audit};
use crate::service::compulsory::group_classes::verify_classes;
use crate::service::compulsory::place_entry::ENTRY_POLICY;
use crate::service::compulsory::verify_entry::verify_entry;
use crate::service::proof::verify_leaf::{PublishedRoots, verify_leaf};
use crate::service::verify_folder::verify_folder;

/// A result folder, a candidate's own line, or the record of a service.
#[derive(clap::Args)]
pub struct VerifyArgs {
    /// The folder `admit` or `classes` wrote.
    #[arg(required_unless_present_any = ["audit", "leaf"])]
    dir: Option<PathBuf>,
    /// The root that was published when the result was made; another one is refused.
    #[arg(long, value_name = "HEX")]
    root: Option<String>,
    /// Check a candidate's own line: the file is `proof` of the service's answer `show_result`, or the whole answer.
    #[arg(long, value_name = "FILE", requires = "leaves_root", conflicts_with_all = ["dir", "audit"])]
    leaf: Option<PathBuf>,
    /// With --leaf: the root of all lines, as it was published.
    #[arg(long, value_name = "HEX", requires = "leaf")]
    leaves_root: Option<String>,
    /// With --leaf: the number of candidates, as it was published; another one is refused.
    #[arg(long, value_name = "N", requires = "leaf")]
    candidates: Option<usize>,
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
    match (&args.dir, &args.leaf) {
        (Some(dir), _) => result_folder(dir, args.root.as_ref(), json),
        (None, Some(file)) => own_line(file, args, json),
        (None, None) => audit(args, json),
    }
}

/// Compares a family's file with the roots that were published.
fn own_line(file: &Path, args: &VerifyArgs, json: bool) -> Result<(), Stop> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => Stop::BadInput(vec![Fault::at(&name, "is not UTF-8")]),
        _ => Stop::Environment(format!("{name}: {error}")),
    })?;
    let root = |flag: &str, given: &str| {
        let rule = "must be 64 hexadecimal digits";
        unhex(given).ok_or_else(|| Stop::BadInput(vec![Fault::at(flag, rule)]))
    };
    let published = PublishedRoots {
        leaves_root: root("--leaves-root", args.leaves_root.as_deref().unwrap_or_default())?,
        root: args.root.as_deref().map(|given| root("--root", given)).transpose()?,
        candidates: args.candidates,
    };
    let leaf = LeafFile::parse(&name, &text).map_err(Stop::BadInput)?;
    let breaches = verify_leaf(&leaf, &published);
    if !breaches.is_empty() {
        return Err(Stop::Refused(breaches));
    }
    let rows = LeafRows::read(&leaf.leaf);
    if json {
        print_line!("{}", serde_json::json!({"verified": true, "exam_no": rows.exam_no, "leaf": leaf.leaf}));
    } else {
        rows.sentences().iter().for_each(|sentence| print_line!("{sentence}"));
        print_line!(
            "verified: this line stands in the published result, leaves root {}",
            hex(&leaf.leaves_root)
        );
    }
    Ok(())
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
        print_line!("{}", serde_json::to_string(&verified).map_err(|error| environment(error.to_string()))?);
    } else {
        print_line!("{} lines, {} rows checked", verified.lines, verified.rows);
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

/// Refuses a result with another root than the published one.
fn published(root: Option<&String>, found: &str) -> Result<(), Stop> {
    match root.filter(|root| !root.eq_ignore_ascii_case(found)) {
        Some(root) => Err(Stop::Refused(vec![format!(
            "the root is {found}, published was {root}: a result of other inputs"
        )])),
        None => Ok(()),
    }
}

fn result_folder(dir: &Path, root: Option<&String>, json: bool) -> Result<(), Stop> {
    if !dir.join("proof/manifest.json").is_file() {
        let rule = "is no result folder: proof/manifest.json is missing";
        return Err(Stop::BadInput(vec![Fault::at(dir.display().to_string(), rule)]));
    }
    let bar = Bar::new(false);
    if dir.join("proof/input").join(CLASS_POLICY).is_file() {
        let verified = verify_classes(dir, &bar).map_err(stop)?;
        bar.done();
        published(root, &verified.root)?;
        let (pupils, classes, files) = (verified.pupils, verified.classes, verified.files);
        if json {
            let told = serde_json::json!({"verified": true, "pupils": pupils, "classes": classes, "files": files,
                "root": verified.root});
            print_line!("{told}");
        } else {
            print_line!(
                "verified: {pupils} pupils in {classes} classes, {files} files recomputed byte for byte"
            );
            print_line!("root {}", verified.root);
        }
        return Ok(());
    }
    let is_entry = dir.join("proof/input").join(ENTRY_POLICY).is_file();
    let verified = if is_entry { verify_entry(dir, &bar) } else { verify_folder(dir, &bar) };
    let verified = verified.map_err(stop)?;
    bar.done();
    published(root, &verified.root)?;
    if json {
        let told = serde_json::json!({
            "verified": true, "candidates": verified.candidates,
            "admitted": verified.admitted, "files": verified.files, "root": verified.root,
        });
        print_line!("{told}");
    } else {
        print_line!(
            "verified: {} candidates, {} admitted, {} files recomputed byte for byte by two engines and the checker",
            verified.candidates,
            verified.admitted,
            verified.files
        );
        print_line!("root {}", verified.root);
    }
    Ok(())
}
