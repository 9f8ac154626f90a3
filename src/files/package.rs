//! A package of files for outsiders: one zip, the same bytes for the same files, with the hash of every file in it.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::domain::hexadecimal::hex;

/// Files by their path in the package.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The file that names the hash of every other one.
pub const MANIFEST: &str = "manifest.json";

/// Adds [`MANIFEST`]: the facts that are given, and the SHA-256 of every file by its path.
pub fn with_manifest(mut files: Files, mut facts: Value) -> Files {
    let hashes: BTreeMap<&String, String> =
        files.iter().map(|(path, bytes)| (path, hex(&Sha256::digest(bytes)))).collect();
    facts["files"] = json!(hashes);
    let manifest = format!("{facts:#}\n").into_bytes();
    files.insert(MANIFEST.to_owned(), manifest);
    files
}

/// The zip of files: in the order of their paths, all of one time (1980-01-01), so that equal files give equal
/// bytes.
///
/// # Errors
/// A path that a zip cannot hold.
pub fn zipped(files: &Files) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (path, bytes) in files {
        // Beyond 4 GiB a zip needs longer numbers.
        zip.start_file(path.as_str(), options.large_file(u32::try_from(bytes.len()).is_err()))?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn equal_files_give_equal_bytes_and_the_manifest_names_each() {
        let files =
            || Files::from([("b.csv".to_owned(), b"2\n".to_vec()), ("a/c.csv".to_owned(), vec![7; 9])]);
        let package = with_manifest(files(), json!({"format": "test/1"}));
        let zip = zipped(&package).unwrap();
        assert_eq!(zip, zipped(&with_manifest(files(), json!({"format": "test/1"}))).unwrap());
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        assert_eq!(archive.len(), 3);
        let mut manifest = String::new();
        archive.by_name(MANIFEST).unwrap().read_to_string(&mut manifest).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["format"], "test/1");
        assert_eq!(manifest["files"]["b.csv"], hex(&Sha256::digest(b"2\n")));
        assert_eq!(manifest["files"].as_object().unwrap().len(), 2);
    }
}
