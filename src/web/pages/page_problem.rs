//! Refusals as pages: what happened, what to do, the way on.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;

use crate::service::error::ServiceError;
use crate::web::pages::frame::{Frame, go, page};
use crate::web::problem::Problem;

/// A refusal of a page.
#[derive(Debug)]
pub struct PageProblem(Box<Refusal>);

#[derive(Debug)]
struct Refusal {
    problem: Problem,
    frame: Frame,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemScreen<'p> {
    frame: &'p Frame,
    problem: &'p Problem,
}

impl PageProblem {
    /// A refusal of a request.
    pub fn of(request: &HttpRequest, problem: impl Into<Problem>) -> PageProblem {
        PageProblem(Box::new(Refusal { problem: problem.into(), frame: Frame::of(request) }))
    }
}

impl Frame {
    /// A refusal of this page.
    pub fn refused(&self, error: ServiceError) -> PageProblem {
        PageProblem(Box::new(Refusal { problem: error.into(), frame: self.clone() }))
    }
}

impl fmt::Display for PageProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.problem.fmt(f)
    }
}

impl ResponseError for PageProblem {
    fn status_code(&self) -> StatusCode {
        self.0.problem.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let next = self.0.frame.way_back();
        match self.0.problem.code.as_str() {
            "unauthenticated" => go(&format!("/log-in?next={next}")),
            "restricted" => go("/account"),
            "step_up_required" => go(&format!("/step-up?next={next}")),
            _ => {
                let screen = ProblemScreen { frame: &self.0.frame, problem: &self.0.problem };
                let mut answer = page(self.status_code(), &screen);
                for (name, value) in &self.0.problem.headers {
                    if let Ok(value) = HeaderValue::from_str(value) {
                        answer.headers_mut().insert(name.clone(), value);
                    }
                }
                answer
            }
        }
    }
}
