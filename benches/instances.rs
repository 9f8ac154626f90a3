//! Several instances over one PostgreSQL: forms a second, what each costs, and what the database says it waits for.
//!
//! `TEST_POSTGRES_URL=... cargo bench --bench instances -- [--percent 5] [--seconds 10] [--clients 64] [--size 10000]`:
//! 1, 2, 4 and 8 instances, each held to so many hundredths of a core (`cpulimit`), so that eight machines fit on one;
//! clients spread over them. They scale until the database is the limit, as its own processor time shows.
//! With `runs [--percent 20] [--size 100000]`: one official run, its areas shared by 1, 2 and 4 instances.

mod support;

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::server::{ALL_CORES, Limit, Server, cpu_s};
use support::staged_city::{Chosen, Outcome, copied, fresh_database, open, stage, told};
use support::staged_run::stage_run;
use support::submitters::{submissions, submit_all, submitted};
use zhaosheng::service::demonstration::stage_city::SEASON;
use zhaosheng::service::error::ServiceError;
use zhaosheng::storage::run_events;
use zhaosheng::storage::runs::{self, RunRow};

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let named: Vec<&str> = words.iter().map(String::as_str).collect();
    if named.first() == Some(&"generate") {
        return submit_all(&named[1..]);
    }
    let number = |name: &str, usual: u64| {
        let at = named.iter().position(|&word| word == name);
        at.and_then(|at| named.get(at + 1)?.parse().ok()).unwrap_or(usual)
    };
    if std::env::var("TEST_POSTGRES_URL").is_err() {
        println!("skipped: TEST_POSTGRES_URL names no server");
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if named.first() == Some(&"runs") {
        return runtime.block_on(shared_runs(number("--percent", 20), number("--size", 100_000)));
    }
    let (percent, seconds, clients) =
        (number("--percent", 5), number("--seconds", 10), number("--clients", 64) as usize);
    let url = fresh_database("postgres", "bench_instances")?;
    let filers = runtime.block_on(stage(&url, number("--size", 10_000), Chosen::FirstArea))?;
    let file = submissions(&url, &filers)?;
    println!(
        "instances held to {percent} % of a core, {clients} clients that submit without pause, one PostgreSQL"
    );
    println!(
        "| instances | forms/s | p50, ms | p99, ms | other answers | instances, us a form | database, us a form | cores of the database | what its sessions do |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for count in [1, 2, 4, 8] {
        let servers = (0..count).map(|_| Server::start(&url, &[])).collect::<Outcome<Vec<Server>>>()?;
        let _limits = servers.iter().map(|one| one.limited(percent)).collect::<Outcome<Vec<Limit>>>()?;
        let addresses: Vec<&str> = servers.iter().map(|one| one.address.as_str()).collect();
        let used = |servers: &[Server]| servers.iter().map(Server::cpu_s).sum::<f64>();
        let (before, database_before) = (used(&servers), database_cpu_s());
        let watch = Watch::begin(&url)?;
        let figures = submitted(&addresses, &file, clients, seconds)?;
        let sessions = watch.end()?;
        let (own, database) = (used(&servers) - before, database_cpu_s() - database_before);
        let rate = figures["rate"].as_f64().ok_or("no rate")?;
        let forms = rate * seconds as f64;
        println!(
            "| {count} | {rate:.0} | {} | {} | {} | {:.0} | {:.0} | {:.2} | {sessions} |",
            figures["p50"],
            figures["p99"],
            figures["others"],
            1e6 * own / forms,
            1e6 * database / forms,
            database / seconds as f64,
        );
    }
    Ok(())
}

/// One run, its areas done by 1, 2 and 4 instances.
async fn shared_runs(percent: u64, size: u64) -> Outcome {
    let staged = fresh_database("postgres", "bench_shared")?;
    stage_run(&staged, size).await?;
    // The last connection of the service to its own database is given back when it has been idle.
    tokio::time::sleep(Duration::from_millis(500)).await;
    println!(
        "one official run of {size} candidates, instances held to {percent} % of a core, one PostgreSQL"
    );
    println!(
        "| instances | seconds | candidates of areas that others did | instances, processor s | database, processor s |"
    );
    println!("|---|---|---|---|---|");
    for count in [1, 2, 4] {
        let url = copied(&staged, "bench_shared_round")?;
        let app = open(&url)?;
        let run = app.database().read(runs::list_queued).await?.pop().ok_or("no run waits")?;
        // Nobody begins before all are there.
        let (held, waiting) = (RunRow { state: "dropped".to_owned(), ..run.clone() }, run.clone());
        drop(app.database().write(move |connection| runs::replace(connection, "queued", &held)).await?);
        let start = |_| Server::start_on(ALL_CORES, &url, &["--run-lease-ms", "60000"]);
        let servers = (0..count).map(start).collect::<Outcome<Vec<Server>>>()?;
        let _limits = servers.iter().map(|one| one.limited(percent)).collect::<Outcome<Vec<Limit>>>()?;
        let used = || servers.iter().map(Server::cpu_s).sum::<f64>();
        let (began, before, database_before) = (Instant::now(), used(), database_cpu_s());
        drop(app.database().write(move |connection| runs::replace(connection, "dropped", &waiting)).await?);
        let events = loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let id = run.id.clone();
            let (state, events) = app
                .database()
                .read(move |connection| {
                    let run = runs::find(connection, SEASON, &id)?.ok_or(ServiceError::NotFound)?;
                    Ok::<_, ServiceError>((run.state, run_events::list(connection, &id, 0)?))
                })
                .await
                .map_err(told)?;
            match state.as_str() {
                "queued" => {}
                "done" => break events,
                other => return Err(format!("the run is {other}").into()),
            }
        };
        let of_others = events.iter().find(|event| event.stage == "areas of other instances");
        println!(
            "| {count} | {:.1} | {} | {:.1} | {:.1} |",
            began.elapsed().as_secs_f64(),
            of_others.map_or(0, |event| event.size),
            used() - before,
            database_cpu_s() - database_before
        );
    }
    Ok(())
}

/// Processor seconds of all processes of PostgreSQL on this machine. A session that has ended is missing.
fn database_cpu_s() -> f64 {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    let is_postgres = |id: &String| {
        std::fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|name| name.trim() == "postgres")
    };
    names.filter(is_postgres).map(|id| cpu_s(&id)).sum()
}

/// Looks five times a second at what the sessions of the database do.
struct Watch(Child);

impl Watch {
    fn begin(url: &str) -> Outcome<Watch> {
        let mut process = Command::new("psql")
            .args(["-X", "-A", "-t", "-q", url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let sql = "SELECT CASE WHEN state <> 'active' THEN state ELSE coalesce(wait_event_type || ' ' || wait_event, \
                   'on a processor') END FROM pg_stat_activity WHERE datname = current_database() AND \
                   backend_type = 'client backend' AND pid <> pg_backend_pid() \\watch 0.2\n";
        process.stdin.as_mut().ok_or("no input")?.write_all(sql.as_bytes())?;
        Ok(Watch(process))
    }

    /// The shares of what was seen, the largest first.
    fn end(mut self) -> Outcome<String> {
        std::thread::sleep(Duration::from_millis(200));
        self.0.kill()?;
        let seen = self.0.wait_with_output()?;
        let text = String::from_utf8_lossy(&seen.stdout).into_owned();
        let mut counts = std::collections::BTreeMap::new();
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.contains("(every")) {
            *counts.entry(line.trim().to_owned()).or_insert(0_usize) += 1;
        }
        let all: usize = counts.values().sum();
        let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let shares =
            counts.iter().take(4).map(|(what, count)| format!("{what} {} %", 100 * count / all.max(1)));
        Ok(shares.collect::<Vec<_>>().join(", "))
    }
}
