//! `If-Match` and `If-None-Match: *` (RFC 9110, section 13): nobody overwrites what he has not seen.

use crate::service::error::ServiceError;

/// What the caller believes the present version to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing was said.
    None,
    /// `If-Match` with these versions (the entity tags without their quotes).
    Match(Vec<String>),
    /// `If-Match: *`: whatever is there.
    MatchAny,
    /// `If-None-Match: *`: only where nothing is there.
    Absent,
}

impl Precondition {
    /// Holds the precondition against a present version.
    ///
    /// # Errors
    /// `PreconditionRequired` without one, `Stale` with another version.
    pub fn hold(&self, present: &str) -> Result<(), ServiceError> {
        match self {
            Precondition::None => Err(ServiceError::PreconditionRequired),
            Precondition::MatchAny => Ok(()),
            Precondition::Match(versions) if versions.iter().any(|version| version == present) => Ok(()),
            Precondition::Match(_) | Precondition::Absent => {
                Err(ServiceError::Stale { etag: present.to_owned() })
            }
        }
    }

    /// Holds it where nothing may be there yet: absent is version `0`.
    ///
    /// # Errors
    /// As [`Precondition::hold`].
    pub fn hold_or_absent(&self, present: Option<&str>) -> Result<(), ServiceError> {
        match (self, present) {
            (Precondition::Absent, None) => Ok(()),
            (Precondition::MatchAny, None) => Err(ServiceError::Stale { etag: "0".to_owned() }),
            (held, present) => held.hold(present.unwrap_or("0")),
        }
    }
}
