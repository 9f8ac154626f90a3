//! The ceremony of the draws: what was frozen, each school's order on a screen for everybody, the sheet to sign.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::service::app::App;
use crate::service::compulsory::list_draws::{Ceremony, DrawnOrder, list_draws, show_draw};
use crate::service::error::ServiceError;
use crate::web::pages::frame::{Frame, go, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

#[derive(Template)]
#[template(path = "entry/draws.html")]
struct Draws {
    frame: Frame,
    head: SeasonHead,
    /// `None` before the freeze, and for everybody but offices and supervisors before the publication.
    ceremony: Option<Ceremony>,
    frozen_at: String,
}

#[derive(Template)]
#[template(path = "entry/draw.html")]
struct OneDraw {
    frame: Frame,
    head: SeasonHead,
    ceremony: Ceremony,
    at: usize,
    drawn: Option<DrawnOrder>,
}

impl OneDraw {
    /// The name of the list so many places on.
    fn beside(&self, step: isize) -> Option<&str> {
        let at = self.at.checked_add_signed(step)?;
        self.ceremony.lists.get(at).map(|list| list.name.as_str())
    }

    /// The parts as the page that draws again takes them.
    fn parts(&self) -> String {
        let parts: Vec<&str> = self.ceremony.parts.iter().filter_map(|part| part.part.as_deref()).collect();
        parts.join("\n")
    }
}

#[derive(Template)]
#[template(path = "entry/witness_sheet.html")]
struct WitnessSheet {
    frame: Frame,
    head: SeasonHead,
    ceremony: Ceremony,
    version: &'static str,
}

/// The ceremony, or nothing while it may not be seen yet.
async fn ceremony(app: &App, member: &Member, season: &str) -> Result<Option<Ceremony>, PageProblem> {
    match list_draws(app, &member.caller, season.to_owned()).await {
        Ok(ceremony) => Ok(Some(ceremony)),
        Err(ServiceError::WrongPhase { .. } | ServiceError::Conflict { code: "not_published", .. }) => {
            Ok(None)
        }
        Err(error) => Err(member.frame.refused(error)),
    }
}

/// Shows what was frozen, school by school.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let ceremony = ceremony(&app, &member, &season).await?;
    let frozen_at = ceremony
        .as_ref()
        .map_or_else(String::new, |ceremony| wire_time::read_by_people(ceremony.frozen_at_ms));
    Ok(shown(&Draws { frame: member.frame, head, ceremony, frozen_at }))
}

/// Shows one school's draw, for a projector.
pub async fn one(
    app: Data<App>,
    member: Member,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageProblem> {
    let (season, list) = path.into_inner();
    let head = SeasonHead::of(&app, &member, &season).await?;
    match show_draw(&app, &member.caller, season.clone(), list).await {
        Ok(draw) => {
            let frame = member.frame;
            Ok(shown(&OneDraw { frame, head, ceremony: draw.ceremony, at: draw.at, drawn: draw.drawn }))
        }
        Err(ServiceError::WrongPhase { .. } | ServiceError::Conflict { code: "not_published", .. }) => {
            Ok(go(&format!("/seasons/{season}/draws")))
        }
        Err(error) => Err(member.frame.refused(error)),
    }
}

/// Shows the witness sheet to be printed and signed.
pub async fn witness_sheet(
    app: Data<App>,
    member: Member,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let head = SeasonHead::of(&app, &member, &season).await?;
    let Some(ceremony) = ceremony(&app, &member, &season).await? else {
        return Ok(go(&format!("/seasons/{season}/draws")));
    };
    let version = env!("CARGO_PKG_VERSION");
    Ok(shown(&WitnessSheet { frame: member.frame, head, ceremony, version }))
}
