//! One-time codes and grid cards are ordered for a class or a school, and printed at once: they are told only here.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::Act;
use crate::service::accounts::issue_grid_cards::issue_grid_cards;
use crate::service::accounts::issue_initial_codes::{ClassOf, issue_initial_codes};
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::people::list_classes::{PupilClass, list_classes};
use crate::web::pages::frame::{Frame, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::season_head::SeasonHead;
use crate::web::slips::{self, CodeSlipView, GridCardView};

/// A school and its classes.
struct School {
    code: String,
    name: String,
    pupils: i64,
    classes: Vec<PupilClass>,
}

#[derive(Template)]
#[template(path = "schools/slip_orders.html")]
struct SlipOrders {
    frame: Frame,
    head: SeasonHead,
    schools: Vec<School>,
    /// Nobody of the class that was ordered is to be given one.
    nobody: bool,
}

async fn screen(
    app: &App,
    member: Member,
    season: String,
    nobody: bool,
) -> Result<HttpResponse, PageProblem> {
    member.may(Act::IssueInitialCodes)?;
    let head = SeasonHead::of(app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let classes = list_classes(app, &caller, season).await.map_err(|error| frame.refused(error))?;
    let mut schools: Vec<School> = Vec::new();
    for class in classes {
        if schools.last().is_none_or(|school| school.code != class.junior_code) {
            let (code, name) = (class.junior_code.clone(), class.junior_name.clone());
            schools.push(School { code, name, pupils: 0, classes: Vec::new() });
        }
        if let Some(school) = schools.last_mut() {
            school.pupils += class.pupils;
            school.classes.push(class);
        }
    }
    let status = if nobody { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(status, &SlipOrders { frame, head, schools, nobody }))
}

/// Asks for whom.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, season.into_inner(), false).await
}

/// Issues them and shows them to be printed.
pub async fn issue(
    app: Data<App>,
    posted: Posted,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let refused = |error: ServiceError| member.frame.refused(error);
    let (junior_code, class) = fields.text("whose").split_once('/').unwrap_or_default();
    let class = Some(class.to_owned()).filter(|class| !class.is_empty());
    let whose = ClassOf { season: season.clone(), junior_code: junior_code.to_owned(), class };
    let (app, caller) = (&app, &member.caller);
    match fields.button() {
        Some(("cards", _)) => {
            let cards = issue_grid_cards(app, caller, whose).await.map_err(refused)?;
            let cards: Vec<GridCardView> = cards.into_iter().map(Into::into).collect();
            if !cards.is_empty() {
                return Ok(slips::cards(StatusCode::OK, &member.frame, &cards));
            }
        }
        _ => {
            let codes = issue_initial_codes(app, caller, whose).await.map_err(refused)?;
            let codes: Vec<CodeSlipView> = codes.into_iter().map(Into::into).collect();
            if !codes.is_empty() {
                return Ok(slips::codes(StatusCode::OK, &member.frame, &codes));
            }
        }
    }
    screen(app, member, season.into_inner(), true).await
}
