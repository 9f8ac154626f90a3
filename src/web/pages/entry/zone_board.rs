//! The bureau's board of zones: children against places, gaps and overlaps, and the posting of seat warnings.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::{Act, fits_phase};
use crate::service::app::App;
use crate::service::compulsory::list_zones::{ZoneBoard, post_seat_warnings, show_zone_board};
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::season_head::SeasonHead;

/// Findings that are shown at most.
const MOST: usize = 500;

#[derive(Template)]
#[template(path = "entry/zone_board.html")]
struct Board {
    frame: Frame,
    head: SeasonHead,
    board: ZoneBoard,
    may_post: bool,
    refused: Option<Refused>,
}

async fn screen(
    app: &App,
    member: Member,
    season: String,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, &season).await?;
    let role = member.role();
    let Member { caller, frame, .. } = member;
    let mut board = show_zone_board(app, &caller, season).await.map_err(|error| frame.refused(error))?;
    board.findings.truncate(MOST);
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let may_post = Act::PostSeatWarnings.reach(role).is_some() && fits_phase(Act::PostSeatWarnings, phase);
    let screen = Board { frame, head, board, may_post, refused };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

/// Shows it.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, season.into_inner(), None).await
}

/// Posts the warnings.
pub async fn post(app: Data<App>, posted: Posted, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let Posted { member, .. } = posted;
    let season = season.into_inner();
    match post_seat_warnings(&app, &member.caller, season.clone()).await {
        Ok(_) => Ok(go(&format!("/seasons/{season}/zones"))),
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?;
            screen(&app, member, season, Some(refused)).await
        }
    }
}
