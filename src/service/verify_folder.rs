//! Verifies a result folder: recomputes everything from `proof/input` and compares every byte.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::domain::hexadecimal::hex;
use crate::domain::progress::Progress;
use crate::service::admit_folder::{NoResult, admit, manifest};
use crate::service::result_sheets::Sheets;

/// What was confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub candidates: usize,
    pub admitted: usize,
    pub files: usize,
    /// SHA-256 of the manifest.
    pub root: String,
}

/// Recomputes a result folder with both engines and the checker, and compares.
///
/// # Errors
/// [`NoResult::Breaches`] names the first difference of every file, and files that are missing or
/// do not belong there; [`NoResult::Faults`] when the inputs themselves cannot be read.
pub fn verify_folder(folder: &Path, progress: &dyn Progress) -> Result<Verified, NoResult> {
    let (season, run) = admit(&folder.join("proof/input"), progress)?;
    let sheets = Sheets { season: &season, run: &run };
    let mut breaches = Vec::new();
    let mut hashes = BTreeMap::new();
    progress.stage("compare the result", season.preferences.batch.len() as u64);
    for (path, write) in sheets.all() {
        let mut comparison = match File::open(folder.join(path)) {
            Ok(file) => Comparison::new(BufReader::with_capacity(1 << 20, file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                breaches.push(format!("{path}: is missing"));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let mut hash = Sha256::new();
        write(&sheets, &mut |bytes: &[u8]| {
            hash.update(bytes);
            comparison.expect(bytes)
        })?;
        comparison.expect_end()?;
        hashes.insert(path, hex(&hash.finalize()));
        if let Some(difference) = comparison.difference {
            breaches.push(format!("{path}: {difference}"));
        }
    }
    let told = fs::read_to_string(folder.join("proof/manifest.json"))?;
    if told != manifest(&season, &run, &hashes) {
        breaches.push(manifest_difference(&told, &manifest(&season, &run, &hashes)));
    }
    let mut strangers = Vec::new();
    list_files(folder, Path::new(""), &mut strangers)?;
    for stranger in strangers {
        let path = stranger.to_string_lossy().replace('\\', "/");
        if path != "proof/manifest.json" && !hashes.contains_key(path.as_str()) {
            breaches.push(format!("{path}: does not belong to the result"));
        }
    }
    if breaches.is_empty() {
        let admitted = run.left.admissions.iter().flatten().count();
        Ok(Verified {
            candidates: season.candidates.len(),
            admitted,
            files: hashes.len() + 1,
            root: hex(&Sha256::digest(&told)),
        })
    } else {
        Err(NoResult::Breaches(breaches))
    }
}

fn manifest_difference(told: &str, expected: &str) -> String {
    let line = told.lines().zip(expected.lines()).position(|(told, expected)| told != expected);
    let line = line.unwrap_or_else(|| told.lines().count().min(expected.lines().count()));
    let show = |text: &str| text.lines().nth(line).unwrap_or("nothing").trim().to_owned();
    format!("proof/manifest.json: row {}: {:?}, recomputed {:?}", line + 1, show(told), show(expected))
}

/// Every file below a folder, by its path from there.
pub fn list_files(root: &Path, below: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            list_files(root, &path, found)?;
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}

/// A file read along with what it should hold; remembers the first difference.
struct Comparison<R> {
    file: R,
    row: u64,
    /// What was read and expected of the current row.
    line: Vec<u8>,
    buffer: Vec<u8>,
    difference: Option<String>,
}

impl<R: Read> Comparison<R> {
    fn new(file: R) -> Comparison<R> {
        Comparison { file, row: 1, line: Vec::new(), buffer: Vec::new(), difference: None }
    }

    fn expect(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.difference.is_some() {
            return Ok(());
        }
        self.buffer.clear();
        (&mut self.file).take(bytes.len() as u64).read_to_end(&mut self.buffer)?;
        if self.buffer == bytes {
            self.row += memchr::memchr_iter(b'\n', bytes).count() as u64;
            if let Some(end) = memchr::memrchr(b'\n', bytes) {
                self.line.clear();
                self.line.extend_from_slice(&bytes[end + 1..]);
            } else {
                self.line.extend_from_slice(bytes);
            }
            return Ok(());
        }
        let equal = self.buffer.iter().zip(bytes).take_while(|(found, expected)| found == expected).count();
        let row = self.row + memchr::memchr_iter(b'\n', &bytes[..equal]).count() as u64;
        let start = memchr::memrchr(b'\n', &bytes[..equal]).map_or(0, |end| end + 1);
        let show = |text: &[u8]| {
            let text = &text[start.min(text.len())..];
            let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
            let before: &[u8] = if start == 0 { &self.line } else { b"" };
            String::from_utf8_lossy(&[before, &text[..end]].concat()).chars().take(200).collect::<String>()
        };
        self.difference = Some(format!("row {row}: {:?}, recomputed {:?}", show(&self.buffer), show(bytes)));
        Ok(())
    }

    fn expect_end(&mut self) -> io::Result<()> {
        let mut rest = [0u8; 1];
        if self.difference.is_none() && self.file.read(&mut rest)? > 0 {
            self.difference = Some(format!("row {}: more than was recomputed", self.row));
        }
        Ok(())
    }
}
