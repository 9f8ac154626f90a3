//! Admits a season folder: read, run, check, and only then write the result folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::domain::fault::Fault;
use crate::domain::hexadecimal::hex;
use crate::domain::progress::Progress;
use crate::domain::season::Season;
use crate::engine::season_run::{SeasonRun, run_season};
use crate::files::season_folder::read_season;
use crate::service::result_sheets::Sheets;

/// Why there is no result.
#[derive(Debug)]
pub enum NoResult {
    /// The input has faults.
    Faults(Vec<Fault>),
    /// A rule refuses the season, or the result was not confirmed.
    Breaches(Vec<String>),
    /// The disk.
    Broken(io::Error),
}

impl From<io::Error> for NoResult {
    fn from(error: io::Error) -> NoResult {
        NoResult::Broken(error)
    }
}

/// Runs the season in `folder`.
///
/// # Errors
/// [`NoResult`]; nothing is written.
pub fn admit(folder: &Path, progress: &dyn Progress) -> Result<(Season, SeasonRun), NoResult> {
    progress.stage("read the season folder", 0);
    let season = read_season(folder).map_err(NoResult::Faults)?;
    let run = run_season(&season, progress).map_err(NoResult::Breaches)?;
    Ok((season, run))
}

/// Writes the result folder beside `out` and renames it into place, so that a half written result
/// never lies there.
///
/// # Errors
/// When the disk fails, or `out` exists and is no result folder.
///
/// Returns the root: the SHA-256 of the manifest. Published apart from the folder it tells the
/// result of these inputs from an equally consistent one of others.
pub fn write_result(
    season: &Season,
    run: &SeasonRun,
    out: &Path,
    progress: &dyn Progress,
) -> io::Result<String> {
    let replaced = out.join("proof/manifest.json").is_file();
    if out.exists() && !replaced && fs::read_dir(out)?.next().is_some() {
        let text = format!("{} is not empty and holds no result to replace", out.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
    }
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = out.with_file_name(name);
    if part.exists() {
        fs::remove_dir_all(&part)?;
    }
    fs::create_dir_all(part.join("proof/input"))?;
    let sheets = Sheets { season, run };
    let mut hashes = BTreeMap::new();
    progress.stage("explain and write the result", season.preferences.batch.len() as u64);
    for (path, write) in sheets.all() {
        let mut file = BufWriter::new(File::create(part.join(path))?);
        let mut hash = Sha256::new();
        write(&sheets, &mut |bytes: &[u8]| {
            hash.update(bytes);
            file.write_all(bytes)
        })?;
        file.into_inner()?.sync_all()?;
        hashes.insert(path, hex(&hash.finalize()));
    }
    let manifest = manifest(season, run, &hashes);
    fs::write(part.join("proof/manifest.json"), &manifest)?;
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    fs::rename(&part, out)?;
    Ok(hex(&Sha256::digest(&manifest)))
}

/// `proof/manifest.json`.
pub fn manifest(season: &Season, run: &SeasonRun, hashes: &BTreeMap<&'static str, String>) -> String {
    let admitted = run.left.admissions.iter().flatten().count();
    let value = serde_json::json!({
        "format": "proof/1",
        "program": "zhaosheng",
        "version": env!("CARGO_PKG_VERSION"),
        "candidates": season.candidates.len(),
        "admitted": admitted,
        "list_hash": hex(&run.list_hash),
        "seed": run.seed.to_string(),
        "round": season.policy.lot.round,
        "files": hashes,
    });
    format!("{value:#}\n")
}
