//! A pupil who lost her password or card is given new access: with a reason, and a code that is told once.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::Act;
use crate::service::accounts::reset_access::reset_candidate_access;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::people::show_candidate::{CandidateRow, show_candidate};
use crate::web::pages::frame::{Frame, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::schools::field_notes::{FieldNote, field_notes};
use crate::web::pages::season_head::SeasonHead;
use crate::web::slips::{self, CodeSlipView};

#[derive(Template)]
#[template(path = "schools/pupil_access.html")]
struct PupilAccess {
    frame: Frame,
    head: SeasonHead,
    candidate: CandidateRow,
    reason: String,
    notes: Vec<FieldNote>,
}

/// Asks for the reason.
pub async fn show(
    app: Data<App>,
    member: Member,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageProblem> {
    member.may(Act::ResetAccess)?;
    let (season, exam_no) = path.into_inner();
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let candidate = show_candidate(&app, &caller, season, exam_no).await;
    let candidate = candidate.map_err(|error| frame.refused(error))?;
    let screen = PupilAccess { frame, head, candidate, reason: String::new(), notes: Vec::new() };
    Ok(page(StatusCode::OK, &screen))
}

/// Gives it, and tells the code this once.
pub async fn reset(
    app: Data<App>,
    posted: Posted,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    member.may(Act::ResetAccess)?;
    let (season, exam_no) = path.into_inner();
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let candidate = show_candidate(&app, &caller, season.clone(), exam_no.clone()).await.map_err(refused)?;
    let reason = fields.text("reason").to_owned();
    let notes = match reset_candidate_access(&app, &caller, season, exam_no, reason.clone()).await {
        Ok((account, code)) => {
            let slip = CodeSlipView {
                class: candidate.class,
                exam_no: candidate.exam_no,
                name: candidate.name,
                login: account.login,
                initial_code: code.to_string(),
            };
            return Ok(slips::codes(StatusCode::OK, &frame, &[slip]));
        }
        Err(ServiceError::Invalid(faults)) => field_notes(&frame, faults),
        Err(ServiceError::Conflict { code: "no_account", .. }) => {
            vec![FieldNote::new("reason", frame.t("school-reset-no-account"))]
        }
        Err(error) => return Err(refused(error)),
    };
    Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &PupilAccess { frame, head, candidate, reason, notes }))
}
