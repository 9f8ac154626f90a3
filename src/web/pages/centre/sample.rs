//! A supervisor's random sample of the published result: twenty candidates, every choice explained.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::access::Act;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::search_programmes::{Search, programme_names, search_programmes};
use crate::service::runs::draw_sample::draw_sample;
use crate::service::runs::show_own_result::OwnResult;
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::explained_choice::{ExplainedChoice, explained_choices};
use crate::web::pages::frame::{Frame, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

/// What was called out.
#[derive(Deserialize)]
pub struct CalledOut {
    number: Option<String>,
}

/// A candidate of the sample.
struct Drawn {
    result: OwnResult,
    place: Option<String>,
    choices: Vec<ExplainedChoice>,
}

#[derive(Template)]
#[template(path = "centre/sample.html")]
struct Sample {
    frame: Frame,
    head: SeasonHead,
    number: String,
    drawn: Vec<Drawn>,
    refused: Option<Refused>,
}

/// Asks for a number, and shows whom it draws.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    query: Query<CalledOut>,
) -> Result<HttpResponse, PageProblem> {
    member.may(Act::DrawSample)?;
    let head = office(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let season = season.into_inner();
    let (number, found) = match query.into_inner().number {
        None => (String::new(), Ok(Vec::new())),
        Some(number) => (number.clone(), draw_sample(&app, &caller, season.clone(), number).await),
    };
    let (found, refused) = match found {
        Ok(found) => (found, None),
        Err(error) => (Vec::new(), Some(Refused::of(&frame, error)?)),
    };
    let listed = search_programmes(&app, &caller, season, Search::default()).await;
    let names = programme_names(listed.map_err(|error: ServiceError| frame.refused(error))?);
    let explain = |result: OwnResult| Drawn {
        place: result.programme.as_ref().map(|code| names.get(code).unwrap_or(code).clone()),
        choices: explained_choices(&frame, &names, &result),
        result,
    };
    let drawn = found.into_iter().map(explain).collect();
    Ok(page(status(refused.as_ref()), &Sample { number, drawn, refused, head, frame }))
}
