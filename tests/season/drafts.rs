//! Season folders written by hand, result folders read back, and the program as a script sees it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use zhaosheng::domain::progress::Quiet;
use zhaosheng::service::admit_folder::{NoResult, admit, write_result};

/// The files of a folder by their path below it.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A season folder in the making: file name -> text.
#[derive(Clone)]
pub(crate) struct Draft(BTreeMap<String, String>);

/// Head of a policy without subjects, batches and tables.
pub(crate) const HEAD: &str =
    "format = \"season/1\"\nname = \"T\"\nyear = 2026\nquality_grades = [\"A\", \"B\", \"C\"]\n";
/// One lot, one subject named `s` of 800 points, one decimal.
pub(crate) const PLAIN: &str = "[lot]\nparts = [\"balls 1 2 3\"]\n[[subject]]\ncode = \"s\"\nfull = 800\n";
/// One open batch `1`, line 0.
pub(crate) const OPEN: &str =
    "[[batch]]\ncode = \"1\"\nseats = \"open\"\ncontrol_line = 0\nmax_choices = 9\n";

impl Draft {
    /// Two areas, two junior highs, one senior high each, no programme, nobody.
    pub(crate) fn new(policy: &str) -> Draft {
        let sheets = [
            ("season.toml", policy.to_owned()),
            ("areas.csv", "area_code,name\nA1,One\nA2,Two\n".to_owned()),
            ("junior_schools.csv", "school_code,name,area_code\nJ1,One,A1\nJ2,Two,A2\n".to_owned()),
            (
                "senior_schools.csv",
                "school_code,name,area_code,high_quality\nS1,One,A1,1\nS2,Two,A2,0\n".to_owned(),
            ),
            ("programmes.csv", "programme_code,school_code,name,batch,seats\nP1,S1,One,1,1\n".to_owned()),
            ("candidates.csv", "exam_no,junior_code,area_code\n".to_owned()),
            ("scores.csv", "exam_no,s\n".to_owned()),
            ("preferences.csv", "exam_no,batch,position,programme_code\n".to_owned()),
        ];
        Draft(sheets.into_iter().map(|(name, text)| (name.to_owned(), text)).collect())
    }

    /// A season folder of the disk.
    pub(crate) fn of(folder: &Path) -> Draft {
        let files = files(folder).into_iter().filter(|(name, _)| !name.starts_with("expected"));
        Draft(files.map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap())).collect())
    }

    /// Replaces a sheet.
    pub(crate) fn with(mut self, name: &str, text: impl Into<String>) -> Draft {
        self.0.insert(name.to_owned(), text.into());
        self
    }

    /// Replaces one text of a sheet by another; it stands there.
    pub(crate) fn but(mut self, name: &str, from: &str, to: &str) -> Draft {
        let text = self.0.get_mut(name).unwrap();
        assert!(text.contains(from), "{from:?} stands in {name}");
        *text = text.replacen(from, to, 1);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Draft {
        self.0.remove(name).unwrap();
        self
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        &self.0[name]
    }

    pub(crate) fn write(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        self.write_to(folder.path());
        folder
    }

    pub(crate) fn write_to(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for (name, text) in &self.0 {
            fs::write(folder.join(name), text).unwrap();
        }
    }

    /// The result folder's files, or the sentences that say why there is none.
    pub(crate) fn try_admit(&self) -> Result<Files, Vec<String>> {
        let folder = self.write();
        let (season, run) = admit(folder.path(), &Quiet).map_err(sentences)?;
        let out = folder.path().join("result");
        write_result(&season, &run, &out, &Quiet).unwrap();
        Ok(files(&out))
    }

    /// The result folder's files.
    pub(crate) fn admit(&self) -> Files {
        self.try_admit().unwrap_or_else(|why| panic!("{}", why.join("\n")))
    }

    /// Why there is no result.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.try_admit().expect_err("no result")
    }
}

/// Why there is no result, one sentence each.
pub(crate) fn sentences(why: NoResult) -> Vec<String> {
    match why {
        NoResult::Faults(faults) => faults.iter().map(ToString::to_string).collect(),
        NoResult::Breaches(breaches) => breaches,
        NoResult::Broken(error) => vec![error.to_string()],
    }
}

/// Every file of a folder.
pub(crate) fn files(folder: &Path) -> Files {
    fn enter(root: &Path, below: &str, all: &mut Files) {
        for entry in fs::read_dir(root.join(below)).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{below}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                enter(root, &format!("{name}/"), all);
            } else {
                all.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut all = Files::new();
    enter(folder, "", &mut all);
    all
}

/// Writes a result folder.
pub(crate) fn write_files(folder: &Path, files: &Files) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// What a careful forger does: every hash and the number of admitted fit the files again.
pub(crate) fn repair_manifest(files: &mut Files) {
    let mut manifest: serde_json::Value = serde_json::from_slice(&files["proof/manifest.json"]).unwrap();
    let hashes: serde_json::Map<String, serde_json::Value> = files
        .iter()
        .filter(|(name, _)| *name != "proof/manifest.json")
        .map(|(name, bytes)| {
            let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            (name.clone(), hash.into())
        })
        .collect();
    manifest["files"] = hashes.into();
    if let Some(results) = files.get("results.csv").map(|bytes| rows(bytes)) {
        let placed = results.iter().skip(1).filter(|row| row.get(2).is_some_and(|code| !code.is_empty()));
        manifest["admitted"] = placed.count().into();
    }
    files.insert("proof/manifest.json".to_owned(), format!("{manifest:#}\n").into_bytes());
}

/// The rows of a sheet, the header first; rows may differ in length.
pub(crate) fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The cells of one column, of the rows whose first cells are `key`.
pub(crate) fn cells(files: &Files, sheet: &str, key: &[&str], column: &str) -> Vec<String> {
    let rows = rows(&files[sheet]);
    let at = rows[0].iter().position(|name| name == column).unwrap();
    rows[1..]
        .iter()
        .filter(|row| row.iter().zip(key).all(|(a, b)| a == b))
        .map(|row| row[at].clone())
        .collect()
}

/// The one cell of a column, of the row whose first cells are `key`.
pub(crate) fn cell(files: &Files, sheet: &str, key: &[&str], column: &str) -> String {
    let found = cells(files, sheet, key, column);
    assert_eq!(found.len(), 1, "one row {key:?} in {sheet}");
    found[0].clone()
}

/// `reason detail` of one choice.
pub(crate) fn reason(files: &Files, key: &[&str]) -> String {
    let words = ["reason", "detail"].map(|column| cell(files, "reasons.csv", key, column));
    words.join(" ").trim().to_owned()
}

/// A folder of `tests/cases/seasons`.
pub(crate) fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/seasons").join(name)
}

/// The program, to be given arguments.
pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
}

/// Runs it: exit code, standard output, standard error.
pub(crate) fn told(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// `python3 tests/independent/verify.py DIR`, where there is a Python of at least 3.11.
pub(crate) fn independent(result: &Path) -> Option<(i32, String)> {
    independent_of("verify.py", result)
}

/// `python3 tests/independent/SCRIPT DIR`, where there is a Python of at least 3.11.
pub(crate) fn independent_of(script: &str, result: &Path) -> Option<(i32, String)> {
    let probe = Command::new("python3").args(["-c", "import tomllib"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("skipped: no python3 of at least 3.11 for tests/independent/{script}");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent").join(script);
    let (code, out, err) = told(Command::new("python3").arg(script).arg(result));
    Some((code, out + &err))
}

/// Numbers that look random and are the same on every machine (SplitMix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, self.below(at + 1));
        }
    }
}
