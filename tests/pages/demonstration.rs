//! A live demonstration, walked through by a browser (`walk.mjs`).

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
}

impl Demonstration {
    fn start() -> Demonstration {
        let mut process = Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
            .args(["demo", "--size", "1000", "--bind", "127.0.0.1:0"])
            .env_remove("DISPLAY")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut told = BufReader::new(process.stdout.take().unwrap());
        told.read_line(&mut line).unwrap();
        let address = line.split_whitespace().last().unwrap().to_owned();
        assert!(address.starts_with("http://127.0.0.1:"), "{line}");
        Demonstration { process, _told: told, address }
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
