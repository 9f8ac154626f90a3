//! Versions on the wire: entity tags, preconditions and idempotency keys (RFC 9110, section 13).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use serde::Serialize;

use crate::service::app::OnceKey;
use crate::service::error::ServiceError;
use crate::service::precondition::Precondition;
use crate::web::problem::Problem;

/// The header of the strong entity tag of a version.
pub fn etag(version: impl std::fmt::Display) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"{version}\""))
}

/// `If-Match` or `If-None-Match: *` of a request.
pub struct IfMatch(pub Precondition);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<IfMatch, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(precondition(request).map(IfMatch).map_err(Problem::from))
    }
}

fn precondition(request: &HttpRequest) -> Result<Precondition, ServiceError> {
    let text = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default().trim());
    match (text(header::IF_MATCH), text(header::IF_NONE_MATCH)) {
        (Some("*"), _) => Ok(Precondition::MatchAny),
        (Some(tags), _) => {
            // Weak tags never match here: RFC 9110 asks for the strong comparison.
            let strong = |tag: &str| Some(tag.trim().strip_prefix('"')?.strip_suffix('"')?.to_owned());
            Ok(Precondition::Match(tags.split(',').filter_map(strong).collect()))
        }
        (None, Some("*")) => Ok(Precondition::Absent),
        (None, Some(_)) => Err(ServiceError::Malformed("If-None-Match may only be *")),
        (None, None) => Ok(Precondition::None),
    }
}

/// The `Idempotency-Key` of a request, if it has one: 1 to 200 visible ASCII characters.
pub struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    /// The key together with what it stands for: the operation, its path and the body.
    pub fn over(self, operation: &str, request: &impl Serialize) -> Option<OnceKey> {
        self.0.map(|key| OnceKey::new(key, operation, request))
    }

    /// As [`IdempotencyKey::over`], where the key is required.
    ///
    /// # Errors
    /// 428 without a key.
    pub fn required(self, operation: &str, request: &impl Serialize) -> Result<OnceKey, ServiceError> {
        self.over(operation, request).ok_or(ServiceError::PreconditionRequired)
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<IdempotencyKey, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match request.headers().get("Idempotency-Key").map(|value| value.to_str()) {
            None => Ok(IdempotencyKey(None)),
            Some(Ok(key)) if (1..=200).contains(&key.len()) => Ok(IdempotencyKey(Some(key.to_owned()))),
            Some(_) => Err(Problem::of("malformed").saying("Idempotency-Key must have 1 to 200 characters")),
        })
    }
}
