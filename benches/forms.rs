//! Forms submitted, against the bare database running the same statements in the same minute.
//!
//! `cargo bench --bench forms -- [store|http] [--clients 64] [--seconds 5] [--rounds 3] [--size 10000] [--statements]`;
//! PostgreSQL is measured where `TEST_POSTGRES_URL` names a server. The statements are read off the service; the bare
//! database runs them in a loop of prepared statements (SQLite, many submissions to a commit) or by pgbench
//! (PostgreSQL, the best of several counts of clients). Each round measures all in turn: trust ratios only.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use support::bare::{Statement, pgbench, script, sqlite, statements};
use support::figures::median;
use support::server::{ALL_CORES, GENERATOR_CORE, SERVER_CORE, Server, cpu_s};
use support::staged_city::{Chosen, Filer, Outcome, copied, fresh_database, open_with, stage, submit, told};
use support::submitters::{submissions, submit_all, submitted_from};
use zhaosheng::service::app::USUAL_CONNECTIONS;
use zhaosheng::service::precondition::Precondition;

/// What is measured.
struct Plan {
    store: bool,
    http: bool,
    clients: usize,
    seconds: u64,
    rounds: usize,
    size: u64,
    told: bool,
}

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let named: Vec<&str> = words.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if named.first() == Some(&"generate") {
        return submit_all(&named[1..]);
    }
    let number = |name: &str, usual: u64| {
        let at = named.iter().position(|&word| word == name);
        at.and_then(|at| named.get(at + 1)?.parse().ok()).unwrap_or(usual)
    };
    let plan = Plan {
        store: !named.contains(&"http"),
        http: !named.contains(&"store"),
        clients: number("--clients", 64) as usize,
        seconds: number("--seconds", 5),
        rounds: number("--rounds", 3) as usize,
        size: number("--size", 10_000),
        told: named.contains(&"--statements"),
    };
    for kind in ["sqlite", "postgres"] {
        let left_out = match kind {
            "sqlite" => named.contains(&"--only-postgres"),
            _ => named.contains(&"--only-sqlite") || std::env::var("TEST_POSTGRES_URL").is_err(),
        };
        if !left_out {
            runtime.block_on(measure(kind, &plan))?;
        }
    }
    Ok(())
}

/// Measures one kind of database.
async fn measure(kind: &str, plan: &Plan) -> Outcome {
    let url = fresh_database(kind, "bench_forms")?;
    let mut filers = stage(&url, plan.size, Chosen::FirstArea).await?;
    // People come in no order; who came in that of their numbers would write neighbouring rows all the time.
    filers.sort_by_cached_key(|filer| Sha256::digest(&filer.exam_no).to_vec());
    let exam_nos: Vec<String> = filers.iter().map(|filer| filer.exam_no.clone()).collect();
    let read = statements(&url, &filers[0]).await?;
    println!("{kind}: {} candidates submit, {} statements each", filers.len(), read.len());
    if plan.told {
        read.iter().for_each(|statement| println!("  {}", statement.sql));
    }
    let bare = Bare::prepare(&url, read, exam_nos, plan).await?;
    let connections = connections(kind, &url, &filers, plan).await?;
    let duration = Duration::from_secs(plan.seconds);
    let (mut bares, mut stores, mut https, mut aparts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // Processor time of one form: what another process takes of the machine does not change it.
    let cost = |began: f64, rate: f64| 1e6 * (cpu_s("self") - began) / rate / duration.as_secs_f64();
    for round in 0..plan.rounds.max(1) {
        let began = cpu_s("self");
        bares.push(bare.run(duration)?);
        let bare_us = cost(began, bares[round]);
        if plan.store {
            let began = cpu_s("self");
            stores.push(store((&url, connections), &filers, plan.clients, duration).await?);
            let store_us = cost(began, stores[round]);
            println!(
                "    processor time of a form, this process: bare {bare_us:.0} us, store {store_us:.0} us"
            );
        }
        if plan.http {
            https.push(http((&url, connections), &filers, plan, (ALL_CORES, ALL_CORES))?);
            aparts.push(http((&url, connections), &filers, plan, (SERVER_CORE, GENERATOR_CORE))?);
        }
        let last = |figures: &[f64]| figures.last().copied().unwrap_or(0.0);
        println!(
            "  round {}: bare {:.0}/s, store {:.0}/s, http {:.0}/s, on cores of their own {:.0}/s",
            round + 1,
            last(&bares),
            last(&stores),
            last(&https),
            last(&aparts)
        );
    }
    let bare_rate = median(bares);
    println!("  bare  {bare_rate:>7.0} forms/s ({})", bare.how());
    for (name, rates) in [("store", stores), ("http", https), ("apart", aparts)] {
        if !rates.is_empty() {
            let rate = median(rates);
            println!("  {name:<5} {rate:>7.0} forms/s, {:>3.0} % of bare", 100.0 * rate / bare_rate);
        }
    }
    if plan.http {
        println!(
            "  apart: http with the server on core {SERVER_CORE}, the generator on core {GENERATOR_CORE}"
        );
    }
    Ok(())
}

/// With how many connections the service does best here, as pgbench is asked for its best: PostgreSQL has this machine's
/// cores too. SQLite is written through one in any case.
async fn connections(kind: &str, url: &str, filers: &[Filer], plan: &Plan) -> Outcome<u32> {
    let mut best = (0.0, USUAL_CONNECTIONS);
    for connections in [4, 6, 8, USUAL_CONNECTIONS].into_iter().filter(|_| kind == "postgres") {
        let rate = store((url, connections), filers, plan.clients, Duration::from_secs(3)).await?;
        println!("  the service with {connections} connections: {rate:.0}/s");
        if rate > best.0 {
            best = (rate, connections);
        }
    }
    Ok(best.1)
}

/// The bare database, on a copy of what the service works on.
enum Bare {
    Sqlite { file: PathBuf, statements: Vec<Statement>, exam_nos: Vec<String>, together: usize },
    Postgres { url: String, script: PathBuf, same: Vec<(String, String)>, clients: usize },
}

impl Bare {
    async fn prepare(
        url: &str,
        statements: Vec<Statement>,
        exam_nos: Vec<String>,
        plan: &Plan,
    ) -> Outcome<Bare> {
        // The last connection of the service to its own database ends with its writer's thread.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let copy = copied(url, "bench_forms_bare")?;
        if let Some(file) = copy.strip_prefix("sqlite://") {
            let file = PathBuf::from(file);
            return Ok(Bare::Sqlite { file, statements, exam_nos, together: plan.clients });
        }
        let (text, same) = script(&statements, &exam_nos);
        let script = Path::new(env!("CARGO_TARGET_TMPDIR")).join("submission.sql");
        fs::write(&script, text)?;
        let mut best = (0.0, 0);
        for clients in [4, 8, 16, 32] {
            let rate = pgbench(&copy, &script, &same, clients, Duration::from_secs(3))?;
            println!("  pgbench with {clients} clients: {rate:.0}/s");
            if rate > best.0 {
                best = (rate, clients);
            }
        }
        Ok(Bare::Postgres { url: copy, script, same, clients: best.1 })
    }

    fn run(&self, duration: Duration) -> Outcome<f64> {
        match self {
            Bare::Sqlite { file, statements, exam_nos, together } => {
                sqlite(file, statements, exam_nos, *together, duration)
            }
            Bare::Postgres { url, script, same, clients } => pgbench(url, script, same, *clients, duration),
        }
    }

    fn how(&self) -> String {
        match self {
            Bare::Sqlite { together, .. } => format!("prepared statements in a loop, {together} to a commit"),
            Bare::Postgres { clients, .. } => format!("pgbench -M prepared -c {clients}"),
        }
    }
}

/// Forms per second of the service without a server: so many callers at once.
async fn store(
    (url, connections): (&str, u32),
    filers: &[Filer],
    clients: usize,
    duration: Duration,
) -> Outcome<f64> {
    let app = open_with(url, connections)?;
    let count = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let callers: Vec<_> = (0..clients)
        .map(|client| {
            let own: Vec<Filer> = filers.iter().skip(client).step_by(clients).cloned().collect();
            let (app, count) = (app.clone(), count.clone());
            tokio::spawn(async move {
                for filer in own.iter().cycle() {
                    if began.elapsed() >= duration {
                        break;
                    }
                    submit(&app, filer, Precondition::MatchAny).await?;
                    count.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            })
        })
        .collect();
    for caller in callers {
        caller.await?.map_err(told)?;
    }
    Ok(count.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

/// Forms per second through HTTP: the server and its clients are processes of their own, on these cores.
fn http(
    (url, connections): (&str, u32),
    filers: &[Filer],
    plan: &Plan,
    (server, generator): (&str, &str),
) -> Outcome<f64> {
    let file = submissions(url, filers)?;
    let server = Server::start_on(server, url, &["--connections", &connections.to_string()])?;
    let figures = submitted_from(generator, &[&server.address], &file, plan.clients, plan.seconds)?;
    println!(
        "    p50 {} ms, p99 {} ms; other answers: {}; the server had {:.0} % of a core, {:.0} us for a form",
        figures["p50"],
        figures["p99"],
        figures["others"],
        100.0 * server.cpu_s() / plan.seconds as f64,
        1e6 * server.cpu_s() / figures["rate"].as_f64().unwrap_or(1.0) / plan.seconds as f64
    );
    figures["rate"].as_f64().ok_or_else(|| "no rate".into())
}
