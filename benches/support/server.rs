//! `zhaosheng serve` as a process of its own, on a core of its own.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::staged_city::{Outcome, key_file};

/// The core of the server.
pub(crate) const SERVER_CORE: &str = "0";
/// The core of the generator.
pub(crate) const GENERATOR_CORE: &str = "1";
/// Both cores for both: what a machine that is given wholly to them does.
pub(crate) const ALL_CORES: &str = "0,1";

/// A server; it ends with this value.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
}

impl Server {
    /// Starts the program over a database, with the limit per token out of the way: it is not what is measured.
    pub(crate) fn start(url: &str, more: &[&str]) -> Outcome<Server> {
        Server::start_on(SERVER_CORE, url, more)
    }

    /// As [`Server::start`], on these cores.
    pub(crate) fn start_on(cores: &str, url: &str, more: &[&str]) -> Outcome<Server> {
        let key_file = key_file().display().to_string();
        let words = ["serve", "--database", url, "--key-file", &key_file];
        Server::pinned(cores, env!("CARGO_BIN_EXE_zhaosheng"), |command, address| {
            command.args(words).args(["--bind", address]);
            command.args(["--rate", "1000000", "--sms", "file:/dev/null"]).args(more);
        })
    }

    /// Starts this bench again as a server: its words are `empty` and an address.
    pub(crate) fn empty() -> Outcome<Server> {
        let own = std::env::current_exe()?.display().to_string();
        Server::pinned(SERVER_CORE, &own, |command, address| {
            command.args(["empty", address]);
        })
    }

    fn pinned(cores: &str, program: &str, words: impl FnOnce(&mut Command, &str)) -> Outcome<Server> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut command = Command::new("taskset");
        command.args(["-c", cores, program]);
        words(&mut command, &address);
        // The log is written as in service, and read by nobody.
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let server = Server { process, address };
        for _ in 0..200 {
            if TcpStream::connect(&server.address).is_ok() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("the server does not listen".into())
    }

    /// Takes all but so many hundredths of a core from it, as long as the returned value lives: more instances than
    /// this machine has cores are measured that way. Needs `cpulimit` (a Debian package).
    pub(crate) fn limited(&self, percent: u64) -> Outcome<Limit> {
        let process = Command::new("cpulimit")
            .args(["-q", "-z", "-l", &percent.to_string(), "-p", &self.process.id().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cpulimit: {error}"))?;
        Ok(Limit(process))
    }

    /// Processor seconds it has used.
    pub(crate) fn cpu_s(&self) -> f64 {
        cpu_s(&self.process.id().to_string())
    }
}

/// Processor seconds that a process has used, by its number or `self`: on a shared machine they tell more than time.
pub(crate) fn cpu_s(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default().to_owned();
    let ticks = |at: usize| after_name.split(' ').nth(at).and_then(|text| text.parse::<f64>().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

/// A limit on a server's processor time.
pub(crate) struct Limit(Child);

impl Drop for Limit {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// Runs this bench again on the generator's core with other words, and returns what it printed.
pub(crate) fn generate(words: &[&str]) -> Outcome<String> {
    generate_on(GENERATOR_CORE, words)
}

/// As [`generate`], on these cores.
pub(crate) fn generate_on(cores: &str, words: &[&str]) -> Outcome<String> {
    let told = Command::new("taskset")
        .args(["-c", cores])
        .arg(std::env::current_exe()?)
        .args(words)
        .stderr(Stdio::inherit())
        .output()?;
    if !told.status.success() {
        return Err(format!("the generator failed: {}", String::from_utf8_lossy(&told.stdout)).into());
    }
    Ok(String::from_utf8(told.stdout)?)
}
