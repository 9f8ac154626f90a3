//! 100,000 rows x 14 columns in xlsx, CSV and DBF: checked with 42 planted faults, committed without, and the same rows
//! put in and read out by the database alone.
//!
//! `cargo bench --bench imports -- [limit] [--size N] [--rounds 3]`; `limit` leaves out all but the comparison with the
//! bare database. PostgreSQL is measured where `TEST_POSTGRES_URL` names a server. Every figure comes from a process of
//! its own, so that its peak memory is its own.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use support::figures::{least, ms_since, peak_mib};
use support::roster_season::{SEASON, bring, roster, season};
use support::rows::{RowsOf, bare_database, put, read_as_csv, take};
use support::server::cpu_s;
use support::staged_city::{Outcome, bench_folder, fresh_database, kinds};
use zhaosheng::domain::sheet_kind::SheetKind;
use zhaosheng::files::column_names::upload_names;
use zhaosheng::files::encoding::Encoding;
use zhaosheng::files::sheet::read_upload;
use zhaosheng::files::sheet_check::{check_sheet, checked_rows};
use zhaosheng::service::app::App;
use zhaosheng::service::data_in::import_folder::export_season;
use zhaosheng::service::data_in::store_rows::{self, Rows};
use zhaosheng::service::export_folder::Form;
use zhaosheng::storage::change::Change;

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let named: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |name: &str, usual: usize| {
        let at = named.iter().position(|&word| word == name);
        at.and_then(|at| named.get(at + 1)?.parse().ok()).unwrap_or(usual)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    match named.as_slice() {
        ["check", file, faults] => check(Path::new(file), faults.parse()?),
        ["commit", kind, folder] => runtime.block_on(commit(kind, Path::new(folder))),
        ["bare", kind, folder, rounds] => runtime.block_on(limit(kind, Path::new(folder), rounds.parse()?)),
        _ => all(number("--size", 100_000), number("--rounds", 3), named.contains(&"limit")),
    }
}

/// Writes the files and measures each in a process of its own.
fn all(size: usize, rounds: usize, limit_alone: bool) -> Outcome {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("imports-{size}"));
    fs::create_dir_all(&folder)?;
    let good = roster::roster(size);
    fs::write(folder.join("good.csv"), roster::csv(&roster::HEADER, &good))?;
    if !limit_alone {
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
    }
    drop(good);
    let folder = folder.display().to_string();
    for kind in kinds() {
        if !limit_alone {
            run(&["commit", kind, &folder])?;
        }
        run(&["bare", kind, &folder, &rounds.max(1).to_string()])?;
    }
    Ok(())
}

fn run(words: &[&str]) -> Outcome {
    let status = Command::new(std::env::current_exe()?).args(words).status()?;
    if status.success() { Ok(()) } else { Err(format!("{words:?} failed").into()) }
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
    println!("check  {name:<12} read {read_ms:>5} ms, all {all_ms:>5} ms, peak {:>4} MiB", peak_mib());
    if check.faults.len() == faults { Ok(()) } else { Err(format!("{} faults", check.faults.len()).into()) }
}

/// Uploads and commits the roster in each kind of file over itself, then scores.
async fn commit(database: &str, folder: &Path) -> Outcome {
    let (app, caller) = season(&fresh_database(database, "bench_imports")?).await?;
    let rosters = ["good.csv", "good.xlsx", "good.dbf"].map(|name| (SheetKind::Candidates, name));
    for (kind, name) in rosters.into_iter().chain([(SheetKind::Scores, "scores.csv")]) {
        let (upload_ms, commit_ms) = bring(&app, &caller, kind, name, fs::read(folder.join(name))?).await?;
        println!(
            "commit {database:<9} {name:<11} upload and check {upload_ms:>5.0} ms, commit {commit_ms:>5.0} ms, peak {:>4} MiB",
            peak_mib()
        );
    }
    Ok(())
}

/// What the commit of a roster leaves behind, and what an export of it reads.
const ROSTER: RowsOf = RowsOf::all("candidates");
const LINES: RowsOf = RowsOf { table: "audit_lines", only: "act = 'commit_import'" };

/// The commit of a roster into an empty season and its export, in turn with the database alone doing the same to the
/// same rows, and what of the commit is no database's work.
async fn limit(database: &str, folder: &Path, rounds: usize) -> Outcome {
    let bytes = fs::read(folder.join("good.csv"))?;
    let out = bench_folder().join("bench_export");
    let mut figures: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for _ in 0..rounds {
        let mut add = |name, ms| figures.entry(name).or_default().push(ms);
        let url = fresh_database(database, "bench_imports")?;
        let (app, caller) = season(&url).await?;
        let cpu = cpu_s("self");
        let (upload, commit) = bring(&app, &caller, SheetKind::Candidates, "good.csv", bytes.clone()).await?;
        add("upload and check", upload);
        add("commit", commit);
        add("processor time, upload and commit", 1e3 * (cpu_s("self") - cpu));
        for (name, form) in [("export, CSV", Form::Csv(Encoding::Utf8)), ("export, xlsx", Form::Xlsx)] {
            let began = Instant::now();
            export_season(&app, SEASON, &out, form).await.map_err(|error| format!("{error:?}"))?;
            add(name, ms_since(began));
        }
        for (name, ms) in parts(&app, &bytes)? {
            add(name, ms);
        }
        drop(app);
        let bare = bare_database(database, "bench_imports_bare", &take(&url, &[])?)?;
        add("bare: the same rows put in", put(&bare, &take(&url, &[ROSTER, LINES])?)?);
        let began = Instant::now();
        let (_, text) = read_as_csv(&bare, &[ROSTER])?;
        fs::write(out.join("bare.csv"), text)?;
        add("bare: the same rows as CSV", ms_since(began));
    }
    println!("{database}: a roster into an empty season and out again, least of {rounds}");
    for (name, all) in &figures {
        println!("  {name:<50} {:>6.0} ms", least(all));
    }
    for (name, bare) in [
        ("commit", "bare: the same rows put in"),
        ("export, CSV", "bare: the same rows as CSV"),
        ("export, xlsx", "bare: the same rows as CSV"),
    ] {
        println!("  {name}: {:.1} times the bare database", least(&figures[name]) / least(&figures[bare]));
    }
    Ok(())
}

/// What a commit does before and beside its writing, each alone.
fn parts(app: &App, bytes: &[u8]) -> Outcome<[(&'static str, f64); 3]> {
    let (kind, policy) = (SheetKind::Candidates, roster::policy());
    let began = Instant::now();
    let names = upload_names(kind, &policy, &BTreeMap::new());
    let sheet = read_upload("good.csv", bytes.to_vec(), kind.called(), &names);
    let rows = checked_rows(kind, &sheet.map_err(|fault| fault.to_string())?, &policy);
    let parsed = ms_since(began);
    let began = Instant::now();
    let Rows::Candidates(rows, _) =
        store_rows::rows(kind, SEASON, &rows, app.fields()).map_err(|error| format!("{error:?}"))?
    else {
        return Err("a roster is of candidates".into());
    };
    let sealed = ms_since(began);
    let began = Instant::now();
    rows.iter().for_each(|row| drop(black_box(Change::written(row))));
    Ok([
        ("of it: the file read again", parsed),
        ("of it: rows made and sealed, two threads", sealed),
        ("of it: digests for the audit, one thread", ms_since(began)),
    ])
}
