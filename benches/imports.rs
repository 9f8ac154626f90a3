//! 100,000 rows x 14 columns in xlsx, CSV and DBF: checked with 42 planted faults, and committed without.
//!
//! `cargo bench --bench imports -- [--size N]`; PostgreSQL is measured where `TEST_POSTGRES_URL` names a
//! server. Every figure comes from a process of its own, so that its peak memory is its own.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use zhaosheng::domain::sheet_kind::SheetKind;
use zhaosheng::files::column_names::upload_names;
use zhaosheng::files::sheet::read_upload;
use zhaosheng::files::sheet_check::check_sheet;
use zhaosheng::service::app::{App, Caller, Database, migrate};
use zhaosheng::service::data_in::commit_import::commit_import;
use zhaosheng::service::data_in::upload_import::{Upload, upload_import};
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::precondition::Precondition;
use zhaosheng::service::secrets::master_key::MasterKey;
use zhaosheng::service::secrets::password_pool::{Cost, PasswordPool, PoolSize};
use zhaosheng::storage::accounts::{self, AccountRow};
use zhaosheng::storage::clock;
use zhaosheng::storage::seasons::{self, SeasonRow};
use zhaosheng::storage::second_factors::{self, SecondFactorRow};
use zhaosheng::storage::sessions::{self, SessionRow};

#[path = "../tests/uploads/roster.rs"]
mod roster;

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["check", file, faults] => check(Path::new(file), faults.parse()?),
        ["commit", url, folder] => commit(url, Path::new(folder)),
        ["--size", size] => all(size.parse()?),
        _ => all(100_000),
    }
}

/// Writes the files and measures each in a process of its own.
fn all(size: usize) -> Outcome {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("imports-{size}"));
    fs::create_dir_all(&folder)?;
    let good = roster::roster(size);
    let mut faulty = good.clone();
    let planted = roster::plant(&mut faulty).len();
    for (name, rows, faults) in [("good", &good, 0), ("faulty", &faulty, planted)] {
        for (ending, bytes) in [
            ("csv", roster::csv(&roster::HEADER, rows)),
            ("xlsx", roster::xlsx(&roster::HEADER, rows)),
            ("dbf", roster::dbf("candidates", &roster::COLUMNS, rows)),
        ] {
            let file = folder.join(format!("{name}.{ending}"));
            fs::write(&file, bytes)?;
            run(&["check", &file.display().to_string(), &faults.to_string()])?;
        }
    }
    let (header, marks) = roster::marks(size);
    fs::write(folder.join("scores.csv"), roster::csv(&header, &marks))?;
    drop((good, faulty, marks));
    let file = folder.join("bench.db");
    for old in ["bench.db", "bench.db-wal", "bench.db-shm"] {
        let _absent = fs::remove_file(folder.join(old));
    }
    run(&["commit", &format!("sqlite://{}", file.display()), &folder.display().to_string()])?;
    if let Ok(server) = std::env::var("TEST_POSTGRES_URL") {
        let name = format!("bench_{}", std::process::id());
        Database::open(&format!("{server}/postgres"))?.outside_transactions(|connection| {
            Ok(connection.batch_execute(&format!("CREATE DATABASE {name}"))?)
        })?;
        run(&["commit", &format!("{server}/{name}"), &folder.display().to_string()])?;
    }
    Ok(())
}

fn run(words: &[&str]) -> Outcome {
    let status = Command::new(std::env::current_exe()?).args(words).status()?;
    if status.success() { Ok(()) } else { Err(format!("{words:?} failed").into()) }
}

/// The most memory this process ever held, in MB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn check(file: &Path, faults: usize) -> Outcome {
    let policy = roster::policy();
    let (context, bytes) = (roster::context(), fs::read(file)?);
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let start = Instant::now();
    let names = upload_names(SheetKind::Candidates, &policy, &BTreeMap::new());
    let sheet = read_upload(&name, bytes, SheetKind::Candidates.called(), &names)
        .map_err(|fault| fault.to_string())?;
    let read_ms = start.elapsed().as_millis();
    let check = check_sheet(SheetKind::Candidates, sheet, &policy, context);
    let all_ms = start.elapsed().as_millis();
    println!("check  {name:<12} read {read_ms:>5} ms, all {all_ms:>5} ms, peak {:>4} MB", peak());
    if check.faults.len() == faults { Ok(()) } else { Err(format!("{} faults", check.faults.len()).into()) }
}

fn commit(url: &str, folder: &Path) -> Outcome {
    let database = Database::open(url)?;
    migrate(&database)?;
    let passwords = PasswordPool::start(Cost::TESTS, PoolSize { threads: 1, queue: 1 })
        .map_err(|error| error.to_string())?;
    let app =
        App::open(database, &MasterKey::ephemeral(), passwords).map_err(|error| format!("{error:?}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(committed(&app, url.split(':').next().unwrap_or_default(), folder))
}

/// Uploads and commits what a roster needs, then the roster in each kind of file over itself, then scores.
async fn committed(app: &App, database: &str, folder: &Path) -> Outcome {
    let refused = |error: ServiceError| format!("{error:?}");
    let caller = app.database().write(centre).await.map_err(refused)?;
    let files = roster::context()
        .into_iter()
        .map(|(kind, sheet)| (kind, format!("{}.csv", kind.word()), sheet.text))
        .chain(
            ["good.csv", "good.xlsx", "good.dbf"]
                .into_iter()
                .map(|name| (SheetKind::Candidates, name.to_owned(), Vec::new())),
        )
        .chain([(SheetKind::Scores, "scores.csv".to_owned(), Vec::new())]);
    for (kind, name, text) in files {
        let bytes = if text.is_empty() { fs::read(folder.join(&name))? } else { text };
        let start = Instant::now();
        let (kind, file_name) = (Some(kind.word().to_owned()), Some(name.clone()));
        let upload = Upload { kind, file_name, mapping: None, bytes };
        let (import, report) =
            upload_import(app, &caller, "bench".to_owned(), upload).await.map_err(refused)?;
        let upload_ms = start.elapsed().as_millis();
        let start = Instant::now();
        let reasons: BTreeMap<String, String> =
            report.warnings.iter().map(|warning| (warning.code.clone(), "bench".to_owned())).collect();
        let seen = Precondition::Match(vec![import.checked_hash]);
        commit_import(app, &caller, "bench".to_owned(), import.id, seen, reasons).await.map_err(refused)?;
        let commit_ms = start.elapsed().as_millis();
        println!(
            "commit {database:<9} {name:<18} upload and check {upload_ms:>5} ms, commit {commit_ms:>5} ms, peak {:>4} MB",
            peak()
        );
    }
    Ok(())
}

/// A season, and somebody of the municipal centre with a session.
fn centre(connection: &mut zhaosheng::storage::database::AnyConnection) -> Result<Caller, ServiceError> {
    let now_ms = clock::now_ms(connection)?;
    let season = SeasonRow {
        code: "bench".to_owned(),
        name: "bench".to_owned(),
        kind: "demonstration".to_owned(),
        phase: "preparing".to_owned(),
        policy: roster::policy_text(),
        clock_offset_ms: 0,
        version: 1,
        admission: "senior_high".to_owned(),
    };
    let _unaudited = seasons::add(connection, &season)?;
    let account = AccountRow {
        id: "bench".to_owned(),
        login: "bench".to_owned(),
        role: "municipal_centre".to_owned(),
        name: String::new(),
        season: None,
        exam_no: None,
        school: None,
        area: None,
        password_hash: String::new(),
        must_change: false,
        disabled: false,
        created_at_ms: now_ms,
        access_from: String::new(),
    };
    let _unaudited = accounts::add(connection, &account)?;
    // Without an authenticator app an office's account may only enrol one.
    let factors = SecondFactorRow {
        account: "bench".to_owned(),
        totp_secret: Some("an app that nobody asks".to_owned()),
        ..SecondFactorRow::default()
    };
    let _unaudited = second_factors::put(connection, &factors)?;
    let session = SessionRow {
        id: "bench".to_owned(),
        account: "bench".to_owned(),
        started_at_ms: now_ms,
        expires_at_ms: now_ms + 86_400_000,
        revoked_at_ms: None,
        stepped_up_at_ms: Some(now_ms + 86_400_000),
    };
    sessions::add(connection, &session)?;
    Ok(Caller { account: "bench".to_owned(), session: "bench".to_owned() })
}
