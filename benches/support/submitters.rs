//! Clients that submit forms through HTTP, as a process of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::Method;
use serde_json::{Value, json};
use zhaosheng::service::demonstration::stage_city::SEASON;

use crate::support::connection::{Ask, Connection};
use crate::support::figures::Latencies;
use crate::support::server::{GENERATOR_CORE, generate_on};
use crate::support::staged_city::{Filer, Outcome, open};

/// Writes what each candidate sends: path, token, body.
pub(crate) fn submissions(url: &str, filers: &[Filer]) -> Outcome<PathBuf> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("filers.json");
    let app = open(url)?;
    let now_ms = app.about_now_ms();
    let rows: Vec<Value> = filers
        .iter()
        .map(|filer| {
            let at = format!("/api/v1/seasons/{SEASON}/candidates/{}/forms/{}", filer.exam_no, filer.batch);
            let token = app.tokens().issue(&filer.caller(), now_ms);
            json!([format!("{at}/versions"), token, json!({"choices": filer.choices}).to_string()])
        })
        .collect();
    fs::write(&file, serde_json::to_vec(&rows)?)?;
    Ok(file)
}

/// What clients reach who submit without pause, spread over the servers: `rate` per second, `p50`, `p99`, `others`.
pub(crate) fn submitted(addresses: &[&str], file: &Path, clients: usize, seconds: u64) -> Outcome<Value> {
    submitted_from(GENERATOR_CORE, addresses, file, clients, seconds)
}

/// As [`submitted`], by clients on these cores.
pub(crate) fn submitted_from(
    cores: &str,
    addresses: &[&str],
    file: &Path,
    clients: usize,
    seconds: u64,
) -> Outcome<Value> {
    let (file, clients) = (file.display().to_string(), clients.to_string());
    let told =
        generate_on(cores, &["generate", &addresses.join(","), &file, &clients, &seconds.to_string()])?;
    Ok(serde_json::from_str(&told)?)
}

/// The process of the clients; its words are those of [`submitted`].
pub(crate) fn submit_all(words: &[&str]) -> Outcome {
    let [addresses, file, clients, seconds] = words else { return Err("generate: four words".into()) };
    let addresses: Vec<&str> = addresses.split(',').collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(post(&addresses, Path::new(file), clients.parse()?, seconds.parse()?))
}

/// The generator: keep-alive clients that each send their next form when the last was answered.
async fn post(addresses: &[&str], file: &Path, clients: usize, seconds: u64) -> Outcome {
    let filers: Arc<Vec<[String; 3]>> = Arc::new(serde_json::from_slice(&fs::read(file)?)?);
    let duration = Duration::from_secs(seconds);
    let began = Instant::now();
    let callers: Vec<_> = (0..clients)
        .map(|client| {
            let (filers, mut connection) =
                (filers.clone(), Connection::new(addresses[client % addresses.len()]));
            tokio::spawn(async move {
                let (mut latencies, mut others) = (Latencies::default(), 0_u64);
                for [path, token, body] in filers.iter().skip(client).step_by(clients).cycle() {
                    if began.elapsed() >= duration {
                        break;
                    }
                    let key = uuid::Uuid::now_v7().to_string();
                    let headers = [("If-Match", "*"), ("Idempotency-Key", key.as_str())];
                    let sent = Instant::now();
                    let ask = Ask { path, token, headers: &headers, body: body.clone() };
                    match connection.send(Method::POST, &ask).await {
                        Ok(answer) if answer.status == 201 => latencies.add(sent.elapsed().as_micros()),
                        _ => others += 1,
                    }
                }
                (latencies, others)
            })
        })
        .collect();
    let (mut all, mut others) = (Latencies::default(), 0);
    for caller in callers {
        let (latencies, refused) = caller.await?;
        all.append(latencies);
        others += refused;
    }
    let rate = all.count() as f64 / began.elapsed().as_secs_f64();
    println!("{}", json!({"rate": rate, "p50": all.at(0.5), "p99": all.at(0.99), "others": others}));
    Ok(())
}
