//! A site is examined before it goes live: every check that can be made, in one order.

use std::path::{Path, PathBuf};

use crate::service::app::Database;
use crate::service::doctor::check::{Check, State};
use crate::service::doctor::check_database::{check_clock, check_durability, check_key, check_migrations};
use crate::service::doctor::check_machine::{
    check_backups, check_bind, check_disk, check_fonts, check_time_source,
};
use crate::service::doctor::check_season::check_season;
use crate::service::error::ServiceError;
use crate::storage::{clock, key_fingerprints};

/// What is to be examined.
#[derive(Clone, Debug)]
pub struct Site {
    pub database: String,
    pub key_file: PathBuf,
    pub bind: String,
    /// Where the backups lie.
    pub backups: Option<PathBuf>,
    pub season: Option<String>,
}

/// Makes every check; what keeps others from being made is itself a check that failed.
pub async fn examine(site: &Site) -> Vec<Check> {
    let mut checks =
        vec![check_time_source(), check_disk(&site.database), check_fonts(), check_bind(&site.bind)];
    match open(&site.database) {
        Ok(database) => {
            checks.push(Check::ok("database", "answers"));
            let storage = storage_checks(&database, site).await;
            checks.extend(storage.unwrap_or_else(|error| vec![Check::fail("database", told(error))]));
        }
        Err(why) => checks.push(Check::fail("database", why)),
    }
    checks
}

/// Opens a database that is there: a doctor makes none.
fn open(url: &str) -> Result<Database, String> {
    if url.strip_prefix("sqlite://").is_some_and(|path| !Path::new(path).exists()) {
        return Err(format!("{url}: there is none; `zhaosheng serve` makes it, or `zhaosheng migrate`"));
    }
    Database::open(url).map_err(|error| error.to_string())
}

async fn storage_checks(database: &Database, site: &Site) -> Result<Vec<Check>, ServiceError> {
    let migrations = database.outside_transactions(|connection| Ok(check_migrations(connection)))??;
    let durability = database.outside_transactions(|connection| Ok(check_durability(connection)))??;
    let complete = migrations.state == State::Ok;
    let mut checks = vec![migrations, durability];
    let (clock, now_ms) = database
        .read(|connection| Ok::<_, ServiceError>((check_clock(connection)?, clock::now_ms(connection)?)))
        .await?;
    checks.push(clock);
    // The other tables may not be there.
    if complete {
        let kept =
            database.read(|connection| Ok::<_, ServiceError>(key_fingerprints::find(connection)?)).await?;
        checks.push(check_key(&site.key_file, kept.as_deref()));
        checks.push(check_backups(site.backups.as_deref(), kept.as_deref(), now_ms));
        if let Some(season) = site.season.clone() {
            checks.extend(database.read(move |connection| check_season(connection, &season)).await?);
        }
    }
    Ok(checks)
}

fn told(error: ServiceError) -> String {
    match error {
        ServiceError::Internal(cause) => cause,
        other => format!("{other:?}"),
    }
}
