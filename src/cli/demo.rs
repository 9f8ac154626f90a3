//! `zhaosheng demo`: an invented city to walk through in a browser, or to write as a folder and admit.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::database::DatabaseArgs;
use crate::cli::demo_tour::walk;
use crate::cli::import::folder_stop;
use crate::cli::progress_bar::Bar;
use crate::cli::serve::until_stopped;
use crate::cli::standard_streams::{note_line, print_line};
use crate::cli::summary;
use crate::domain::fault::Fault;
use crate::domain::progress::{Progress, Quiet};
use crate::service::admit_folder::{NoResult, admit, write_result};
use crate::service::app::migrate;
use crate::service::demonstration::file_forms::file_forms;
use crate::service::demonstration::nine_years::{COHORTS, STAGES, write_nine_years};
use crate::service::demonstration::stage_city::stage_city;
use crate::service::generate_city::{SIZES, write_city, write_history};
use crate::service::notices::sms_gateway::FileGateway;
use crate::service::runs::work_runs::Worker;
use crate::web::pages::live_city::LiveCity;
use crate::web::server::Listen;
use crate::web::under_way::USUAL_PLACES;

/// The demonstration city: invented people, published shapes. Without `--folder` it is served to walk through.
#[derive(clap::Args)]
pub struct DemoArgs {
    /// How many candidates, 1,000 to 10,000,000 [default: 30,000]; with `--nine-years` how many children,
    /// 200 to 100,000 [default: 1,000].
    #[arg(long)]
    size: Option<u64>,
    /// The same seed gives the same city, byte for byte.
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// Write the city (`season/`) and its result (`result/`) there instead, and stop.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Show the season of this folder live instead of an invented one: a city tries its own rules before June.
    #[arg(long, conflicts_with_all = ["folder", "size", "seed"], value_name = "FOLDER")]
    season: Option<PathBuf>,
    /// With `--folder`: one cohort of an invented county instead, from primary entry at six over junior high to
    /// senior-high admission at fifteen; a verified result per stage.
    #[arg(long, requires = "folder", conflicts_with = "generate_only")]
    nine_years: bool,
    /// With `--folder`: only write the season folder.
    #[arg(long, requires = "folder")]
    generate_only: bool,
    /// With `--folder`: tell the milliseconds of every stage on standard error.
    #[arg(long, requires = "folder")]
    timings: bool,
    /// Walk through the demonstration without a browser, tell each step, and end.
    #[arg(long, conflicts_with = "folder")]
    script: bool,
    /// Where the live demonstration listens.
    #[arg(long, default_value = "127.0.0.1:8080")]
    bind: String,
}

/// Shows the city live, or writes it and its result.
pub fn run(args: &DemoArgs, json: bool) -> Result<(), Stop> {
    let (sizes, usual) = if args.nine_years { (COHORTS, 1_000) } else { (SIZES, 30_000) };
    let size = args.size.unwrap_or(usual);
    if !sizes.contains(&size) {
        let rule = format!("must be from {} to {}", sizes.start(), sizes.end());
        return Err(Stop::BadInput(vec![Fault::at("--size", rule)]));
    }
    match &args.folder {
        Some(folder) if args.nine_years => nine_years(args, folder, size, json),
        Some(folder) => written(args, folder, size, json),
        None => live(args, size),
    }
}

/// Writes nine years of one cohort, and tells what became of it.
fn nine_years(args: &DemoArgs, folder: &Path, size: u64, json: bool) -> Result<(), Stop> {
    let bar = Bar::new(args.timings);
    let size = usize::try_from(size).expect("a cohort is small");
    let told = write_nine_years(folder, size, args.seed, &bar).map_err(stop)?;
    bar.done();
    if json {
        let roots: serde_json::Map<String, serde_json::Value> =
            STAGES.into_iter().zip(told.roots).map(|(stage, root)| (stage.to_owned(), root.into())).collect();
        let told = serde_json::json!({
            "first_year": told.first_year, "outcomes": told.outcomes, "roots": roots,
            "folder": folder.display().to_string(),
        });
        print_line!("{told}");
        return Ok(());
    }
    print_line!(
        "DEMONSTRATION: invented people and schools. {} children entered primary school",
        told.first_year
    );
    for (outcome, children) in &told.outcomes {
        print_line!("  {outcome:<16} {children:>8}");
    }
    for (stage, root) in STAGES.iter().zip(&told.roots) {
        print_line!("verified: {} root {root}", folder.join(stage).display());
    }
    Ok(())
}

/// Writes the invented season with the years before it.
fn generate(args: &DemoArgs, size: u64, folder: &Path, progress: &dyn Progress) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    progress.stage("generate the city", size);
    write_city(folder, size, args.seed)?;
    progress.stage("run the years before", size);
    write_history(folder, size, args.seed)
}

/// Generates, admits, writes, prints.
fn written(args: &DemoArgs, folder: &Path, size: u64, json: bool) -> Result<(), Stop> {
    let season_folder = folder.join("season");
    let result_folder = folder.join("result");
    let broken = |error: std::io::Error| stop(NoResult::Broken(error));
    let bar = Bar::new(args.timings);
    generate(args, size, &season_folder, &bar).map_err(broken)?;
    if args.generate_only {
        bar.done();
        print_line!("{}", season_folder.display());
        return Ok(());
    }
    let (season, run) = admit(&season_folder, &bar).map_err(stop)?;
    let root = write_result(&season, &run, &result_folder, &bar).map_err(broken)?;
    bar.done();
    if !json {
        print_line!(
            "DEMONSTRATION: invented people and schools. Season folder: {}\n",
            season_folder.display()
        );
    }
    summary::print(&season, &run, Some((&result_folder, root)), json)
}

/// A folder that is gone when the demonstration ends.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

/// Serves the city until it is stopped.
fn live(args: &DemoArgs, size: u64) -> Result<(), Stop> {
    let broken = |error: std::io::Error| Stop::Environment(error.to_string());
    let service = TcpListener::bind(&args.bind)
        .or_else(|_| TcpListener::bind("127.0.0.1:0"))
        .map_err(|error| Stop::Environment(format!("{}: {error}", args.bind)))?;
    let address = format!("http://{}", service.local_addr().map_err(broken)?);
    let scratch = Scratch(std::env::temp_dir().join(format!("zhaosheng-demo-{}", uuid::Uuid::now_v7())));
    std::fs::create_dir_all(&scratch.0).map_err(broken)?;
    let folder = args.season.clone().unwrap_or_else(|| scratch.0.join("season"));
    if args.season.is_none() {
        generate(args, size, &folder, &Quiet).map_err(broken)?;
    }
    let database = DatabaseArgs::at(&scratch.0.join("demo.db"));
    migrate(&database.open()?).map_err(|error| Stop::Environment(error.to_string()))?;
    let app = database.app()?;
    let gateway = Arc::new(FileGateway { path: scratch.0.join("messages.txt") });
    actix_web::rt::System::new().block_on(async {
        let city = stage_city(&app, &folder).await.map_err(folder_stop)?;
        let but = city.exam_no.clone();
        let city = LiveCity::new(city);
        // The clock stands until everybody has filed: a list that came after the end would be no list.
        let filing = city.turn.clone().lock_owned().await;
        let (metrics, rate, demonstration) = (None, None, Some(city));
        let listen = Listen { service, metrics, workers: 0, rate, places: USUAL_PLACES, demonstration };
        print_line!("DEMONSTRATION of an invented city: {address}");
        print_line!("data: {} (gone when it ends)", scratch.0.display());
        print_line!("stop: Ctrl-C");
        if !args.script {
            open_browser(&address);
        }
        let door = app.clone();
        actix_web::rt::spawn(async move {
            if let Err(fault) = file_forms(&door, &folder, &but).await {
                note_line!("the invented candidates could not file their forms: {fault:?}");
            }
            drop(filing);
        });
        let served = until_stopped(app, listen, gateway, Worker::new(Duration::from_secs(10)));
        if !args.script {
            return served.await;
        }
        let toured = tokio::task::spawn_blocking(move || walk(&address, &|step| print_line!("{step}")));
        tokio::select! {
            stopped = served => stopped,
            toured = toured => match toured {
                Ok(outcome) => outcome.map_err(|what| Stop::Refused(vec![what])),
                Err(error) => Err(Stop::Environment(error.to_string())),
            },
        }
    })
}

/// Opens the address where there is a browser to open it; the address is printed anyway.
fn open_browser(address: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let screen = cfg!(target_os = "macos")
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if screen {
        let quiet = std::process::Stdio::null;
        let _opened = std::process::Command::new(opener).arg(address).stdout(quiet()).stderr(quiet()).spawn();
    }
}
