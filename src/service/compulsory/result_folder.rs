//! A result folder of compulsory education: every file by its path, the manifest of hashes last.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::hexadecimal::hex;
use crate::service::verify_folder::list_files;

/// Where the manifest lies; a folder that has one holds a result.
pub const MANIFEST: &str = "proof/manifest.json";

/// A file by its path in the folder.
pub type ResultFile = (&'static str, Vec<u8>);

/// Adds the manifest: what it tells, and the SHA-256 of every file.
pub fn add_manifest(files: &mut Vec<ResultFile>, mut manifest: Value) {
    let hashes: BTreeMap<&str, String> =
        files.iter().map(|(path, bytes)| (*path, hex(&Sha256::digest(bytes)))).collect();
    manifest["version"] = env!("CARGO_PKG_VERSION").into();
    manifest["files"] = serde_json::json!(hashes);
    files.push((MANIFEST, format!("{manifest:#}\n").into_bytes()));
}

/// The root of a result: the SHA-256 of its manifest.
pub fn root(files: &[ResultFile]) -> String {
    files.last().map_or(String::new(), |(_, manifest)| hex(&Sha256::digest(manifest)))
}

/// Writes a folder beside `out` and renames it into place, so that a half written one never lies there. Only a result
/// with a manifest replaces another one.
///
/// # Errors
/// When the disk fails, or `out` exists and holds something that is not replaced.
pub fn write_folder(files: &[ResultFile], out: &Path) -> io::Result<()> {
    let replaces = files.iter().any(|(path, _)| *path == MANIFEST) && out.join(MANIFEST).is_file();
    if out.exists() && !replaces && fs::read_dir(out)?.next().is_some() {
        let text = format!("{} is not empty and holds no result to replace", out.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
    }
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = out.with_file_name(name);
    if part.exists() {
        fs::remove_dir_all(&part)?;
    }
    for (path, bytes) in files {
        let path = part.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&part))?;
        fs::write(path, bytes)?;
    }
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    fs::rename(&part, out)
}

/// Every file of a folder that differs from what was computed, is missing or does not belong there.
///
/// # Errors
/// When the disk fails.
pub fn differences(files: &[ResultFile], folder: &Path) -> io::Result<Vec<String>> {
    let mut breaches = Vec::new();
    for (path, bytes) in files {
        match fs::read(folder.join(path)) {
            Ok(told) if told == *bytes => {}
            Ok(told) => {
                let same = told.iter().zip(bytes).take_while(|(told, bytes)| told == bytes).count();
                let row = 1 + bytes[..same].iter().filter(|byte| **byte == b'\n').count();
                breaches.push(format!("{path}: row {row}: is not what was recomputed"));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                breaches.push(format!("{path}: is missing"));
            }
            Err(error) => return Err(error),
        }
    }
    let mut found = Vec::new();
    list_files(folder, Path::new(""), &mut found)?;
    for stranger in found {
        let path = stranger.to_string_lossy().replace('\\', "/");
        if !files.iter().any(|(known, _)| *known == path) {
            breaches.push(format!("{path}: does not belong to the result"));
        }
    }
    Ok(breaches)
}
