//! How far each junior high is with filling: what a bureau, the centre and the supervisor watch.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::show_filling_progress::{SchoolProgress, show_filling_progress};
use crate::service::season::stored_policy::stored_policy;
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::schools::hour_bars::HourBars;
use crate::web::pages::season_head::SeasonHead;

#[derive(Template)]
#[template(path = "schools/filling_progress.html")]
struct FillingProgress {
    frame: Frame,
    head: SeasonHead,
    lists: Vec<String>,
    schools: Vec<SchoolProgress>,
    hours: HourBars,
}

/// Shows it.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let progress = show_filling_progress(&app, &caller, season.into_inner()).await.map_err(refused)?;
    let policy = stored_policy(&head.row).map_err(refused)?;
    let lists = policy.lists().into_iter().map(|list| policy.list_name(list)).collect();
    let hours = HourBars::draw(&progress.hours);
    Ok(shown(&FillingProgress { frame, head, lists, schools: progress.schools, hours }))
}
