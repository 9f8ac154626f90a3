//! Problems (RFC 9457): the only table of status codes, stable codes and titles.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::error::{FieldFault, ServiceError};
use crate::web::request_scope::RequestScope;
use crate::words::texts::Words;

/// A fault of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON pointer into the body, or the name of a parameter.
    #[schema(example = "/choices/2")]
    pub pointer: String,
    /// Stable.
    #[schema(example = "out_of_scope")]
    pub code: String,
    /// In the language asked for, zh-CN or en.
    pub detail: String,
}

/// What went wrong, by RFC 9457.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells the kind.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: &'static str,
    /// In the language asked for, zh-CN or en.
    #[schema(example = "找不到")]
    pub title: String,
    #[schema(example = 404)]
    pub status: u16,
    /// In plain words, in the same language; absent where the title says all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Of this very answer.
    pub instance: String,
    /// Stable; programs should look at nothing else.
    #[schema(example = "not_found")]
    pub code: String,
    pub trace_id: String,
    /// Every fault of the request's fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// Cells of the grid card that are asked for next, where a second factor is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["A1", "C7", "H10"]))]
    pub challenge: Vec<String>,
    #[serde(skip)]
    #[schema(ignore)]
    pub headers: Vec<(header::HeaderName, String)>,
}

/// Every code with its status; conflicts share one title and tell more in `detail`.
pub const CODES: &[(&str, StatusCode)] = &[
    ("malformed", StatusCode::BAD_REQUEST),
    ("unauthenticated", StatusCode::UNAUTHORIZED),
    ("wrong_credentials", StatusCode::UNAUTHORIZED),
    ("second_factor_required", StatusCode::UNAUTHORIZED),
    ("cross_site", StatusCode::FORBIDDEN),
    ("forbidden", StatusCode::FORBIDDEN),
    ("restricted", StatusCode::FORBIDDEN),
    ("step_up_required", StatusCode::FORBIDDEN),
    ("not_found", StatusCode::NOT_FOUND),
    ("method_not_allowed", StatusCode::METHOD_NOT_ALLOWED),
    ("timeout", StatusCode::REQUEST_TIMEOUT),
    ("conflict", StatusCode::CONFLICT),
    ("wrong_phase", StatusCode::CONFLICT),
    ("wrong_step", StatusCode::CONFLICT),
    ("stale", StatusCode::PRECONDITION_FAILED),
    ("too_large", StatusCode::PAYLOAD_TOO_LARGE),
    ("unsupported_media_type", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ("invalid", StatusCode::UNPROCESSABLE_ENTITY),
    ("key_reused", StatusCode::UNPROCESSABLE_ENTITY),
    ("precondition_required", StatusCode::PRECONDITION_REQUIRED),
    ("too_many", StatusCode::TOO_MANY_REQUESTS),
    ("altered", StatusCode::INTERNAL_SERVER_ERROR),
    ("internal", StatusCode::INTERNAL_SERVER_ERROR),
    ("busy", StatusCode::SERVICE_UNAVAILABLE),
    ("overloaded", StatusCode::SERVICE_UNAVAILABLE),
];

impl Problem {
    /// The problem of a code of the table; an unknown one is told as a conflict of that code.
    pub fn of(code: &str) -> Problem {
        let scope = RequestScope::current();
        let row = CODES.iter().find(|(known, _)| *known == code);
        let (known, status) = *row.unwrap_or(&("conflict", StatusCode::CONFLICT));
        Problem {
            kind: "about:blank",
            title: Words(scope.language).of_kind("problem", known),
            status: status.as_u16(),
            detail: None,
            instance: format!("urn:uuid:{}", scope.trace_id),
            code: code.to_owned(),
            trace_id: scope.trace_id,
            errors: Vec::new(),
            challenge: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// With a sentence for people, in their language.
    pub fn saying(mut self, detail: impl AsRef<str>) -> Problem {
        self.detail = Some(RequestScope::words().rule(detail.as_ref()));
        self
    }

    /// With a header.
    pub fn with(mut self, name: header::HeaderName, value: impl Into<String>) -> Problem {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Problem {
        match error {
            ServiceError::Unauthenticated => {
                Problem::of("unauthenticated").with(header::WWW_AUTHENTICATE, "Bearer")
            }
            ServiceError::Malformed(detail) => Problem::of("malformed").saying(detail),
            ServiceError::WrongCredentials => Problem::of("wrong_credentials"),
            ServiceError::SecondFactorRequired { challenge } => {
                Problem { challenge, ..Problem::of("second_factor_required") }
            }
            ServiceError::CrossSite => Problem::of("cross_site"),
            ServiceError::Forbidden => Problem::of("forbidden"),
            ServiceError::Restricted => Problem::of("restricted"),
            ServiceError::StepUpRequired => Problem::of("step_up_required"),
            ServiceError::NotFound => Problem::of("not_found"),
            ServiceError::WrongPhase { phase } => {
                Problem::of("wrong_phase").saying(format!("the season is in phase {}", phase.word()))
            }
            ServiceError::WrongStep(wrong) => Problem::of("wrong_step").saying(format!(
                "{} is not possible in phase {}",
                wrong.step.word(),
                wrong.phase.word()
            )),
            ServiceError::PreconditionRequired => Problem::of("precondition_required"),
            ServiceError::Stale { etag } => Problem::of("stale").with(header::ETAG, format!("\"{etag}\"")),
            ServiceError::Conflict { code, detail } => Problem::of(code).saying(detail),
            ServiceError::Invalid(faults) => {
                let words = RequestScope::words();
                let field = |fault: FieldFault| FieldProblem {
                    detail: fault.told(words),
                    pointer: fault.pointer,
                    code: fault.code.to_owned(),
                };
                Problem { errors: faults.into_iter().map(field).collect(), ..Problem::of("invalid") }
            }
            ServiceError::KeyReused => Problem::of("key_reused"),
            ServiceError::TooMany { retry_after_s } => {
                Problem::of("too_many").with(header::RETRY_AFTER, retry_after_s.to_string())
            }
            ServiceError::Busy { retry_after_s } => {
                Problem::of("busy").with(header::RETRY_AFTER, retry_after_s.to_string())
            }
            ServiceError::Altered(what) => {
                let problem = Problem::of("altered");
                tracing::error!(trace_id = problem.trace_id, what, "a stored result was altered");
                problem
            }
            ServiceError::Internal(cause) => {
                let problem = Problem::of("internal");
                tracing::error!(trace_id = problem.trace_id, cause, "a use case failed");
                problem
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                answer.insert_header((name.clone(), value));
            }
        }
        let body = serde_json::to_vec(self).unwrap_or_default();
        answer.content_type("application/problem+json").body(body)
    }
}
