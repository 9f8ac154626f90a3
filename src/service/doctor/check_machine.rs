//! Checks of the machine: its disk, its time source, its fonts, where it listens, its backups.

use std::ffi::OsStr;
use std::net::ToSocketAddrs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::service::backup::manifest::{ENDING, Manifest};
use crate::service::backup::whole_file::folder_of;
use crate::service::doctor::check::Check;

/// Free bytes below which a site must not go live.
const LEAST_FREE: u64 = 1 << 30;
/// Free bytes for a season with its backups.
const ENOUGH_FREE: u64 = 10 << 30;
/// A backup may be this old.
const OLDEST_BACKUP_MS: i64 = 24 * 60 * 60 * 1000;

/// Free space where the SQLite file lies; a database elsewhere has a disk that cannot be seen from here.
pub fn check_disk(url: &str) -> Check {
    const NAME: &str = "disk";
    let Some(path) = url.strip_prefix("sqlite://").map(Path::new) else {
        return Check::warn(NAME, "the database server's disk cannot be seen from here: look at it there");
    };
    let Some(free) = free_bytes(folder_of(path)) else {
        return Check::warn(NAME, "free disk cannot be asked on this system: look at it");
    };
    // A backup beside the file, and the copy that a restore makes.
    let needed = std::fs::metadata(path).map_or(0, |file| file.len()).saturating_mul(2).max(LEAST_FREE);
    let told = format!("{} MiB free", free >> 20);
    if free < needed {
        Check::fail(NAME, format!("{told}, {} MiB are needed: make room", needed >> 20))
    } else if free < needed.max(ENOUGH_FREE) {
        Check::warn(NAME, format!("{told}: {} MiB carry a season with its backups", ENOUGH_FREE >> 20))
    } else {
        Check::ok(NAME, told)
    }
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(folder).ok()?;
    Some(told.f_bavail.saturating_mul(told.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

/// Whether this machine follows a time server, as systemd tells it.
pub fn check_time_source() -> Check {
    const NAME: &str = "time_source";
    match answer("timedatectl", &["show", "--property=NTPSynchronized", "--value"]).as_deref() {
        Some("yes") => Check::ok(NAME, "the clock follows a time server"),
        Some("no") => {
            Check::warn(NAME, "the clock follows no time server: windows close by it; set up chrony or NTP")
        }
        _ => Check::warn(NAME, "systemd does not tell whether the clock follows a time server: look at it"),
    }
}

/// Whether Chinese can be printed.
pub fn check_fonts() -> Check {
    const NAME: &str = "fonts";
    match answer("fc-list", &[":lang=zh", "family"]) {
        None => Check::warn(NAME, "fc-list is not there: see for yourself that Chinese fonts are installed"),
        Some(fonts) if fonts.is_empty() => Check::warn(
            NAME,
            "no font has Chinese: printed sheets would show boxes; install one (Debian: fonts-noto-cjk)",
        ),
        Some(fonts) => Check::ok(NAME, format!("{} fonts have Chinese", fonts.lines().count())),
    }
}

/// What a program of the system prints, if it is there and content.
fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Who can reach the service without TLS.
pub fn check_bind(bind: &str) -> Check {
    const NAME: &str = "bind";
    let Ok(addresses) = bind.to_socket_addrs() else {
        return Check::fail(NAME, format!("{bind:?} is no address of this machine: ADDRESS:PORT"));
    };
    if addresses.into_iter().all(|address| address.ip().is_loopback()) {
        Check::ok(NAME, format!("{bind} is this machine's own: a proxy with TLS stands before it"))
    } else {
        let told = format!("{bind} can be reached from outside, without TLS: bind 127.0.0.1 behind a proxy");
        Check::warn(NAME, told)
    }
}

/// Whether the newest backup in a folder is of this database, whole, and not older than a day.
pub fn check_backups(folder: Option<&Path>, fingerprint: Option<&str>, now_ms: i64) -> Check {
    const NAME: &str = "backups";
    let Some(folder) = folder else {
        return Check::warn(NAME, "no folder was given: name it with --backups");
    };
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) => return Check::fail(NAME, format!("{}: {error}", folder.display())),
    };
    let manifests = listed.filter_map(|entry| {
        let path = entry.ok()?.path();
        let backup = backup_of(&path)?;
        let manifest = Manifest::read(&path).ok()?;
        // Backups of other databases may lie in the same folder.
        let own = fingerprint.is_none_or(|own| manifest.content.key_fingerprint == own);
        own.then_some((manifest, backup))
    });
    let Some((newest, backup)) = manifests.max_by_key(|(manifest, _)| manifest.made_at) else {
        let told = format!("{} has no backup of this database: run `zhaosheng backup`", folder.display());
        return Check::fail(NAME, told);
    };
    let told = format!("the newest is {} of {:.0}", backup.display(), newest.made_at);
    if std::fs::metadata(&backup).map_or(0, |file| file.len()) != newest.bytes {
        Check::fail(NAME, format!("{told}: its file is missing or cut off; run `zhaosheng backup`"))
    } else if now_ms - newest.made_at.as_millisecond() > OLDEST_BACKUP_MS {
        Check::fail(NAME, format!("{told}: older than a day; run `zhaosheng backup`"))
    } else {
        Check::ok(NAME, told)
    }
}

/// The backup a manifest lies beside.
fn backup_of(manifest: &Path) -> Option<PathBuf> {
    let name = manifest.file_name().and_then(OsStr::to_str)?.strip_suffix(ENDING)?;
    Some(manifest.with_file_name(name))
}
