//! Signed sheets come back: the code is scanned or typed, and a sheet that is not of what counts is told in red.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::Act;
use crate::domain::paper_code::PaperCode;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::record_confirmation::record_confirmation;
use crate::service::forms::stored_form::FormName;
use crate::service::season::stored_policy::stored_policy;
use crate::web::pages::frame::{Frame, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Fields, Posted};
use crate::web::pages::season_head::SeasonHead;

/// What became of the sheet that was scanned last.
enum Said {
    Nothing,
    Recorded {
        exam_no: String,
        version: i64,
    },
    /// `unreadable`, `nobody`, `not-submitted`, `other-version`.
    Refused(&'static str),
}

#[derive(Template)]
#[template(path = "schools/confirmations.html")]
struct Confirmations {
    frame: Frame,
    head: SeasonHead,
    /// Code and name of each list, for typing.
    lists: Vec<(String, String)>,
    said: Said,
}

async fn screen(app: &App, member: Member, season: &str, said: Said) -> Result<HttpResponse, PageProblem> {
    member.may(Act::RecordConfirmation)?;
    let head = SeasonHead::of(app, &member, season).await?;
    let frame = member.frame;
    let policy = stored_policy(&head.row).map_err(|error| frame.refused(error))?;
    let lists = policy.lists().into_iter().map(|list| (list.to_owned(), policy.list_name(list))).collect();
    let status = if matches!(said, Said::Refused(_)) { StatusCode::CONFLICT } else { StatusCode::OK };
    Ok(page(status, &Confirmations { frame, head, lists, said }))
}

/// Waits for a code.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, &season, Said::Nothing).await
}

/// What was scanned, or typed part by part.
fn code(fields: &Fields) -> Option<PaperCode> {
    if !fields.text("code").trim().is_empty() {
        return fields.text("code").parse().ok();
    }
    Some(PaperCode {
        exam_no: fields.text("exam_no").trim().to_owned(),
        batch: fields.text("batch").to_owned(),
        version: fields.text("version").trim().parse().ok()?,
        hash: fields.text("hash").split_whitespace().collect::<String>().to_ascii_lowercase(),
    })
}

/// Records a signed sheet.
pub async fn record(
    app: Data<App>,
    posted: Posted,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let Some(code) = code(&fields) else {
        return screen(&app, member, &season, Said::Refused("unreadable")).await;
    };
    let PaperCode { exam_no, batch, version, hash } = code;
    let form = FormName { season: season.clone(), exam_no: exam_no.clone(), batch };
    let said = match record_confirmation(&app, &member.caller, form, version, hash).await {
        Ok(_) => Said::Recorded { exam_no, version },
        Err(ServiceError::NotFound) => Said::Refused("nobody"),
        Err(ServiceError::Conflict { code: "not_submitted", .. }) => Said::Refused("not-submitted"),
        Err(ServiceError::Conflict { code: "other_version", .. }) => Said::Refused("other-version"),
        Err(error) => return Err(member.frame.refused(error)),
    };
    screen(&app, member, &season, said).await
}
