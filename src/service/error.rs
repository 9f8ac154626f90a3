//! What a caller can do about a refusal: every reason a use case may give, with its stable code.

use crate::domain::access::Denied;
use crate::domain::fault::Fault;
use crate::domain::language::Language;
use crate::domain::phase::{Phase, WrongStep};
use crate::storage::error::StorageError;
use crate::words::texts::Words;

/// A fault of one field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// JSON pointer into the body (`/choices/2`), or the name of a parameter.
    pub pointer: String,
    /// Stable, for programs.
    pub code: &'static str,
    /// The rule in plain words.
    pub detail: String,
    /// The same in Chinese, where the rule alone does not say it all: what it is about stands in it.
    pub zh: Option<String>,
}

impl FieldFault {
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> FieldFault {
        FieldFault { pointer: pointer.into(), code, detail: detail.into(), zh: None }
    }

    /// A fault of a file that a field means, at its place there.
    pub fn of_file(pointer: impl Into<String>, code: &'static str, fault: &Fault) -> FieldFault {
        let told = |language| Words(language).fault(fault);
        let zh = Some(told(Language::Chinese));
        FieldFault { zh, ..FieldFault::new(pointer, code, told(Language::English)) }
    }

    /// What is wrong, in a language.
    pub fn told(&self, words: Words) -> String {
        let zh = self.zh.clone().filter(|_| words.0 == Language::Chinese);
        zh.unwrap_or_else(|| words.rule(&self.detail))
    }
}

/// Why a use case refused. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceError {
    /// A header that says what it may not.
    Malformed(&'static str),
    /// No session, or one that has ended.
    Unauthenticated,
    /// An unknown login, a wrong password, a disabled account: one answer for all.
    WrongCredentials,
    /// The password is right; the second factor is missing or wrong. The cells the card is asked for, if it is one.
    SecondFactorRequired { challenge: Vec<String> },
    /// The page's token against cross-site requests is missing or of another session.
    CrossSite,
    /// The role never may.
    Forbidden,
    /// The first password or the second factor must be set first.
    Restricted,
    /// The second factor must be shown again.
    StepUpRequired,
    /// Not there, or none of the caller's concern: one answer for both.
    NotFound,
    /// Not in this phase of the season.
    WrongPhase { phase: Phase },
    /// A step that the phase does not allow.
    WrongStep(WrongStep),
    /// A write without `If-Match`.
    PreconditionRequired,
    /// `If-Match` names another version than the present one.
    Stale { etag: String },
    /// The object's state refuses the act; `code` is stable, `detail` in plain words.
    Conflict { code: &'static str, detail: String },
    /// All faults of the request's fields.
    Invalid(Vec<FieldFault>),
    /// The `Idempotency-Key` was used for another request.
    KeyReused,
    /// Too many attempts.
    TooMany { retry_after_s: u64 },
    /// Too much work is waiting.
    Busy { retry_after_s: u64 },
    /// What lies in the database is not what was published or signed: it is not served. What it is, for the log.
    Altered(String),
    /// Our fault; the cause is for the log and never for the caller.
    Internal(String),
}

impl ServiceError {
    /// A conflict.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> ServiceError {
        ServiceError::Conflict { code, detail: detail.into() }
    }

    /// One fault of one field.
    pub fn invalid(pointer: &str, code: &'static str, detail: impl Into<String>) -> ServiceError {
        ServiceError::Invalid(vec![FieldFault::new(pointer, code, detail)])
    }
}

impl From<StorageError> for ServiceError {
    fn from(error: StorageError) -> ServiceError {
        match error {
            StorageError::Stale => ServiceError::conflict(
                "changed_meanwhile",
                "somebody else changed this meanwhile; load it again",
            ),
            StorageError::Busy => ServiceError::Busy { retry_after_s: 2 },
            StorageError::DiskFull | StorageError::DiskFailed => {
                tracing::error!(%error, "nothing can be written");
                ServiceError::Busy { retry_after_s: 10 }
            }
            StorageError::Unstorable => {
                ServiceError::invalid("", "zero_character", "a text holds a zero character (U+0000)")
            }
            StorageError::Broken(cause) => ServiceError::Internal(cause),
        }
    }
}

impl From<Denied> for ServiceError {
    fn from(denied: Denied) -> ServiceError {
        match denied {
            Denied::Forbidden => ServiceError::Forbidden,
            Denied::Absent => ServiceError::NotFound,
            Denied::Restricted => ServiceError::Restricted,
            Denied::StepUp => ServiceError::StepUpRequired,
        }
    }
}

impl From<WrongStep> for ServiceError {
    fn from(wrong: WrongStep) -> ServiceError {
        ServiceError::WrongStep(wrong)
    }
}
