//! The posting of a junior high to be printed and hung up: who may use quota seats, masked.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::quota::list_eligibility::{Posted, list_posting};
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// Which junior high; a school's own unless given.
#[derive(Deserialize)]
pub struct Of {
    junior: Option<String>,
}

#[derive(Template)]
#[template(path = "schools/posting.html")]
struct Posting {
    frame: Frame,
    head: SeasonHead,
    /// Empty before one is named.
    junior: String,
    lines: Vec<Posted>,
    /// Before the phase of the posting.
    too_early: bool,
    printed_at: String,
}

/// Shows it.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    of: Query<Of>,
) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, own, frame } = member;
    let junior = of.into_inner().junior.or(own.account.school).unwrap_or_default();
    let (lines, too_early) = match list_posting(&app, &caller, season.into_inner(), junior.clone()).await {
        Ok(lines) => (lines, false),
        Err(ServiceError::Conflict { code: "not_posted", .. }) => (Vec::new(), true),
        Err(error) => return Err(frame.refused(error)),
    };
    let printed_at = wire_time::read_by_people(head.now_ms);
    Ok(shown(&Posting { frame, head, junior, lines, too_early, printed_at }))
}
