//! A pupil's record as her school and its offices see it; the look is on record, and she sees it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::Act;
use crate::service::app::App;
use crate::service::people::show_candidate::{CandidateRow, show_candidate};
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

#[derive(Template)]
#[template(path = "schools/pupil.html")]
struct Pupil {
    frame: Frame,
    head: SeasonHead,
    candidate: CandidateRow,
    /// Whether the office gives new access.
    resets: bool,
}

/// Shows it.
pub async fn show(
    app: Data<App>,
    member: Member,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageProblem> {
    let (season, exam_no) = path.into_inner();
    let head = SeasonHead::of(&app, &member, &season).await?;
    let resets = Act::ResetAccess.reach(member.role()).is_some();
    let Member { caller, frame, .. } = member;
    let candidate = show_candidate(&app, &caller, season, exam_no).await;
    let candidate = candidate.map_err(|error| frame.refused(error))?;
    Ok(shown(&Pupil { frame, head, candidate, resets }))
}
