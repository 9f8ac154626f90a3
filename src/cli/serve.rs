//! `zhaosheng serve`: the service on the network.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::cli::answer::Stop;
use crate::cli::database::DatabaseArgs;
use crate::cli::standard_streams::note_line;
use crate::service::app::{App, Registers, migrate};
use crate::service::compulsory::registers::load_registers::load_registers;
use crate::service::notices::relay_notices::relay_notices;
use crate::service::notices::sms_gateway::{ConsoleGateway, FileGateway, SmsGateway, WebhookGateway};
use crate::service::runs::help_run::help_with_one;
use crate::service::runs::work_runs::{Worker, work_on_one};
use crate::service::season::windows::close_all_past;
use crate::web::server::{self, Listen};
use crate::web::under_way::USUAL_PLACES;

/// Serves the API. A missing SQLite file is made with all its tables; other databases need `migrate` first.
#[derive(clap::Args)]
pub struct ServeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Where to listen; put TLS in front of any address that is not this machine's own.
    #[arg(long, env = "ZHAOSHENG_BIND", default_value = "127.0.0.1:8080")]
    bind: String,
    /// Where Prometheus may ask for `/metrics`; nowhere unless given.
    #[arg(long, env = "ZHAOSHENG_METRICS_BIND", value_name = "ADDRESS")]
    metrics_bind: Option<String>,
    /// Requests per second that one token, or without one its address, may make.
    #[arg(long, env = "ZHAOSHENG_RATE", default_value = "50")]
    rate: std::num::NonZeroU32,
    /// Requests under way at a time, reads half of them; more are refused at once with `Retry-After`.
    #[arg(long, env = "ZHAOSHENG_PLACES", default_value_t = USUAL_PLACES, value_name = "COUNT")]
    places: usize,
    /// Where messages to guardians go: `console`, `file:PATH`, or the URL of a webhook (Standard Webhooks).
    #[arg(long, env = "ZHAOSHENG_SMS", default_value = "console", value_name = "GATEWAY")]
    sms: String,
    /// How many milliseconds a run waits for an instance that says nothing before another takes it over.
    #[arg(long, env = "ZHAOSHENG_RUN_LEASE_MS", default_value = "10000", value_name = "MS")]
    run_lease_ms: u64,
    /// The key that signs webhooks.
    #[arg(long, env = "ZHAOSHENG_SMS_KEY", hide_env_values = true, value_name = "KEY")]
    sms_key: Option<String>,
    /// Registers of other departments that bureaus may ask on line, as `zhaosheng evidence --help` describes them;
    /// read at the start.
    #[arg(long, env = "ZHAOSHENG_REGISTERS", value_name = "TOML")]
    registers: Option<PathBuf>,
}

/// The way messages go.
fn gateway(args: &ServeArgs) -> Result<Arc<dyn SmsGateway>, Stop> {
    if args.sms == "console" {
        return Ok(Arc::new(ConsoleGateway));
    }
    if let Some(path) = args.sms.strip_prefix("file:") {
        return Ok(Arc::new(FileGateway { path: path.into() }));
    }
    match &args.sms_key {
        Some(key) if args.sms.starts_with("https://") || args.sms.starts_with("http://") => {
            let secret = key.clone().into_bytes();
            Ok(Arc::new(WebhookGateway { url: args.sms.clone(), secret }))
        }
        _ => Err(Stop::Environment(
            "--sms must be console, file:PATH, or a URL together with --sms-key".to_owned(),
        )),
    }
}

/// What happens by itself: windows close on time, notices leave. A fault is logged and tried again.
async fn keep_time(app: App, gateway: Arc<dyn SmsGateway>) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(fault) = close_all_past(&app).await {
            tracing::error!(?fault, "windows could not be closed");
        }
        if let Err(fault) = relay_notices(&app, gateway.clone()).await {
            tracing::error!(?fault, "notices could not be sent");
        }
    }
}

/// Works on runs one after the other, and helps with those of other instances, as long as the service stands.
async fn work_on_runs(app: App, worker: Worker) {
    loop {
        match work_on_one(&app, &worker).await {
            Ok(true) => continue,
            Ok(false) => {
                if let Err(fault) = help_with_one(&app, &worker).await {
                    tracing::error!(?fault, "another instance's run could not be helped with");
                }
            }
            Err(fault) => tracing::error!(?fault, "a run could not be worked on"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Serves until SIGTERM or SIGINT, then finishes what is under way.
pub fn run(args: &ServeArgs) -> Result<(), Stop> {
    let broken = |error: std::io::Error| Stop::Environment(error.to_string());
    let listen = |address: &String| {
        TcpListener::bind(address).map_err(|error| Stop::Environment(format!("{address}: {error}")))
    };
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let registers = args.registers.as_deref().map(load_registers).transpose().map_err(Stop::BadInput)?;
    if args.database.is_new() {
        migrate(&args.database.open()?).map_err(|error| Stop::Environment(error.to_string()))?;
    }
    let registers = Registers { asked: registers.unwrap_or_default(), patience: Registers::PATIENCE };
    let app = args.database.app()?.with_registers(registers);
    let gateway = gateway(args)?;
    let service = listen(&args.bind)?;
    let metrics = args.metrics_bind.as_ref().map(listen).transpose()?;
    let worker = Worker::new(Duration::from_millis(args.run_lease_ms));
    note_line!("listening on http://{}", service.local_addr().map_err(broken)?);
    let (rate, places) = (Some(args.rate), args.places);
    let listen = Listen { service, metrics, workers: 0, rate, places, demonstration: None };
    actix_web::rt::System::new().block_on(until_stopped(app, listen, gateway, worker))
}

/// Serves, works on runs, keeps time and sends notices until a signal comes.
pub(crate) async fn until_stopped(
    app: App,
    listen: Listen,
    gateway: Arc<dyn SmsGateway>,
    worker: Worker,
) -> Result<(), Stop> {
    let broken = |error: std::io::Error| Stop::Environment(error.to_string());
    actix_web::rt::spawn(keep_time(app.clone(), gateway));
    actix_web::rt::spawn(work_on_runs(app.clone(), worker));
    let database = app.database().clone();
    let servers = server::start(app, listen).map_err(broken)?;
    let mut tasks: Vec<_> = servers.into_iter().map(actix_web::rt::spawn).collect();
    // The service ends by a signal; the metrics end with it.
    let served = tasks.remove(0);
    tokio::select! {
        ended = served => ended.map_err(|error| Stop::Environment(error.to_string()))?.map_err(broken),
        () = database.lost() => {
            // Those who wait for an answer get theirs: nothing of it was kept.
            tokio::time::sleep(Duration::from_millis(500)).await;
            Err(Stop::Environment("the disk of the database failed: start again, which looks at what it holds".to_owned()))
        }
    }
}
