//! A generated city in its first days of filling, and its candidates with sessions and lists to submit.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use zhaosheng::domain::policy::Policy;
use zhaosheng::domain::role::Role;
use zhaosheng::files::sheet::read_sheet;
use zhaosheng::service::app::{App, Caller, Database, OnceKey, USUAL_CONNECTIONS, migrate};
use zhaosheng::service::demonstration::stage_city::{SEASON, StagedCity, stage_city};
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::forms::check_form::check_form;
use zhaosheng::service::forms::stored_form::FormName;
use zhaosheng::service::forms::submit_form::{Submission, submit_form};
use zhaosheng::service::generate_city::write_city;
use zhaosheng::service::precondition::Precondition;
use zhaosheng::service::secrets::master_key::MasterKey;
use zhaosheng::service::secrets::password_pool::{Cost, PasswordPool, PoolSize};
use zhaosheng::storage::accounts::{self, AccountRow};
use zhaosheng::storage::clock;
use zhaosheng::storage::sessions::{self, SessionRow};

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// A candidate who submits; her account and her session are named like her.
#[derive(Clone, Debug)]
pub(crate) struct Filer {
    pub(crate) exam_no: String,
    pub(crate) batch: String,
    pub(crate) choices: Vec<String>,
}

impl Filer {
    pub(crate) fn caller(&self) -> Caller {
        Caller { account: self.exam_no.clone(), session: self.exam_no.clone() }
    }
}

/// The folder of one bench and its generated city.
pub(crate) fn city_folder(size: u64) -> Outcome<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("staged-{size}"));
    if !folder.join("season.toml").exists() {
        fs::create_dir_all(&folder)?;
        write_city(&folder, size, 2026)?;
    }
    Ok(folder)
}

/// The folder of the files of a bench: `BENCH_FOLDER` on another disk, in memory, say, where the disk is not to be
/// measured.
pub(crate) fn bench_folder() -> PathBuf {
    let folder = std::env::var("BENCH_FOLDER").unwrap_or_else(|_| env!("CARGO_TARGET_TMPDIR").to_owned());
    PathBuf::from(folder)
}

/// The kinds of databases that can be measured here.
pub(crate) fn kinds() -> Vec<&'static str> {
    let postgres = std::env::var("TEST_POSTGRES_URL").is_ok().then_some("postgres");
    ["sqlite"].into_iter().chain(postgres).collect()
}

/// A new database: a file in the bench's folder, or one on the server of `TEST_POSTGRES_URL`.
pub(crate) fn fresh_database(kind: &str, name: &str) -> Outcome<String> {
    if kind == "sqlite" {
        let file = bench_folder().join(format!("{name}.db"));
        for ending in ["", "-wal", "-shm"] {
            let _absent = fs::remove_file(format!("{}{ending}", file.display()));
        }
        return Ok(format!("sqlite://{}", file.display()));
    }
    let server = std::env::var("TEST_POSTGRES_URL")?;
    execute(&format!("{server}/postgres"), &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
    execute(&format!("{server}/postgres"), &format!("CREATE DATABASE {name} TEMPLATE template0"))?;
    Ok(format!("{server}/{name}"))
}

/// A copy of a database that nobody writes to any more.
pub(crate) fn copied(url: &str, name: &str) -> Outcome<String> {
    if let Some(from) = url.strip_prefix("sqlite://") {
        let copy = fresh_database("sqlite", name)?;
        let to = copy.trim_start_matches("sqlite://");
        rusqlite::Connection::open(from)?.execute("VACUUM INTO ?1", [to])?;
        rusqlite::Connection::open(to)?.pragma_update(None, "journal_mode", "WAL")?;
        return Ok(copy);
    }
    let (server, original) = url.rsplit_once('/').ok_or("a URL without a database")?;
    for sql in [
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{original}'"),
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        format!("CREATE DATABASE {name} TEMPLATE {original}"),
    ] {
        execute(&format!("{server}/postgres"), &sql)?;
    }
    Ok(format!("{server}/{name}"))
}

/// Runs SQL outside any transaction.
pub(crate) fn execute(url: &str, sql: &str) -> Outcome {
    Database::open(url)?.outside_transactions(|connection| Ok(connection.batch_execute(sql)?))?;
    Ok(())
}

/// The key file of all benches.
pub(crate) fn key_file() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench.key")
}

/// The service over a database.
pub(crate) fn open(url: &str) -> Outcome<App> {
    open_with(url, USUAL_CONNECTIONS)
}

/// As [`open`], with so many connections.
pub(crate) fn open_with(url: &str, connections: u32) -> Outcome<App> {
    let passwords = PasswordPool::start(Cost::SERVICE, PoolSize::for_this_machine())?;
    let database = Database::open_with(url, connections)?;
    let app = App::open(database, &MasterKey::open_or_create(&key_file())?, passwords);
    app.map_err(told)
}

/// A refusal in words.
pub(crate) fn told(error: ServiceError) -> Box<dyn Error> {
    format!("{error:?}").into()
}

/// Which candidates act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// Those of the first area, each with a first version: their numbers follow each other.
    FirstArea,
    /// So many, spread over the city, without a version.
    Spread(usize),
}

/// The password of everybody who logs in.
pub(crate) const PASSWORD: &str = "a long enough pass phrase 2026";

/// The login of a candidate.
pub(crate) fn login(exam_no: &str) -> String {
    format!("bench-{exam_no}")
}

/// Brings the city in and opens its filling.
pub(crate) async fn stage_alone(url: &str, size: u64) -> Outcome<(App, StagedCity)> {
    migrate(&Database::open(url)?)?;
    let app = open(url)?;
    let city = stage_city(&app, &city_folder(size)?).await.map_err(|error| format!("{error:?}"))?;
    Ok((app, city))
}

/// As [`stage_alone`]; the chosen candidates have accounts, sessions and a list that the check passes.
pub(crate) async fn stage(url: &str, size: u64, chosen: Chosen) -> Outcome<Vec<Filer>> {
    let (app, _) = stage_alone(url, size).await?;
    let folder = city_folder(size)?;
    filers(&app, &folder, chosen).await
}

/// The chosen candidates.
pub(crate) async fn filers(app: &App, folder: &Path, chosen: Chosen) -> Outcome<Vec<Filer>> {
    let mut filers = lists(folder)?;
    match chosen {
        Chosen::FirstArea => {
            let area = filers.first().map_or(String::new(), |filer| filer.exam_no[..5].to_owned());
            filers.retain(|filer| filer.exam_no.starts_with(&area));
        }
        Chosen::Spread(count) => {
            let step = (filers.len() / count.max(1)).max(1);
            filers = filers.into_iter().step_by(step).collect();
        }
    }
    let hash = app.keyring().passwords.hash(PASSWORD.to_owned()).await?;
    for some in filers.chunks(1_000) {
        let some: Vec<String> = some.iter().map(|filer| filer.exam_no.clone()).collect();
        let hash = hash.clone();
        app.database().write(move |connection| log_in(connection, &some, &hash)).await.map_err(told)?;
    }
    let mut sound = Vec::new();
    for filer in filers {
        let found = match chosen {
            Chosen::FirstArea => submit(app, &filer, Precondition::Absent).await,
            Chosen::Spread(_) => check(app, &filer).await,
        };
        match found {
            Ok(()) => sound.push(filer),
            Err(ServiceError::Invalid(_)) => {}
            Err(error) => return Err(told(error)),
        }
    }
    Ok(sound)
}

/// Whether the filer's list may be submitted.
async fn check(app: &App, filer: &Filer) -> Result<(), ServiceError> {
    let (season, exam_no, batch) = (SEASON.to_owned(), filer.exam_no.clone(), filer.batch.clone());
    let form = FormName { season, exam_no, batch };
    let found = check_form(app, &filer.caller(), form, filer.choices.clone()).await?;
    if found.faults.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(Vec::new())) }
}

/// Submits a filer's list under a fresh key.
pub(crate) async fn submit(app: &App, filer: &Filer, held: Precondition) -> Result<(), ServiceError> {
    let submission = Submission {
        season: SEASON.to_owned(),
        exam_no: filer.exam_no.clone(),
        batch: filer.batch.clone(),
        choices: filer.choices.clone(),
    };
    let key = uuid::Uuid::now_v7().to_string();
    let once = OnceKey::new(key, "submit_form", &(&submission, format!("{held:?}")));
    submit_form(app, &filer.caller(), submission, held, once).await.map(|_| ())
}

/// The first list of each candidate that is taken now, in the order of exam numbers.
fn lists(folder: &Path) -> Outcome<Vec<Filer>> {
    let sheet = read_sheet(folder, "preferences").map_err(|fault| fault.to_string())?;
    let text = sheet.ok_or("the city has no preferences")?.text;
    let mut lists: BTreeMap<(String, String), BTreeMap<usize, String>> = BTreeMap::new();
    for row in csv::Reader::from_reader(text.as_slice()).records() {
        let row = row?;
        lists
            .entry((row[0].to_owned(), row[1].to_owned()))
            .or_default()
            .insert(row[2].parse()?, row[3].to_owned());
    }
    let policy = fs::read_to_string(folder.join("season.toml"))?;
    let policy = Policy::parse("season.toml", &policy).map_err(|faults| format!("{faults:?}"))?;
    lists.retain(|(_, batch), _| !policy.only_supplementary(&policy.batches_of(batch)));
    let mut filers: Vec<Filer> = Vec::new();
    for ((exam_no, batch), slots) in lists {
        if filers.last().is_none_or(|last| last.exam_no != exam_no) {
            let last = slots.keys().next_back().copied().unwrap_or(0);
            let choices = (1..=last).map(|at| slots.get(&at).cloned().unwrap_or_default()).collect();
            filers.push(Filer { exam_no, batch, choices });
        }
    }
    Ok(filers)
}

/// Accounts and sessions past the log-in, which is measured elsewhere.
fn log_in(
    connection: &mut zhaosheng::storage::database::AnyConnection,
    exam_nos: &[String],
    password_hash: &str,
) -> Result<(), ServiceError> {
    let now_ms = clock::now_ms(connection)?;
    for exam_no in exam_nos {
        let account = AccountRow {
            id: exam_no.clone(),
            login: login(exam_no),
            role: Role::Candidate.word().to_owned(),
            name: String::new(),
            season: Some(SEASON.to_owned()),
            exam_no: Some(exam_no.clone()),
            school: None,
            area: None,
            password_hash: password_hash.to_owned(),
            must_change: false,
            disabled: false,
            created_at_ms: now_ms,
            access_from: String::new(),
        };
        let _unaudited = accounts::add(connection, &account)?;
        let session = SessionRow {
            id: exam_no.clone(),
            account: exam_no.clone(),
            started_at_ms: now_ms,
            expires_at_ms: now_ms + 86_400_000,
            revoked_at_ms: None,
            stepped_up_at_ms: None,
        };
        sessions::add(connection, &session)?;
    }
    Ok(())
}
