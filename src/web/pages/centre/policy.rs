//! The policy of a season as a page that people read, and how it differs from another season's.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::access::{Act, fits_phase};
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::precondition::Precondition;
use crate::service::season::list_seasons::list_seasons;
use crate::service::season::set_policy::set_policy;
use crate::service::season::show_season::{SeasonRow, show_season};
use crate::service::season::stored_policy::stored_policy;
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::policy_words::{Section, sections};
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Fields, Posted};
use crate::web::pages::season_head::SeasonHead;

/// Seasons to compare with at most.
const MOST_SEASONS: i64 = 200;

/// Which season it is compared with.
#[derive(Default, Deserialize)]
pub struct Looking {
    #[serde(default)]
    with: String,
}

/// A line that the two policies tell differently; a dash where one has none.
struct Difference {
    section: String,
    label: String,
    here: String,
    there: String,
}

#[derive(Template)]
#[template(path = "centre/policy.html")]
struct PolicyScreen {
    frame: Frame,
    head: SeasonHead,
    sections: Vec<Section>,
    seasons: Vec<SeasonRow>,
    with: String,
    differences: Vec<Difference>,
    may_set: bool,
    given: Fields,
    refused: Option<Refused>,
}

/// Every line with its section, in order.
fn lines(sections: &[Section]) -> Vec<[&str; 3]> {
    let mut lines = Vec::new();
    for section in sections {
        lines.extend(section.lines.iter().map(|(label, text)| [section.title.as_str(), label, text]));
    }
    lines
}

/// What differs, in the order of `here`, then what only `there` has.
fn differences(here: &[Section], there: &[Section]) -> Vec<Difference> {
    let (here, there) = (lines(here), lines(there));
    let text = |lines: &[[&str; 3]], section: &str, label: &str| {
        let found = lines.iter().find(|line| line[0] == section && line[1] == label);
        found.map_or("–", |line| line[2]).to_owned()
    };
    let only_there = there.iter().filter(|line| !here.iter().any(|own| own[..2] == line[..2]));
    here.iter()
        .chain(only_there)
        .map(|[section, label, _]| Difference {
            here: text(&here, section, label),
            there: text(&there, section, label),
            section: (*section).to_owned(),
            label: (*label).to_owned(),
        })
        .filter(|one| one.here != one.there)
        .collect()
}

async fn screen(
    app: &App,
    member: Member,
    season: &str,
    with: String,
    given: Fields,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, season).await?;
    let role = member.role();
    let Member { caller, frame, .. } = member;
    let failed = |error: ServiceError| frame.refused(error);
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let own = sections(&frame, &*stored_policy(&head.row).map_err(failed)?);
    let all = list_seasons(app, &caller, String::new(), MOST_SEASONS).await.map_err(failed)?;
    let differences = if with.is_empty() {
        Vec::new()
    } else {
        let (other, _) = show_season(app, &caller, with.clone()).await.map_err(failed)?;
        differences(&own, &sections(&frame, &*stored_policy(&other).map_err(failed)?))
    };
    let screen = PolicyScreen {
        seasons: all.into_iter().filter(|other| other.code != head.row.code).collect(),
        may_set: Act::SetPolicy.reach(role).is_some() && fits_phase(Act::SetPolicy, phase),
        sections: own,
        with,
        differences,
        given,
        head,
        refused,
        frame,
    };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

/// Shows it.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    query: Query<Looking>,
) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, &season, query.into_inner().with, Fields::default(), None).await
}

/// Replaces it while the season is being prepared.
pub async fn change(
    app: Data<App>,
    posted: Posted,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let season = season.into_inner();
    let seen = Precondition::Match(vec![fields.text("version").to_owned()]);
    let text = fields.text("policy").to_owned();
    match set_policy(&app, &member.caller, season.clone(), seen, text).await {
        Ok(_) => Ok(go(&format!("/seasons/{season}/policy"))),
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?;
            screen(&app, member, &season, String::new(), fields, Some(refused)).await
        }
    }
}
