//! The ten prohibitions on a published entry: what was looked at, how many rows, what breaks one.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::compulsory::prohibition::{Prohibition, Seen};
use crate::service::app::App;
use crate::service::compulsory::show_prohibitions::show_prohibitions;
use crate::service::error::ServiceError;
use crate::web::pages::centre::office::office;
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

/// Breaches of one prohibition that are shown at most.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "entry/prohibitions.html")]
struct Prohibitions {
    frame: Frame,
    head: SeasonHead,
    /// None before the result is published.
    found: Option<[Prohibition; 10]>,
}

/// Shows them.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let head = office(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let found = match show_prohibitions(&app, &caller, season.into_inner()).await {
        Ok(found) => Some(found),
        Err(ServiceError::Conflict { code: "not_published", .. }) => None,
        Err(error) => return Err(frame.refused(error)),
    };
    Ok(shown(&Prohibitions { frame, head, found }))
}
