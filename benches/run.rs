//! A whole run from the database (load, place with both engines, check, explain, pack, seal, store), beside the
//! database alone reading the same rows and writing the same result rows.
//!
//! `cargo bench --bench run -- [--size 100000] [--rounds 3]`; PostgreSQL is measured where `TEST_POSTGRES_URL` names a
//! server. The city is staged once; every round works on a copy of it.

mod support;

use std::collections::BTreeMap;
use std::time::Instant;

use support::figures::{least, ms_since, peak_mib};
use support::rows::{RowsOf, bare_database, put, read_as_csv, take};
use support::server::cpu_s;
use support::staged_city::{Outcome, copied, fresh_database, kinds, open, told};
use support::staged_run::{stage_run, work};
use support::stages::Stages;
use zhaosheng::domain::progress::Progress;
use zhaosheng::service::app::App;
use zhaosheng::service::demonstration::stage_city::SEASON;
use zhaosheng::service::runs::place_season::place_season;
use zhaosheng::service::runs::run_input::read_run_input;
use zhaosheng::service::runs::seal_result::{sealed_area, sealed_sheets};
use zhaosheng::service::secrets::result_key::ResultKey;
use zhaosheng::storage::seasons;

/// What a run reads.
const INPUT: [RowsOf; 9] = [
    RowsOf::all("areas"),
    RowsOf::all("junior_schools"),
    RowsOf::all("senior_schools"),
    RowsOf::all("programmes"),
    RowsOf::all("quota_overrides"),
    RowsOf::all("candidates"),
    RowsOf::all("scores"),
    RowsOf::all("past_lines"),
    RowsOf { table: "form_versions", only: "season = 'demo' AND stage = 'official'" },
];

/// What it leaves behind.
const RESULT: [RowsOf; 2] =
    [RowsOf::all("run_files"), RowsOf { table: "audit_lines", only: "act = 'finish_run'" }];

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, usual: u64| {
        let at = words.iter().position(|word| word == name);
        at.and_then(|at| words.get(at + 1)?.parse().ok()).unwrap_or(usual)
    };
    let (size, rounds) = (number("--size", 100_000), number("--rounds", 3).max(1));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    kinds().into_iter().try_for_each(|kind| runtime.block_on(measure(kind, size, rounds)))
}

async fn measure(kind: &str, size: u64, rounds: u64) -> Outcome {
    let staged = fresh_database(kind, "bench_run")?;
    let began = Instant::now();
    stage_run(&staged, size).await?;
    println!("{kind}: {size} candidates, staged in {:.0} s", began.elapsed().as_secs_f64());
    // The last connection of the service to its own database ends with its writer's thread.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let mut stages: Vec<(&'static str, f64)> = Vec::new();
    let mut figures: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for _ in 0..rounds {
        let mut add = |name, ms| figures.entry(name).or_default().push(ms);
        let url = copied(&staged, "bench_run_round")?;
        let app = open(&url)?;
        let told = pieces(&app).await?;
        if stages.is_empty() || sum(&told) < sum(&stages) {
            stages = told;
        }
        let (began, cpu) = (Instant::now(), cpu_s("self"));
        work(&app).await?;
        add("whole run", ms_since(began));
        add("processor time of it, this process", 1e3 * (cpu_s("self") - cpu));
        drop(app);
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let (read, _) = read_as_csv(&url, &INPUT)?;
        // Rows that the result refers to.
        let before = take(&url, &[RowsOf::all("seasons"), RowsOf::all("runs")])?;
        let bare = bare_database(kind, "bench_run_bare", &before)?;
        let written = put(&bare, &take(&url, &RESULT)?)?;
        add("bare: read", read);
        add("bare: written", written);
        add("bare", read + written);
    }
    println!("  stages, apart from the run, of the quickest of {rounds}");
    for (name, ms) in stages {
        println!("    {name:<40} {ms:>7.0} ms");
    }
    for (name, all) in &figures {
        println!("  {name:<42} {:>7.0} ms (least of {rounds})", least(all));
    }
    println!(
        "  ratio {:.1}, peak memory with staging {} MiB",
        least(&figures["whole run"]) / least(&figures["bare"]),
        peak_mib()
    );
    Ok(())
}

fn sum(stages: &[(&str, f64)]) -> f64 {
    stages.iter().map(|stage| stage.1).sum()
}

/// The stages of the run that waits, done without it.
async fn pieces(app: &App) -> Outcome<Vec<(&'static str, f64)>> {
    let stages = Stages::default();
    stages.stage("load from the database", 0);
    let season = app.database().read(|connection| seasons::find(connection, SEASON)).await?;
    let input = read_run_input(app.database(), season.ok_or("no season")?, "official").await.map_err(told)?;
    stages.stage("hash of the input", 0);
    input.hash();
    stages.stage("read the sheets", 0);
    let placed = place_season(&input, None, &stages).map_err(|breaches| breaches.join("; "))?;
    let key = ResultKey::generate();
    stages.stage("write, pack and seal the sheets", 0);
    sealed_sheets(&placed, "bench", &key);
    stages.stage("explain, pack and seal the areas", 0);
    (0..placed.areas()).for_each(|area| drop(sealed_area(&placed, "bench", &key, area)));
    Ok(stages.spent())
}
