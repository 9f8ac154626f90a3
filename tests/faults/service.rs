//! `zhaosheng serve` as a process of its own, that tests kill and start again.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::disk::Disk;

/// A running service; killed with its last owner.
pub(crate) struct Service {
    child: Child,
    pub(crate) base: String,
}

impl Service {
    /// Starts over a database, with crash points beside those that the test itself was started with.
    pub(crate) fn start(url: &str, key_file: &Path, points: &str) -> Service {
        Service::started(Service::command("127.0.0.1:0", url, key_file, points))
    }

    /// As [`Service::start`], at an address that it has after every restart.
    pub(crate) fn start_at(bind: &str, url: &str, key_file: &Path) -> Service {
        Service::started(Service::command(bind, url, key_file, ""))
    }

    /// As [`Service::start`], on a disk that keeps only what was synced.
    pub(crate) fn start_on(disk: &Disk, url: &str, key_file: &Path) -> Service {
        let mut command = Service::command("127.0.0.1:0", url, key_file, "");
        disk.watch(&mut command);
        Service::started(command)
    }

    fn command(bind: &str, url: &str, key_file: &Path, points: &str) -> Command {
        let inherited = std::env::var("FAILPOINTS").unwrap_or_default();
        let points: Vec<&str> =
            [inherited.as_str(), points].into_iter().filter(|one| !one.is_empty()).collect();
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaosheng"));
        command
            .args(["serve", "--bind", bind, "--rate", "100000", "--sms", "file:/dev/null"])
            .args(["--database", url, "--key-file"])
            .arg(key_file)
            .env("FAILPOINTS", points.join(";"))
            .env("RUST_LOG", "warn")
            .stdout(Stdio::null());
        command
    }

    fn started(mut command: Command) -> Service {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let base = loop {
            match lines.next() {
                Some(Ok(line)) => match line.strip_prefix("listening on ") {
                    Some(base) => break base.to_owned(),
                    None => said.push(line),
                },
                _ => panic!("the service ended before it listened: {said:?}"),
            }
        };
        // What it says later goes to the test's own output, so that a failure can be understood.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("service: {line}")));
        let mut service = Service { child, base };
        // Whoever asks now waits until it serves; a crash point may be earlier.
        while ureq::get(format!("{}/healthz", service.base)).call().is_err() && service.ended().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        service
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits until it has finished what was under way.
    pub(crate) fn stop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success() && self.child.wait().unwrap().success());
    }

    /// As by `kill -9`, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        let _may_be_gone = self.child.kill();
        self.child.wait().unwrap();
    }

    /// How it ended, where it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Free ports that no outgoing connection takes while their owners are down: those begin at 32768.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let ports = (15_000..32_000).cycle().skip(std::process::id() as usize % 17_000);
    let mut free = ports.filter_map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
    let held: [TcpListener; N] = std::array::from_fn(|_| free.next().unwrap());
    held.map(|listener| listener.local_addr().unwrap().port())
}
