//! Pages and the API, against a handler of actix-web that does nothing.
//!
//! `cargo bench --bench pages -- [--size 10000] [--seconds 1] [--rounds 3] [--postgres]`: latency at one and at sixteen
//! keep-alive connections, requests a second and processor time per request. The server has one core, the generator the
//! other; the empty handler is a server of its own on the same core. Each round asks for everything in turn: trust
//! ratios only.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::Method;
use actix_web::{HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use support::connection::{Ask, Connection};
use support::figures::{Latencies, median};
use support::server::{GENERATOR_CORE, SERVER_CORE, Server, generate};
use support::staged_city::{Chosen, Filer, Outcome, city_folder, filers, fresh_database, stage_alone};
use support::staged_run::publish;
use zhaosheng::service::app::App;
use zhaosheng::service::demonstration::file_forms::file_forms;
use zhaosheng::service::demonstration::stage_city::SEASON;
use zhaosheng::web::caller::SESSION_COOKIE;

/// Candidates whose pages are asked for in turn.
const PEOPLE: usize = 64;

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let named: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |name: &str, usual: u64| {
        let at = named.iter().position(|&word| word == name);
        at.and_then(|at| named.get(at + 1)?.parse().ok()).unwrap_or(usual)
    };
    match named.as_slice() {
        ["empty", address] => return empty(address),
        ["generate", address, file, clients, seconds] => {
            let own = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            return own.block_on(get(address, Path::new(file), clients.parse()?, seconds.parse()?));
        }
        _ => {}
    }
    let kind = if named.contains(&"--postgres") { "postgres" } else { "sqlite" };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (rounds, seconds) = (number("--rounds", 3), number("--seconds", 1));
    let url = fresh_database(kind, "bench_pages")?;
    let (app, city, people) = runtime.block_on(staged(&url, number("--size", 10_000)))?;
    println!("{kind}: server on core {SERVER_CORE}, generator on core {GENERATOR_CORE}, median of {rounds}");
    println!(
        "| what | p50, 1 | p99, 1 | requests/s | p50, 16 | p99, 16 | requests/s | processor time | of empty |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let filling = filling(&app, &people)?;
    measure(&url, filling, rounds, seconds)?;
    runtime.block_on(publish(&app, &city))?;
    measure(&url, published(&app, &people)?, rounds, seconds)
}

/// A server whose one handler answers with nothing.
fn empty(address: &str) -> Outcome {
    let server = HttpServer::new(|| {
        actix_web::App::new().route("/", web::get().to(async || HttpResponse::Ok().finish()))
    });
    Ok(actix_web::rt::System::new().block_on(server.workers(1).bind(address)?.run())?)
}

/// A city whose forms are filed, and some of its candidates.
async fn staged(
    url: &str,
    size: u64,
) -> Outcome<(App, zhaosheng::service::demonstration::stage_city::StagedCity, Vec<Filer>)> {
    let (app, city) = stage_alone(url, size).await?;
    let folder = city_folder(size)?;
    let people = filers(&app, &folder, Chosen::Spread(PEOPLE)).await?;
    file_forms(&app, &folder, "").await.map_err(|error| format!("{error:?}"))?;
    Ok((app, city, people))
}

/// What is asked for, by its name: a file of requests.
type Asked = Vec<(&'static str, PathBuf)>;

/// Writes requests, each a path with the header that tells who asks.
fn asked(name: &'static str, requests: Vec<(String, &str, String)>) -> Outcome<(&'static str, PathBuf)> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.json", name.replace(' ', "-")));
    fs::write(&file, serde_json::to_vec(&requests)?)?;
    Ok((name, file))
}

/// Asked for by each of the people in turn, with her token or with the cookie of her pages.
fn by_each(
    app: &App,
    people: &[Filer],
    cookie: bool,
    path: impl Fn(&Filer) -> String,
) -> Vec<(String, &'static str, String)> {
    let now_ms = app.about_now_ms();
    let one = |filer: &Filer| {
        let caller = filer.caller();
        if cookie {
            let value = format!("{SESSION_COOKIE}={}", app.keyring().cookie(&caller));
            return (path(filer), "Cookie", value);
        }
        (path(filer), "Authorization", format!("Bearer {}", app.tokens().issue(&caller, now_ms)))
    };
    people.iter().map(one).collect()
}

/// What is asked for while forms are filled.
fn filling(app: &App, people: &[Filer]) -> Outcome<Asked> {
    let by_nobody = |path: &str| vec![(path.to_owned(), "Accept", "*/*".to_owned())];
    let api = |filer: &Filer| format!("/api/v1/seasons/{SEASON}/candidates/{}", filer.exam_no);
    Ok(vec![
        asked("healthz", by_nobody("/healthz"))?,
        asked("version", by_nobody("/version"))?,
        asked("start page", by_nobody("/"))?,
        asked("log-in page", by_nobody("/log-in"))?,
        asked("own home page", by_each(app, people, true, |_| format!("/seasons/{SEASON}")))?,
        asked(
            "own form page",
            by_each(app, people, true, |filer| format!("/seasons/{SEASON}/forms/{}", filer.batch)),
        )?,
        asked(
            "programme search API",
            by_each(app, people, false, |_| format!("/api/v1/seasons/{SEASON}/programmes?q=gz&limit=20")),
        )?,
        asked(
            "form API",
            by_each(app, people, false, |filer| format!("{}/forms/{}", api(filer), filer.batch)),
        )?,
    ])
}

/// What is asked for once the result is published.
fn published(app: &App, people: &[Filer]) -> Outcome<Asked> {
    Ok(vec![
        asked("own result page", by_each(app, people, true, |_| format!("/seasons/{SEASON}/own/result")))?,
        asked(
            "result API with its leaf",
            by_each(app, people, false, |filer| {
                format!("/api/v1/seasons/{SEASON}/candidates/{}/result", filer.exam_no)
            }),
        )?,
    ])
}

/// Figures of one request at one and at sixteen connections: p50 and p99 in ms, requests a second, and processor
/// microseconds per request at sixteen.
type Figures = [Vec<f64>; 7];

/// Measures the empty handler and each of these in turn.
fn measure(url: &str, what: Asked, rounds: u64, seconds: u64) -> Outcome {
    let nothing = asked("empty handler", vec![("/".to_owned(), "Accept", "*/*".to_owned())])?;
    let what: Asked = [nothing].into_iter().chain(what).collect();
    let (empty, server) = (Server::empty()?, Server::start(url, &[])?);
    let mut all: Vec<Figures> = vec![Figures::default(); what.len()];
    for _ in 0..rounds.max(1) {
        for (at, (name, file)) in what.iter().enumerate() {
            let server = if at == 0 { &empty } else { &server };
            // Once before it counts: what is made once and kept, is made.
            ask(server, file, 16, 0)?;
            for (clients, first) in [(1, 0), (16, 3)] {
                let cpu = server.cpu_s();
                let told = ask(server, file, clients, seconds)?;
                if told["others"] != json!(0) {
                    return Err(format!("{name}: {}", told["others"]).into());
                }
                for (place, figure) in ["p50", "p99", "rate"].into_iter().enumerate() {
                    all[at][first + place].push(told[figure].as_f64().unwrap_or(0.0));
                }
                if clients > 1 {
                    let count = told["count"].as_f64().unwrap_or(1.0);
                    all[at][6].push(1e6 * (server.cpu_s() - cpu) / count);
                }
            }
        }
    }
    let all: Vec<[f64; 7]> = all.into_iter().map(|figures| figures.map(median)).collect();
    for ((name, _), figures) in what.iter().zip(&all) {
        let [p50, p99, rate, p50_16, p99_16, rate_16, cpu] = figures;
        println!(
            "| {name} | {p50:.2} ms | {p99:.2} ms | {rate:.0} | {p50_16:.2} ms | {p99_16:.2} ms | {rate_16:.0} | {cpu:.0} us \
             | p50 {:.1} and {:.1}, processor {:.1} times |",
            p50 / all[0][0],
            p50_16 / all[0][3],
            cpu / all[0][6]
        );
    }
    Ok(())
}

fn ask(server: &Server, file: &Path, clients: usize, seconds: u64) -> Outcome<Value> {
    let (file, clients, seconds) = (file.display().to_string(), clients.to_string(), seconds.to_string());
    let told = generate(&["generate", &server.address, &file, &clients, &seconds])?;
    Ok(serde_json::from_str(&told)?)
}

/// The generator: keep-alive clients that each ask again when they were answered; at least once each.
async fn get(address: &str, file: &Path, clients: usize, seconds: u64) -> Outcome {
    let requests: Arc<Vec<[String; 3]>> = Arc::new(serde_json::from_slice(&fs::read(file)?)?);
    let duration = Duration::from_secs(seconds);
    let began = Instant::now();
    let callers: Vec<_> = (0..clients)
        .map(|client| {
            let (requests, mut connection) = (requests.clone(), Connection::new(address));
            tokio::spawn(async move {
                let (mut latencies, mut others) = (Latencies::default(), Vec::new());
                for [path, name, value] in requests.iter().cycle().skip(client % requests.len()) {
                    let headers = [(name.as_str(), value.as_str())];
                    let ask = Ask { path, headers: &headers, ..Ask::default() };
                    let sent = Instant::now();
                    match connection.send(Method::GET, &ask).await {
                        Ok(answer) if answer.status == 200 => latencies.add(sent.elapsed().as_micros()),
                        Ok(answer) => others.push(format!("{} {path}", answer.status)),
                        Err(error) => others.push(error),
                    }
                    if began.elapsed() >= duration {
                        break;
                    }
                }
                (latencies, others)
            })
        })
        .collect();
    let (mut all, mut others) = (Latencies::default(), Vec::new());
    for caller in callers {
        let (latencies, refused) = caller.await?;
        all.append(latencies);
        others.extend(refused);
    }
    let rate = all.count() as f64 / began.elapsed().as_secs_f64();
    let count = all.count();
    let others = if others.is_empty() { json!(0) } else { json!(others[0]) };
    let (p50, p99) = (all.at(0.5), all.at(0.99));
    println!("{}", json!({"rate": rate, "p50": p50, "p99": p99, "count": count, "others": others}));
    Ok(())
}
