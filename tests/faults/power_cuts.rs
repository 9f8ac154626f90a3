//! Power cuts under load: only what was synced is there afterwards, whole or torn.
//!
//! `POWER_CUTS=200` for the full run.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use zhaosheng::service::app::Database;
use zhaosheng::service::audit::verify_audit::verify_audit;
use zhaosheng::storage::durability::{copy_sqlite_into, integrity_faults};

use crate::disk::Disk;
use crate::harness::{Chance, Site, on_sqlite};
use crate::ledger::{Ledger, stored, times};
use crate::service::Service;

/// A disk with a site on it: `site.db` and its key.
pub(crate) fn disk_with(site: &Site) -> (Disk, String) {
    let disk = Disk::new();
    let file = disk.root().join("site.db");
    let path = file.display().to_string();
    site.app.database().outside_transactions(|connection| copy_sqlite_into(connection, &path)).unwrap();
    fs::copy(site.key_file(), disk.root().join("site.key")).unwrap();
    (disk, format!("sqlite://{}", file.display()))
}

/// What is wrong with a database that came back after a cut; looked at in a copy, as looking writes.
pub(crate) fn faults_of(site: &Site, ledger: &Ledger, disk: &Disk) -> Vec<String> {
    let copy = tempfile::tempdir().unwrap();
    for name in ["site.db", "site.db-wal", "site.db-journal"] {
        if disk.root().join(name).exists() {
            fs::copy(disk.root().join(name), copy.path().join(name)).unwrap();
        }
    }
    let database = Database::open(&format!("sqlite://{}", copy.path().join("site.db").display())).unwrap();
    let mut faults =
        site.wait(database.read(integrity_faults)).unwrap_or_else(|error| vec![error.to_string()]);
    faults.extend(ledger.faults(&stored(site, &database)));
    let record = site.wait(verify_audit(&database, site.app.audit_key(), Vec::new())).unwrap();
    faults.extend(record.findings.iter().take(5).map(ToString::to_string));
    faults
}

#[test]
fn nothing_acknowledged_is_lost_by_power_cuts() {
    on_sqlite(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let ledger = Ledger::of(site);
        let (disk, url) = disk_with(site);
        let mut chance = Chance(7_002);
        let cuts = times("POWER_CUTS", 16);
        for round in 0..cuts {
            let mut service = Service::start_on(&disk, &url, &disk.root().join("site.key"));
            ledger.renew_tokens(site);
            let base = service.base.clone();
            // At random, or between the commit and its sync where the load is at its height.
            let until = ledger.acknowledged() + 1 + chance.below(60);
            ledger.under_load(&base, || {
                let began = Instant::now();
                while ledger.acknowledged() < until && began.elapsed() < Duration::from_secs(10) {
                    std::thread::sleep(Duration::from_micros(500));
                }
                service.kill();
            });
            disk.cut((round % 2 == 1).then_some(&mut chance));
            let faults = faults_of(site, &ledger, &disk);
            assert!(faults.is_empty(), "after cut {round}: {faults:#?}");
        }
        let service = Service::start_on(&disk, &url, &disk.root().join("site.key"));
        ledger.renew_tokens(site);
        ledger.settle(&service.base);
        let faults = faults_of(site, &ledger, &disk);
        assert!(faults.is_empty(), "{faults:#?}");
        println!("{cuts} power cuts, {} acknowledged", ledger.acknowledged());
    });
}

#[test]
fn a_backup_that_was_told_done_outlives_a_power_cut() {
    on_sqlite(|site| {
        site.with_city();
        let (disk, url) = disk_with(site);
        let root = disk.root();
        let program = |words: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_zhaosheng"));
            command.args(words).args(["--database", &url, "--key-file"]).arg(root.join("site.key"));
            command
        };
        let backup = root.join("backup");
        let mut command = program(&["backup", "--out", backup.to_str().unwrap()]);
        disk.watch(&mut command);
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let before: Vec<u8> = fs::read(&backup).unwrap();
        disk.cut(None);
        assert!(fs::read(&backup).is_ok_and(|after| after == before), "the backup is gone or cut short");
    });
}

#[test]
fn a_site_that_was_just_made_starts_again_after_a_power_cut() {
    let disk = Disk::new();
    let url = format!("sqlite://{}", disk.root().join("site.db").display());
    let key_file = disk.root().join("site.key");
    let mut service = Service::start_on(&disk, &url, &key_file);
    service.kill();
    let key = fs::read(&key_file).unwrap();
    disk.cut(None);
    assert!(
        fs::read(&key_file).is_ok_and(|kept| kept == key),
        "the key is gone, and with it all that it seals"
    );
    drop(Service::start_on(&disk, &url, &key_file));
}
