//! A candidate's own result: her place, why each choice ended as it did, and how to check it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::search_programmes::{Search, programme_names, search_programmes};
use crate::service::runs::show_own_result::{OwnResult, show_own_result};
use crate::web::pages::explained_choice::{ExplainedChoice, explained_choices};
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

#[derive(Template)]
#[template(path = "own_result.html")]
struct ResultScreen {
    frame: Frame,
    head: SeasonHead,
    result: OwnResult,
    /// The name of the programme that admitted her.
    place: Option<String>,
    choices: Vec<ExplainedChoice>,
}

/// Shows it.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let season = season.into_inner();
    let exam_no = member.own_in(&season)?;
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let result = show_own_result(&app, &caller, season.clone(), exam_no).await.map_err(refused)?;
    let listed = search_programmes(&app, &caller, season, Search::default()).await.map_err(refused)?;
    let names = programme_names(listed);
    let choices = explained_choices(&frame, &names, &result);
    let place = result.programme.as_ref().map(|code| names.get(code).unwrap_or(code).clone());
    Ok(shown(&ResultScreen { frame, head, result, place, choices }))
}
