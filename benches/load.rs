//! Many people at once: the last minute before a deadline, and far more than the service can take.
//!
//! `cargo bench --bench load -- deadline [--size 100000] [--seconds 60] [--logins 10] [--postgres]`: 5 % of the
//! candidates act in one minute (83 a second of 100,000), at the real rate: of them so many percent log in first, all
//! search, save a draft and submit.
//! `cargo bench --bench load -- overload [--size 10000] [--seconds 10] [--postgres]`: the rate that clients reach who
//! wait for each other's answers, then 1, 2, 5 and 10 times that rate, and back.
//!
//! Requests are sent when they are due, whatever became of those before, and their time counts from then. The server
//! has one core, the generator the other.

mod support;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::http::Method;
use serde_json::{Value, json};
use support::connection::{Answer, Ask, Connection};
use support::figures::Latencies;
use support::server::{GENERATOR_CORE, SERVER_CORE, Server, generate};
use support::staged_city::{Chosen, Outcome, PASSWORD, fresh_database, login, open, stage};
use zhaosheng::service::demonstration::stage_city::SEASON;

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let named: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |name: &str, usual: u64| {
        let at = named.iter().position(|&word| word == name);
        at.and_then(|at| named.get(at + 1)?.parse().ok()).unwrap_or(usual)
    };
    if let ["generate", what, address, file, rate, seconds, logins] = named.as_slice() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let load = Rc::new(Load::read(address, Path::new(file))?);
        let seconds = seconds.parse()?;
        return tokio::task::LocalSet::new().block_on(&runtime, async {
            match *what {
                "deadline" => deadline(load, rate.parse()?, seconds, logins.parse()?).await,
                _ => overload(load, seconds).await,
            }
        });
    }
    let kind = if named.contains(&"--postgres") { "postgres" } else { "sqlite" };
    let what = if named.contains(&"overload") { "overload" } else { "deadline" };
    let (size, seconds, chosen) = match what {
        "overload" => (number("--size", 10_000), number("--seconds", 10), Chosen::FirstArea),
        _ => {
            let size = number("--size", 100_000);
            // A twentieth of them in a minute, and some in reserve for lists that the check refuses.
            let seconds = number("--seconds", 60);
            (size, seconds, Chosen::Spread((size / 20 * seconds / 60 * 11 / 10) as usize))
        }
    };
    let url = fresh_database(kind, "bench_load")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let file = runtime.block_on(people(&url, size, chosen))?;
    let server = Server::start(&url, &[])?;
    let rate = format!("{}", size as f64 * 0.05 / 60.0);
    let (file, seconds, logins) =
        (file.display().to_string(), seconds.to_string(), number("--logins", 10).to_string());
    println!(
        "{what} on {kind}: {size} candidates; server on core {SERVER_CORE}, generator on core {GENERATOR_CORE}"
    );
    print!("{}", generate(&["generate", what, &server.address, &file, &rate, &seconds, &logins])?);
    println!("  server used {:.1} processor seconds", server.cpu_s());
    Ok(())
}

/// Stages the city and writes who acts.
async fn people(url: &str, size: u64, chosen: Chosen) -> Outcome<PathBuf> {
    let filers = stage(url, size, chosen).await?;
    let app = open(url)?;
    let now_ms = app.about_now_ms();
    let rows: Vec<Value> = filers
        .iter()
        .map(|filer| {
            let at = format!("/api/v1/seasons/{SEASON}/candidates/{}/forms/{}", filer.exam_no, filer.batch);
            let token = app.tokens().issue(&filer.caller(), now_ms);
            json!([at, token, json!({"choices": filer.choices}).to_string(), login(&filer.exam_no)])
        })
        .collect();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("people.json");
    fs::write(&file, serde_json::to_vec(&rows)?)?;
    Ok(file)
}

/// How long a connection is kept that nobody uses.
const LONGEST_IDLE: Duration = Duration::from_secs(10);

/// Somebody who acts: the path of her form, her token, her list as JSON, her login.
type Person = [String; 4];

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    LogIn,
    Search,
    Save,
    Submit,
}

/// The generator: people, connections that nobody uses at the moment, what was answered.
struct Load {
    address: String,
    people: Vec<Person>,
    idle: RefCell<VecDeque<(Instant, Connection)>>,
    told: RefCell<Told>,
}

/// Answers by what was asked.
#[derive(Default)]
struct Told {
    accepted: BTreeMap<Deed, Latencies>,
    /// How late requests were sent: the generator's own doing.
    late: Latencies,
    /// Refused with `Retry-After`, by deed.
    shed: BTreeMap<Deed, usize>,
    /// Everything else, by what it was.
    faults: BTreeMap<String, usize>,
    /// When an answer came, when it was due, and whether it was accepted.
    moments: Vec<(Instant, Instant, bool)>,
}

impl Load {
    fn read(address: &str, file: &Path) -> Outcome<Load> {
        let people = serde_json::from_slice(&fs::read(file)?)?;
        Ok(Load { address: address.to_owned(), people, idle: RefCell::default(), told: RefCell::default() })
    }

    /// Does a deed that was due at a moment; an answer other than success is counted.
    async fn act(
        &self,
        person: &Person,
        deed: Deed,
        token: &str,
        first: bool,
        due: Instant,
    ) -> Option<Answer> {
        let [at, _, body, login] = person;
        let key = uuid::Uuid::now_v7().to_string();
        let held = if first { ("If-None-Match", "*") } else { ("If-Match", "*") };
        let headers = [held, ("Idempotency-Key", key.as_str())];
        let (method, path, headers, body) = match deed {
            Deed::LogIn => {
                let body = json!({"login": login, "password": PASSWORD}).to_string();
                (Method::POST, "/api/v1/sessions".to_owned(), &headers[..0], body)
            }
            Deed::Search => {
                let path = format!("/api/v1/seasons/{SEASON}/programmes?q=gz&limit=20");
                (Method::GET, path, &headers[..0], String::new())
            }
            Deed::Save => (Method::PUT, format!("{at}/drafts/b"), &headers[..1], body.clone()),
            Deed::Submit => (Method::POST, format!("{at}/versions"), &headers[..], body.clone()),
        };
        let idle = self.idle.borrow_mut().pop_back();
        let mut connection =
            idle.map_or_else(|| Connection::new(&self.address), |(_, connection)| connection);
        let sent = Instant::now();
        let token = if deed == Deed::LogIn { "" } else { token };
        let answer = connection.send(method, &Ask { path: &path, token, headers, body }).await;
        let mut idle = self.idle.borrow_mut();
        idle.push_back((Instant::now(), connection));
        // The server ends a connection that nobody uses; here it would still count as an open file.
        while idle.front().is_some_and(|(since, _)| since.elapsed() > LONGEST_IDLE) {
            idle.pop_front();
        }
        drop(idle);
        let came = Instant::now();
        let mut told = self.told.borrow_mut();
        told.late.add(sent.duration_since(due).as_micros());
        let accepted = matches!(&answer, Ok(answer) if (200..300).contains(&answer.status));
        told.moments.push((came, due, accepted));
        match answer {
            Ok(answer) if accepted => {
                told.accepted.entry(deed).or_default().add(came.duration_since(due).as_micros());
                return Some(answer);
            }
            Ok(answer) if matches!(answer.status, 429 | 503) && answer.retry_after => {
                *told.shed.entry(deed).or_default() += 1;
            }
            Ok(answer) => {
                let text = String::from_utf8_lossy(&answer.body);
                let code = text.split("\"code\":\"").nth(1).and_then(|rest| rest.split('"').next());
                let what = format!("{deed:?} {} {}", answer.status, code.unwrap_or_default());
                *told.faults.entry(what).or_default() += 1;
            }
            Err(error) => *told.faults.entry(format!("{deed:?}: {error}")).or_default() += 1,
        }
        None
    }

    /// Tells what was answered since the last time, and forgets it.
    fn tell(&self, what: &str, seconds: f64) -> Told {
        let mut told = self.told.take();
        let all: usize = told.moments.len();
        let accepted: usize = told.accepted.values().map(Latencies::count).sum();
        let shed: usize = told.shed.values().sum();
        println!(
            "  {what}: {:.0}/s asked, {:.0}/s accepted, {:.1} % shed, {} faults; sent late p99 {:.0} ms",
            all as f64 / seconds,
            accepted as f64 / seconds,
            100.0 * shed as f64 / all.max(1) as f64,
            told.faults.values().sum::<usize>(),
            told.late.at(0.99)
        );
        for (deed, latencies) in &mut told.accepted {
            println!(
                "    {:<7} {:>7} accepted, {:>6} shed, p50 {:>6.1} ms, p99 {:>6.1} ms, longest {:>6.1} ms",
                format!("{deed:?}"),
                latencies.count(),
                told.shed.get(deed).copied().unwrap_or(0),
                latencies.at(0.5),
                latencies.at(0.99),
                latencies.at(1.0)
            );
        }
        for (fault, count) in &told.faults {
            println!("    {count} x {fault}");
        }
        told
    }
}

/// The last minute: people arrive at a constant rate; each has a second between two deeds.
async fn deadline(load: Rc<Load>, rate: f64, seconds: u64, logins: usize) -> Outcome {
    let began = Instant::now();
    let arrivals = ((rate * seconds as f64) as usize).min(load.people.len());
    let mut acting = Vec::new();
    for number in 0..arrivals {
        let mut due = began + Duration::from_secs_f64(number as f64 / rate);
        let load = load.clone();
        acting.push(tokio::task::spawn_local(async move {
            tokio::time::sleep_until(due.into()).await;
            let person = &load.people[number];
            let mut token = person[1].clone();
            if number % 100 < logins {
                let Some(answer) = load.act(person, Deed::LogIn, "", false, due).await else { return };
                let session: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                token = session["access_token"].as_str().unwrap_or_default().to_owned();
                // Whoever waited to get in goes on from there.
                due = Instant::now();
            }
            for deed in [Deed::Search, Deed::Save, Deed::Submit] {
                due += Duration::from_secs(1);
                tokio::time::sleep_until(due.into()).await;
                load.act(person, deed, &token, true, due).await;
            }
        }));
    }
    for one in acting {
        one.await?;
    }
    load.tell(
        &format!("{rate:.0} people a second, {logins} % of them log in"),
        began.elapsed().as_secs_f64(),
    );
    Ok(())
}

/// The deed of a number: half read, half save.
fn deed(number: usize) -> Deed {
    [Deed::Search, Deed::Save, Deed::Search, Deed::Submit][number % 4]
}

/// Capacity, then multiples of it, then less than it.
async fn overload(load: Rc<Load>, seconds: u64) -> Outcome {
    for person in &load.people {
        load.act(person, Deed::Save, &person[1], true, Instant::now()).await;
    }
    load.told.take();
    let began = Instant::now();
    let clients = (0..64).map(|client| {
        let load = load.clone();
        tokio::task::spawn_local(async move {
            let mut number = client;
            while began.elapsed() < Duration::from_secs(seconds) {
                let person = &load.people[number / 4 % load.people.len()];
                load.act(person, deed(number), &person[1], false, Instant::now()).await;
                number += 64 * 4 + 1;
            }
        })
    });
    for one in clients.collect::<Vec<_>>() {
        one.await?;
    }
    let capacity = load.told.borrow().moments.len() as f64 / began.elapsed().as_secs_f64();
    load.tell("64 clients that wait for their answers", began.elapsed().as_secs_f64());
    let mut number = 0;
    let mut best: f64 = 0.0;
    for times in [1.0, 2.0, 5.0, 10.0, 0.7] {
        let rate = capacity * times;
        let began = Instant::now();
        let mut acting = Vec::new();
        let mut sent = 0_u64;
        while began.elapsed() < Duration::from_secs(seconds) {
            // As many as are due by now.
            while sent as f64 <= began.elapsed().as_secs_f64() * rate {
                let due = began + Duration::from_secs_f64(sent as f64 / rate);
                let load = load.clone();
                let (whose, deed) = (number / 4, deed(number));
                acting.push(tokio::task::spawn_local(async move {
                    let person = &load.people[whose % load.people.len()];
                    load.act(person, deed, &person[1], false, due).await;
                }));
                sent += 1;
                number += 1;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        for one in acting {
            one.await?;
        }
        let told = load.tell(&format!("{times} times"), seconds as f64);
        let accepted = told.moments.iter().filter(|moment| moment.2).count() as f64 / seconds as f64;
        best = best.max(accepted);
        println!("    {:.0} % of the best rate so far", 100.0 * accepted / best);
        if times < 1.0 {
            // The last moment at which something was refused or took longer than 200 ms.
            let unwell = told.moments.iter().filter(|(came, due, accepted)| {
                !accepted || came.duration_since(*due) > Duration::from_millis(200)
            });
            let last = unwell.map(|moment| moment.1.duration_since(began).as_secs_f64()).fold(0.0, f64::max);
            println!("    normal again after {last:.1} s");
        }
    }
    Ok(())
}
