//! How a command ends: done, refused, bad input or a broken environment, in words or as JSON.

use std::process::ExitCode;

use crate::domain::fault::Fault;

/// Why a command stopped before its end.
#[derive(Debug)]
pub enum Stop {
    /// A rule refuses the act (exit 1); one sentence per breach.
    Refused(Vec<String>),
    /// The input has faults (exit 2); all of them.
    BadInput(Vec<Fault>),
    /// A file, a disk or another part of the machine failed (exit 3).
    Environment(String),
}

impl Stop {
    /// Says why on standard error, one line each, and returns the exit code.
    pub fn tell(&self, json: bool) -> ExitCode {
        match self {
            Stop::Refused(breaches) => {
                for breach in breaches {
                    say(json, "refused", breach, None);
                }
                ExitCode::from(1)
            }
            Stop::BadInput(faults) => {
                for fault in faults {
                    say(json, "fault", &fault.to_string(), Some(fault));
                }
                ExitCode::from(2)
            }
            Stop::Environment(cause) => {
                say(json, "environment", cause, None);
                ExitCode::from(3)
            }
        }
    }
}

fn say(json: bool, kind: &str, text: &str, fault: Option<&Fault>) {
    if !json {
        eprintln!("{text}");
        return;
    }
    let line = match fault {
        Some(fault) => serde_json::json!({
            "kind": kind, "place": fault.place, "row": fault.row, "column": fault.column,
            "value": fault.value, "rule": fault.rule,
        }),
        None => serde_json::json!({ "kind": kind, "text": text }),
    };
    eprintln!("{line}");
}
