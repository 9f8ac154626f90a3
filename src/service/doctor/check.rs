//! One check of a site: what was looked at, how it stands, and what to do about it.

use serde::Serialize;

/// How a checked thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Ok,
    /// It may be meant so, or cannot be seen from here: somebody must look.
    Warn,
    /// The site must not go live like this.
    Fail,
}

impl State {
    /// The word of the printed line.
    pub fn word(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warn => "warn",
            State::Fail => "fail",
        }
    }
}

/// A line of the doctor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable, for programs.
    pub check: &'static str,
    pub state: State,
    /// What was seen; unless all is well, also what to do.
    pub told: String,
}

impl Check {
    pub fn ok(check: &'static str, told: impl Into<String>) -> Check {
        Check { check, state: State::Ok, told: told.into() }
    }

    pub fn warn(check: &'static str, told: impl Into<String>) -> Check {
        Check { check, state: State::Warn, told: told.into() }
    }

    pub fn fail(check: &'static str, told: impl Into<String>) -> Check {
        Check { check, state: State::Fail, told: told.into() }
    }
}
