//! How a command ends: done, refused, bad input or a broken environment, in words or as JSON.

use std::process::ExitCode;

use crate::cli::standard_streams::note_line;
use crate::domain::fault::Fault;
use crate::service::error::{FieldFault, ServiceError};

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

impl From<ServiceError> for Stop {
    fn from(error: ServiceError) -> Stop {
        match error {
            ServiceError::Invalid(faults) => {
                let fault = |fault: FieldFault| Fault::at(fault.pointer, fault.detail);
                Stop::BadInput(faults.into_iter().map(fault).collect())
            }
            ServiceError::NotFound => Stop::Refused(vec!["there is no such thing".to_owned()]),
            ServiceError::WrongPhase { phase } => Stop::Refused(vec![format!(
                "the season is in phase {}: this data no longer changes",
                phase.word()
            )]),
            ServiceError::Conflict { detail, .. } => Stop::Refused(vec![detail]),
            ServiceError::Busy { retry_after_s } => {
                Stop::Environment(format!("too much work is waiting; try again in {retry_after_s} seconds"))
            }
            ServiceError::Internal(cause) => Stop::Environment(cause),
            other => Stop::Refused(vec![format!("{other:?}")]),
        }
    }
}

fn say(json: bool, kind: &str, text: &str, fault: Option<&Fault>) {
    if !json {
        note_line!("{text}");
        return;
    }
    let line = match fault {
        Some(fault) => serde_json::json!({
            "kind": kind, "place": fault.place, "row": fault.row, "column": fault.column,
            "value": fault.value, "rule": fault.rule,
        }),
        None => serde_json::json!({ "kind": kind, "text": text }),
    };
    note_line!("{line}");
}
