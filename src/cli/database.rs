//! Which database and which key file a command works with.

use std::path::PathBuf;

use crate::cli::answer::Stop;
use crate::service::app::{App, Database, USUAL_CONNECTIONS};
use crate::service::secrets::master_key::MasterKey;
use crate::service::secrets::password_pool::{Cost, PasswordPool, PoolSize};

/// `--database` and `--key-file`.
#[derive(clap::Args)]
pub struct DatabaseArgs {
    /// `sqlite://PATH` or `postgres://...`.
    #[arg(long, env = "ZHAOSHENG_DATABASE", default_value = "sqlite://zhaosheng.db", value_name = "URL")]
    database: String,
    /// The key of everything secret, kept outside the database; default: beside the SQLite file.
    #[arg(long, env = "ZHAOSHENG_KEY_FILE", value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Connections to the database at most; to PostgreSQL about two or four for each of its cores, all instances
    /// together.
    #[arg(long, env = "ZHAOSHENG_CONNECTIONS", default_value_t = USUAL_CONNECTIONS, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(2..=1000), hide_short_help = true)]
    connections: u32,
}

impl DatabaseArgs {
    /// A SQLite file, with its key beside it.
    pub fn at(file: &std::path::Path) -> DatabaseArgs {
        let database = format!("sqlite://{}", file.display());
        DatabaseArgs { database, key_file: None, connections: USUAL_CONNECTIONS }
    }

    /// Opens the database alone.
    pub fn open(&self) -> Result<Database, Stop> {
        Database::open_with(&self.database, self.connections)
            .map_err(|error| Stop::Environment(error.to_string()))
    }

    /// Opens the database, which must be there already.
    pub fn open_existing(&self) -> Result<Database, Stop> {
        if self.is_new() {
            return Err(Stop::Environment(format!("{}: there is no such database", self.database)));
        }
        self.open()
    }

    /// Whether the SQLite file is still to be made.
    pub fn is_new(&self) -> bool {
        self.database.strip_prefix("sqlite://").is_some_and(|path| !std::path::Path::new(path).exists())
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.database
    }

    /// Where the key file lies.
    pub fn key_path(&self) -> PathBuf {
        let beside = || match self.database.strip_prefix("sqlite://") {
            Some(path) => PathBuf::from(path).with_extension("key"),
            None => PathBuf::from("zhaosheng.key"),
        };
        self.key_file.clone().unwrap_or_else(beside)
    }

    /// The key file, made where it is missing.
    pub fn master_key(&self) -> Result<MasterKey, Stop> {
        MasterKey::open_or_create(&self.key_path()).map_err(|fault| Stop::Environment(fault.to_string()))
    }

    /// The service over the database.
    pub fn app(&self) -> Result<App, Stop> {
        let master = self.master_key()?;
        let passwords = PasswordPool::start(Cost::SERVICE, PoolSize::for_this_machine())
            .map_err(|error| Stop::Environment(error.to_string()))?;
        Ok(App::open(self.open()?, &master, passwords)?)
    }
}

/// Waits for the service.
pub(crate) fn blocked<T>(work: impl Future<Output = T>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::Environment(error.to_string()))?;
    Ok(runtime.block_on(work))
}
