//! What was refused on a screen of an office, shown above the form that was sent.

use actix_web::http::StatusCode;

use crate::service::error::ServiceError;
use crate::web::pages::frame::Frame;
use crate::web::pages::page_problem::PageProblem;

/// The refusals of one request.
pub struct Refused {
    pub status: StatusCode,
    pub lines: Vec<RefusedLine>,
}

/// One refusal.
pub struct RefusedLine {
    /// The id of the field it is about; empty for the whole form.
    pub field: String,
    pub text: String,
    /// What the use case adds, as the API tells it; empty where the text says all.
    pub detail: String,
}

impl Refused {
    /// What an office can mend on the same page; everything else is a page of its own.
    ///
    /// # Errors
    /// The refusals that no other entry of this form would mend.
    pub fn of(frame: &Frame, error: ServiceError) -> Result<Refused, PageProblem> {
        let conflict = |code: &str, detail: &str| {
            let lines = vec![line(frame, "conflict-", frame.of_kind("conflict", code), "", detail)];
            Ok(Refused { status: StatusCode::CONFLICT, lines })
        };
        match &error {
            ServiceError::Conflict { code, detail } => conflict(code, &frame.words.rule(detail)),
            ServiceError::WrongPhase { .. } => conflict("not_now", ""),
            ServiceError::WrongStep(_) => conflict("wrong_step", ""),
            ServiceError::Stale { .. } => conflict("stale", ""),
            ServiceError::Invalid(faults) => {
                let told = faults.iter().map(|fault| {
                    let text = frame.of_kind("fault", fault.code);
                    line(frame, "fault-", text, &anchor(&fault.pointer), &fault.told(frame.words))
                });
                Ok(Refused { status: StatusCode::UNPROCESSABLE_ENTITY, lines: told.collect() })
            }
            _ => Err(frame.refused(error)),
        }
    }

    /// Leads what is about `field` to the id of one form of several that have it.
    pub fn aimed(mut self, field: &str, id: &str) -> Refused {
        for line in self.lines.iter_mut().filter(|line| line.field.split('-').next() == Some(field)) {
            line.field = id.to_owned();
        }
        self
    }

    /// One refusal of the page itself, by the key of its text.
    pub fn field(frame: &Frame, field: &str, key: &str) -> Refused {
        let line = RefusedLine { field: field.to_owned(), text: frame.t(key), detail: String::new() };
        Refused { status: StatusCode::UNPROCESSABLE_ENTITY, lines: vec![line] }
    }
}

/// The status of a page with or without refusals.
pub fn status(refused: Option<&Refused>) -> StatusCode {
    refused.map_or(StatusCode::OK, |refused| refused.status)
}

/// The id of the field that a pointer of the API means: `/change/publish_at` is `publish-at`.
fn anchor(pointer: &str) -> String {
    let pointer = pointer.strip_prefix("/change").unwrap_or(pointer);
    pointer.trim_start_matches('/').replace(['/', '_'], "-")
}

/// A refusal in the page's language: `text` as it was looked up in the family `kind`. Codes without a text of ours
/// are told as the use case tells them; a text that ends in a colon is completed by what the use case tells.
fn line(frame: &Frame, kind: &str, text: String, field: &str, detail: &str) -> RefusedLine {
    let name: Vec<&str> = field.split('-').filter(|word| word.parse::<u32>().is_err()).collect();
    let label = known("field-", frame.of_kind("field", name.join("-")));
    let label = label.map_or_else(String::new, |label| label + &frame.t("colon"));
    let text = known(kind, text);
    let detail = match &text {
        Some(text) if !text.ends_with([':', '：']) => String::new(),
        _ => detail.to_owned(),
    };
    let text = label + &text.unwrap_or_else(|| frame.t("fault-told"));
    RefusedLine { field: field.to_owned(), text, detail }
}

/// A text that was found; without one its key came back.
fn known(kind: &str, text: String) -> Option<String> {
    (!text.starts_with(kind)).then_some(text)
}
