//! What is said against a posting or the quota: filed here, answered here.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::Act;
use crate::domain::phase::Phase;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::quota::objections::{
    NewObjection, ObjectionRow, answer_objection, file_objection, list_objections,
};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::schools::field_notes::{FieldNote, field_notes};
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// Objections of one screen.
const MOST: i64 = 500;

struct Line {
    id: String,
    about: String,
    subject: String,
    text: String,
    at: String,
    answer: Option<String>,
    /// May be answered by whoever looks.
    open: bool,
}

#[derive(Template)]
#[template(path = "schools/objections.html")]
struct Objections {
    frame: Frame,
    head: SeasonHead,
    lines: Vec<Line>,
    /// What may be objected to now, by whoever looks: `eligibility` or `quota`.
    about: Option<&'static str>,
    subject: String,
    text: String,
    notes: Vec<FieldNote>,
}

/// What somebody typed that was refused.
#[derive(Default)]
struct Typed {
    subject: String,
    text: String,
    notes: Vec<FieldNote>,
}

async fn screen(
    app: &App,
    member: Member,
    season: String,
    typed: Typed,
) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(app, &member, &season).await?;
    let role = member.role();
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let rows = list_objections(app, &caller, season, String::new(), MOST).await.map_err(refused)?;
    let answers = Act::AnswerObjection.reach(role).is_some();
    let line = |row: ObjectionRow| Line {
        at: wire_time::read_by_people(row.filed_at_ms),
        open: answers && row.answer.is_none(),
        id: row.id,
        about: row.about,
        subject: row.subject,
        text: row.text,
        answer: row.answer,
    };
    let files = Act::FileObjection.reach(role).is_some();
    let about = match head.row.phase().map_err(|error| refused(error.into()))? {
        Phase::EligibilityPosted => Some("eligibility"),
        Phase::QuotaPublished => Some("quota"),
        _ => None,
    };
    let status = if typed.notes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let screen = Objections {
        lines: rows.into_iter().map(line).collect(),
        about: about.filter(|_| files),
        subject: typed.subject,
        text: typed.text,
        notes: typed.notes,
        head,
        frame,
    };
    Ok(page(status, &screen))
}

/// Shows them, and a form where something may be said.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, season.into_inner(), Typed::default()).await
}

/// Files an objection, or answers one.
pub async fn post(app: Data<App>, posted: Posted, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let season = season.into_inner();
    let caller = &member.caller;
    let done = match fields.button() {
        Some(("answer", id)) => {
            let answer = fields.text(&format!("answer-{id}")).to_owned();
            answer_objection(&app, caller, season.clone(), id.to_owned(), answer).await
        }
        _ => {
            let new = NewObjection {
                about: fields.text("about").to_owned(),
                subject: fields.text("subject").trim().to_owned(),
                text: fields.text("text").to_owned(),
            };
            file_objection(&app, caller, season.clone(), new).await
        }
    };
    match done {
        Ok(_) => Ok(go(&format!("/seasons/{season}/objections"))),
        Err(ServiceError::Invalid(faults)) => {
            let typed = Typed {
                subject: fields.text("subject").to_owned(),
                text: fields.text("text").to_owned(),
                notes: match fields.button() {
                    // Its one rule is that of every reason.
                    Some(("answer", id)) => {
                        let told = member.frame.t("school-fault-reason");
                        vec![FieldNote::new(&format!("answer-{id}"), told)]
                    }
                    _ => field_notes(&member.frame, faults),
                },
            };
            screen(&app, member, season, typed).await
        }
        Err(error) => Err(member.frame.refused(error)),
    }
}
