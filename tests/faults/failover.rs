//! The primary PostgreSQL server is lost under load; its synchronous standby takes over, and nothing is lost.
//!
//! `FAILOVERS=20` for the full run. Both servers are the test's own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::{Chance, on_postgres};
use crate::ledger::{Ledger, stored, times};
use crate::service::{Service, free_ports};

/// The programs of the newest PostgreSQL here.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max()
}

/// One of the two servers.
struct Server {
    programs: PathBuf,
    data: PathBuf,
    port: u16,
}

impl Server {
    /// Runs a program of PostgreSQL, as somebody who is not root.
    fn run(&self, program: &str, words: &[&str]) -> String {
        let root = fs::read_to_string("/proc/self/status").unwrap().contains("\nUid:\t0\t");
        let path = self.programs.join(program);
        let mut command = if root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        let done = command.args(words).current_dir("/").output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let log = fs::read_to_string(format!("{}.log", self.data())).unwrap_or_default();
        let failed = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{program} {words:?}: {said}{failed}{log}");
        said
    }

    fn data(&self) -> &str {
        self.data.to_str().unwrap()
    }

    fn begin(&self) {
        self.run("initdb", &["-N", "-D", self.data(), "-U", "postgres", "-A", "trust"]);
    }

    fn start(&self) {
        let options = format!(
            "-p {} -c unix_socket_directories='' -c listen_addresses=127.0.0.1 -c fsync=off -c wal_retrieve_retry_interval=100ms -c max_connections=80 -c cluster_name=s{}",
            self.port, self.port
        );
        let log = format!("{}.log", self.data());
        // The log is written by the server, not through our pipe: pg_ctl would never end otherwise.
        self.run("pg_ctl", &["-D", self.data(), "-w", "-l", &log, "-o", &options, "start"]);
    }

    fn sql(&self, sql: &str) -> String {
        let port = self.port.to_string();
        self.run("psql", &["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-XAtqc", sql]).trim().to_owned()
    }

    /// Copies the other server and follows it; from then on the other acknowledges nothing that is not here too.
    fn follow(&self, primary: &Server) {
        let _none_before = fs::remove_dir_all(&self.data);
        let port = primary.port.to_string();
        let from = [
            "-h",
            "127.0.0.1",
            "-p",
            &port,
            "-U",
            "postgres",
            "-D",
            self.data(),
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "-N",
        ];
        self.run("pg_basebackup", &from);
        self.start();
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'");
        primary.sql("SELECT pg_reload_conf()");
        let began = Instant::now();
        while primary.sql("SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'") != "sync" {
            assert!(began.elapsed() < Duration::from_secs(60), "no standby is synchronous");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The machine is gone: every process of the server at once.
    fn lose(&self) {
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let of_it = fs::read_link(process.path().join("cwd")).is_ok_and(|folder| folder == self.data);
            if of_it {
                let id = process.file_name().into_string().unwrap();
                let _may_be_gone = Command::new("kill").args(["-9", &id]).status();
            }
        }
    }

    /// Takes over.
    fn promote(&self) {
        self.run("pg_ctl", &["-D", self.data(), "-w", "promote"]);
        self.sql("ALTER SYSTEM RESET synchronous_standby_names");
        self.sql("SELECT pg_reload_conf()");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.lose();
    }
}

#[test]
fn nothing_acknowledged_is_lost_with_the_primary() {
    let Some(programs) = programs() else {
        eprintln!("left out: it needs PostgreSQL's server programs (tests/run installs them)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    // The servers do not run as root, and make their folders in it.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let [mut primary, mut standby] = free_ports().map(|port| Server {
        programs: programs.clone(),
        data: folder.path().join(port.to_string()),
        port,
    });
    primary.begin();
    primary.start();
    primary.sql("CREATE DATABASE site TEMPLATE template0");
    let url = format!(
        "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/site?target_session_attrs=read-write&connect_timeout=2",
        primary.port, standby.port
    );
    standby.follow(&primary);
    let servers = std::cell::RefCell::new((&mut primary, &mut standby));
    on_postgres(url, |site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let ledger = Ledger::of(site);
        let service = Service::start(&site.url, &site.key_file(), "");
        let mut chance = Chance(7_004);
        let failovers = times("FAILOVERS", 2);
        for round in 0..failovers {
            let (primary, standby) = &mut *servers.borrow_mut();
            ledger.renew_tokens(site);
            ledger.under_load(&service.base, || {
                let patient_for = |more: usize| {
                    let (until, began) = (ledger.acknowledged() + more, Instant::now());
                    while ledger.acknowledged() < until {
                        assert!(
                            began.elapsed() < Duration::from_secs(60),
                            "nothing is acknowledged any more"
                        );
                        std::thread::sleep(Duration::from_millis(1));
                    }
                };
                patient_for(20 + chance.below(60));
                primary.lose();
                standby.promote();
                // By the clients' own reconnecting alone.
                patient_for(20);
            });
            ledger.settle(&service.base);
            let faults = ledger.faults(&stored(site, site.app.database()));
            assert!(faults.is_empty(), "after failover {round}: {faults:#?}");
            primary.follow(standby);
            std::mem::swap(primary, standby);
        }
        let rows = stored(site, site.app.database());
        assert_eq!(rows.len(), ledger.acknowledged());
        println!("{failovers} failovers, {} acknowledged, none lost", rows.len());
    });
}
