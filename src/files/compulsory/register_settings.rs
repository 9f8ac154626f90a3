//! `registers.toml`: which registers a county asks, for which facts, and how they are reached.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::civil::Date;
use serde::Deserialize;

use crate::domain::compulsory::evidence::Source;
use crate::domain::compulsory::fact::Fact;
use crate::domain::fault::Fault;

/// A whole `registers.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterSettings {
    /// Always `"registers/1"`.
    pub format: String,
    /// `[[register]]`: each asked in this order.
    #[serde(rename = "register", default)]
    pub registers: Vec<RegisterSetting>,
}

/// `[[register]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterSetting {
    /// `police`, `housing`, `newborn`, `market` or `social_security`; papers are looked at by people.
    pub source: String,
    /// What it is asked; words of the closed list of facts.
    pub facts: Vec<Fact>,
    /// `[register.file]`: an extract. Either this or `http`.
    #[serde(default)]
    pub file: Option<FileSetting>,
    /// `[register.http]`: a service.
    #[serde(default)]
    pub http: Option<HttpSetting>,
}

/// `[register.file]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSetting {
    /// A csv, xlsx or dbf, beside `registers.toml` where it is no whole path.
    pub path: PathBuf,
    /// The day of its data.
    pub day: Date,
}

/// `[register.http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSetting {
    /// `https://...`; plain `http://` only on this machine.
    pub url: String,
    /// A file with the bearer token, beside `registers.toml` where it is no whole path.
    pub token_file: PathBuf,
    /// Questions of one request, 1 to 1,000.
    #[serde(default = "two_hundred")]
    pub batch: usize,
    /// Milliseconds that one request may take, 1 to 60,000.
    #[serde(default = "ten_seconds")]
    pub timeout_ms: u64,
    /// How often a batch is tried, 1 to 5.
    #[serde(default = "three")]
    pub tries: u32,
    /// Milliseconds before the second try, 60,000 at most; twice as long before every further one.
    #[serde(default = "one_second")]
    pub wait_ms: u64,
}

const fn two_hundred() -> usize {
    200
}

const fn ten_seconds() -> u64 {
    10_000
}

const fn three() -> u32 {
    3
}

const fn one_second() -> u64 {
    1_000
}

impl RegisterSettings {
    /// Reads `registers.toml`.
    ///
    /// # Errors
    /// Every fault of its meaning.
    pub fn read(file: &str, text: &str) -> Result<RegisterSettings, Vec<Fault>> {
        let settings: RegisterSettings = toml::from_str(text).map_err(|error| {
            let row = error.span().map(|span| 1 + text[..span.start].matches('\n').count() as u64);
            vec![Fault { row, ..Fault::at(file, error.message().to_owned()) }]
        })?;
        let faults = settings.faults(file);
        if faults.is_empty() { Ok(settings) } else { Err(faults) }
    }

    fn faults(&self, file: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut say = |key: String, rule: &str| {
            faults.push(Fault { column: Some(key), ..Fault::at(file, rule) });
        };
        if self.format != "registers/1" {
            say("format".to_owned(), "must be \"registers/1\"");
        }
        if self.registers.is_empty() {
            say("register".to_owned(), "must be there: no register is asked");
        }
        let mut seen = BTreeSet::new();
        for register in &self.registers {
            let key = |name: &str| format!("register.{}.{name}", register.source);
            if register.asked().is_none() {
                say(key("source"), "must be police, housing, newborn, market or social_security");
            }
            if !seen.insert(register.source.as_str()) {
                say(key("source"), "stands twice");
            }
            if register.facts.is_empty() {
                say(key("facts"), "must name what the register is asked");
            }
            if register.file.is_some() == register.http.is_some() {
                say(key("file"), "must be there or http, not both");
            }
            let Some(http) = &register.http else { continue };
            if !is_safe(&http.url) {
                say(
                    key("http.url"),
                    "must be https, or http on this machine: questions hold numbers of identity",
                );
            }
            for (name, fits) in [
                ("http.batch", (1..=1_000).contains(&http.batch)),
                ("http.timeout_ms", (1..=60_000).contains(&http.timeout_ms)),
                ("http.tries", (1..=5).contains(&http.tries)),
                ("http.wait_ms", http.wait_ms <= 60_000),
            ] {
                if !fits {
                    say(key(name), "is out of bounds");
                }
            }
        }
        faults
    }
}

impl RegisterSetting {
    /// The source; none for a word that is no register.
    pub fn asked(&self) -> Option<Source> {
        let source = Source::ALL.into_iter().find(|source| source.word() == self.source);
        source.filter(|source| *source != Source::Papers)
    }
}

/// Whether nobody on the way reads what is sent there.
fn is_safe(url: &str) -> bool {
    let here = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let rest = here.into_iter().find_map(|begin| url.strip_prefix(begin));
    let own = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']));
    // What stands before an @ is no machine.
    (url.strip_prefix("https://").is_some_and(|host| !host.is_empty()) || own) && !url.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_identity_leave_the_machine_only_encrypted() {
        for url in ["https://register.example/compare", "http://127.0.0.1:81/x", "http://localhost"] {
            assert!(is_safe(url), "{url}");
        }
        for url in [
            "http://register.example/",
            "http://localhost.example/",
            "http://127.0.0.1:1@register.example/",
            "https://",
            "ftp://127.0.0.1",
            "",
        ] {
            assert!(!is_safe(url), "{url}");
        }
    }
}
