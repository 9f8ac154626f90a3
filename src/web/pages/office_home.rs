//! An office's front page of a season.

use actix_web::HttpResponse;
use askama::Template;

use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_home::SeasonHead;

#[derive(Template)]
#[template(path = "office_home.html")]
struct OfficeHome {
    frame: Frame,
    head: SeasonHead,
    role: &'static str,
}

/// The phase and the clock of the season, and where the office's acts are.
pub fn show(member: Member, head: SeasonHead) -> Result<HttpResponse, PageProblem> {
    let role = member.role().word();
    Ok(shown(&OfficeHome { frame: member.frame, head, role }))
}
