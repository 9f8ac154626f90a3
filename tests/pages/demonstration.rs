//! A live demonstration, walked through by a browser (`walk.mjs`).

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use zhaosheng::web::pages::routes::PAGES;

/// The running demonstration; it ends with the test.
struct Demonstration {
    process: Child,
    /// Kept open: the demonstration goes on writing.
    _told: BufReader<ChildStdout>,
    address: String,
    _folder: tempfile::TempDir,
}

/// Changes cells of a sheet of the season, row by row.
fn change(season: &Path, sheet: &str, mut row: impl FnMut(&dyn Fn(&str) -> usize, &mut Vec<String>)) {
    let path = season.join(sheet);
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let head = reader.headers().unwrap().clone();
    let column = |name: &str| head.iter().position(|known| known == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut writer = csv::Writer::from_path(&path).unwrap();
    writer.write_record(&head).unwrap();
    for record in rows {
        let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
        row(&column, &mut cells);
        writer.write_record(&cells).unwrap();
    }
    writer.flush().unwrap();
}

/// Lets everybody list fourteen programmes of the first batch, twelve on one list.
fn with_room_for_twelve(season: &Path) {
    let mut left = 14;
    change(season, "programmes.csv", |column, cells| {
        if left > 0 {
            left -= 1;
            let batch = &mut cells[column("batch")];
            if batch == "2" {
                *batch = "1;2".to_owned();
            }
            cells[column("scope")] = "*".to_owned();
        }
    });
    let path = season.join("season.toml");
    let policy = std::fs::read_to_string(&path).unwrap();
    let wider = policy.replacen("max_choices = 8", "max_choices = 12", 1);
    assert_ne!(policy, wider);
    std::fs::write(&path, wider).unwrap();
}

/// Makes classes of which fifty pupils file a list, so that as many sheets are printed.
fn with_fifty_sheets_to_a_class(season: &Path) {
    let mut filing = BTreeSet::new();
    for record in csv::Reader::from_path(season.join("preferences.csv")).unwrap().records() {
        filing.insert(record.unwrap()[0].to_owned());
    }
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    change(season, "candidates.csv", |column, cells| {
        let count = counted.entry(cells[column("junior_code")].clone()).or_default();
        cells[column("class")] = format!("九（{}）班", *count / 50 + 1);
        *count += usize::from(filing.contains(&cells[column("exam_no")]));
    });
}

impl Demonstration {
    fn start() -> Demonstration {
        let folder = tempfile::tempdir().unwrap();
        let made = Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
            .args(["demo", "--size", "1000", "--generate-only", "--folder"])
            .arg(folder.path())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success());
        let season = folder.path().join("season");
        with_room_for_twelve(&season);
        with_fifty_sheets_to_a_class(&season);
        let mut process = Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
            .args(["demo", "--bind", "127.0.0.1:0", "--season"])
            .arg(&season)
            .env_remove("DISPLAY")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut told = BufReader::new(process.stdout.take().unwrap());
        told.read_line(&mut line).unwrap();
        let address = line.split_whitespace().last().unwrap().to_owned();
        assert!(address.starts_with("http://127.0.0.1:"), "{line}");
        Demonstration { process, _told: told, address, _folder: folder }
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        self.process.wait().unwrap();
    }
}

/// Runs a script of this folder in node; false, and said, without the modules.
fn node(script: &str, address: &str) -> bool {
    let Ok(modules) = std::env::var("PAGES_MODULES") else {
        eprintln!("the pages are not looked at: PAGES_MODULES is not set (tests/run sets it)");
        return false;
    };
    let pages: Vec<String> = PAGES.iter().map(|(method, path)| format!("{method} {path}")).collect();
    let status = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages").join(script))
        .env("MODULES", modules)
        .env("ADDRESS", address)
        .env("PAGES", pages.join("\n"))
        .status()
        .unwrap();
    assert!(status.success(), "{script} found something, see above");
    true
}

#[test]
fn every_task_and_every_page_in_a_browser() {
    let demonstration = Demonstration::start();
    node("walk.mjs", &demonstration.address);
}
