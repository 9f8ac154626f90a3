//! `zhaosheng serve`: the service on the network.

use std::net::TcpListener;

use crate::cli::answer::Stop;
use crate::cli::database::DatabaseArgs;
use crate::service::app::migrate;
use crate::web::server::{self, Listen};

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
    if args.database.is_new() {
        migrate(&args.database.open()?).map_err(|error| Stop::Environment(error.to_string()))?;
    }
    let app = args.database.app()?;
    let service = listen(&args.bind)?;
    let metrics = args.metrics_bind.as_ref().map(listen).transpose()?;
    eprintln!("listening on http://{}", service.local_addr().map_err(broken)?);
    let listen = Listen { service, metrics, workers: 0, rate: Some(args.rate) };
    actix_web::rt::System::new().block_on(async {
        let servers = server::start(app, listen).map_err(broken)?;
        let mut tasks: Vec<_> = servers.into_iter().map(actix_web::rt::spawn).collect();
        // The service ends by a signal; the metrics end with it.
        tasks.remove(0).await.map_err(|error| Stop::Environment(error.to_string()))?.map_err(broken)
    })
}
