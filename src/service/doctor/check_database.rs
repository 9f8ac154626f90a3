//! Checks of the database: its clock, its tables, what a power cut leaves of it, the key it belongs to.

use std::path::Path;

use crate::service::doctor::check::Check;
use crate::service::error::ServiceError;
use crate::service::secrets::master_key::MasterKey;
use crate::storage::database::AnyConnection;
use crate::storage::durability::settings;
use crate::storage::{clock, migrations};

/// What this machine's clock and the database's may be apart.
const MOST_APART_MS: i64 = 500;

/// How far this machine's clock is from the database's, which decides.
///
/// # Errors
/// Storage failed.
pub fn check_clock(connection: &mut AnyConnection) -> Result<Check, ServiceError> {
    const NAME: &str = "clock";
    let before = jiff::Timestamp::now().as_millisecond();
    let database = clock::now_ms(connection)?;
    let after = jiff::Timestamp::now().as_millisecond();
    Ok(skew(NAME, before, database, after))
}

fn skew(name: &'static str, before: i64, database: i64, after: i64) -> Check {
    // Asked somewhere between the two: what lies outside of them is apart for certain.
    let apart = (before - database).max(database - after).max(0);
    if apart > MOST_APART_MS {
        let told = format!("this machine and the database are {apart} ms apart: set both by one time server");
        Check::fail(name, told)
    } else {
        Check::ok(
            name,
            format!("this machine and the database agree within {} ms", apart.max(after - before)),
        )
    }
}

/// Whether the database has all tables of this program.
///
/// # Errors
/// Storage failed.
pub fn check_migrations(connection: &mut AnyConnection) -> Result<Check, ServiceError> {
    const NAME: &str = "migrations";
    let pending = migrations::pending(connection)?;
    Ok(if pending.is_empty() {
        Check::ok(NAME, "all have run")
    } else {
        Check::fail(NAME, format!("{} have not run: run `zhaosheng migrate`", pending.len()))
    })
}

/// Whether a commit that was told survives a power cut.
///
/// # Errors
/// Storage failed.
pub fn check_durability(connection: &mut AnyConnection) -> Result<Check, ServiceError> {
    const NAME: &str = "durability";
    let settings = settings(connection)?;
    let tell = |safe: bool| {
        let of_kind = settings.iter().filter(|setting| setting.safe == safe);
        of_kind.map(|setting| format!("{} = {}", setting.name, setting.value)).collect::<Vec<_>>().join(", ")
    };
    Ok(if settings.iter().all(|setting| setting.safe) {
        Check::ok(NAME, tell(true))
    } else {
        let told = tell(false);
        Check::fail(
            NAME,
            format!("a power cut can take told commits away: {told}; a network disk, or a setting"),
        )
    })
}

/// Whether the key file is there, its owner's alone, and the one the database was begun with.
pub fn check_key(file: &Path, kept: Option<&str>) -> Check {
    const NAME: &str = "key_file";
    match (MasterKey::open(file), kept) {
        (Err(fault), _) => {
            Check::fail(NAME, format!("{fault}; put the key file back, or name it by --key-file"))
        }
        (Ok(_), None) => {
            Check::warn(NAME, "no service opened this database yet: the first start binds this key")
        }
        (Ok(key), Some(kept)) if key.fingerprint() != kept => {
            let told = format!("the database was begun with key {kept}, this file is {}", key.fingerprint());
            Check::fail(NAME, format!("{told}: start with the other file"))
        }
        (Ok(_), Some(kept)) => Check::ok(NAME, format!("fits the database, fingerprint {kept}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::doctor::check::State;

    #[test]
    fn clocks_may_be_half_a_second_apart_and_no_more() {
        let state = |before, database, after| skew("clock", before, database, after).state;
        assert_eq!(state(1000, 1005, 1010), State::Ok);
        assert_eq!(state(1000, 1500, 1010), State::Ok);
        assert_eq!(state(1000, 1511, 1010), State::Fail);
        assert_eq!(state(1000, 499, 1010), State::Fail);
        assert_eq!(state(1000, 500, 1010), State::Ok);
    }
}
