//! Places an entry folder: read, fill zones from the map, run, check, and only then write the result folder.

use std::io;
use std::path::Path;

use serde_json::json;

use crate::domain::compulsory::entry::Entry;
use crate::domain::hexadecimal::hex;
use crate::domain::progress::Progress;
use crate::engine::compulsory::entry_run::run_entry;
use crate::engine::compulsory::placed_entry::EntryRun;
use crate::engine::compulsory::zone_map::zones_from_map;
use crate::files::compulsory::entry_folder::read_entry;
use crate::service::admit_folder::NoResult;
use crate::service::compulsory::entry_inputs::entry_inputs;
use crate::service::compulsory::entry_results::entry_results;
use crate::service::compulsory::result_folder::{ResultFile, add_manifest, root, write_folder};

/// The sheet that makes a folder an entry.
pub const ENTRY_POLICY: &str = "entry.toml";

/// How to recompute a result, shipped in every result folder.
const README: &str = include_str!("../../files/compulsory/entry_readme.md");

/// Runs the entry in `folder`.
///
/// # Errors
/// [`NoResult`]; nothing is written.
pub fn place_entry(folder: &Path, progress: &dyn Progress) -> Result<(Entry, EntryRun), NoResult> {
    progress.stage("read the entry folder", 0);
    let mut entry = read_entry(folder).map_err(NoResult::Faults)?;
    zones_from_map(&mut entry);
    let run = run_entry(&entry, progress).map_err(NoResult::Breaches)?;
    Ok((entry, run))
}

/// The whole result folder: every file by its path, the manifest last.
pub fn entry_folder(entry: &Entry, run: &EntryRun) -> Vec<ResultFile> {
    let mut files = entry_results(entry, run);
    files.extend(entry_inputs(entry));
    files.push(("proof/README.md", README.as_bytes().to_vec()));
    let manifest = json!({
        "format": "entry-proof/1",
        "program": "zhaosheng",
        "children": entry.children.len(),
        "placed": run.places.iter().flatten().count(),
        "list_hash": hex(&run.list_hash),
        "seed": run.seed.to_string(),
        "round": entry.policy.lot.round,
    });
    add_manifest(&mut files, manifest);
    files
}

/// Writes the result folder. Returns its root.
///
/// # Errors
/// When the disk fails, or `out` exists and holds no result to replace.
pub fn write_entry(entry: &Entry, run: &EntryRun, out: &Path, progress: &dyn Progress) -> io::Result<String> {
    progress.stage("explain and write the result", entry.children.len() as u64);
    let files = entry_folder(entry, run);
    write_folder(&files, out)?;
    Ok(root(&files))
}
