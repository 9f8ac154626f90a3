//! Runs of a season and what was published of them; a trial or the official run is asked for here.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::Act;
use crate::domain::phase::Phase;
use crate::service::app::{App, OnceKey};
use crate::service::error::ServiceError;
use crate::service::runs::list_runs::{RunRow, list_runs};
use crate::service::runs::publish_result::list_publications;
use crate::service::runs::request_run::{RunWanted, request_run};
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Fields, Posted};
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// Runs that are read at most; the newest are shown first.
const MOST: i64 = 1_000;

/// A run.
struct RunLine {
    id: String,
    /// `official`, `trial`, or `other` for a trial of another policy.
    kind: &'static str,
    state: String,
    round: i64,
    asked: String,
}

/// What was published of a round.
struct PublicationLine {
    round: i64,
    at: String,
    root: String,
    leaves_root: String,
}

#[derive(Template)]
#[template(path = "centre/runs.html")]
struct Runs {
    frame: Frame,
    head: SeasonHead,
    runs: Vec<RunLine>,
    publications: Vec<PublicationLine>,
    may_ask: bool,
    /// Whether the lists are frozen: an official run is of nothing else.
    frozen: bool,
    /// Makes a form sent twice one run.
    once: String,
    given: Fields,
    refused: Option<Refused>,
}

/// What kind of run it is, as its texts call it.
pub fn kind_of(run: &RunRow) -> &'static str {
    match run.kind.as_str() {
        "official" => "official",
        _ if run.policy.is_empty() => "trial",
        _ => "other",
    }
}

async fn screen(
    app: &App,
    member: Member,
    season: &str,
    given: Fields,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, season).await?;
    let may_ask = Act::RequestRun.reach(member.role()).is_some();
    let Member { caller, frame, .. } = member;
    let failed = |error: ServiceError| frame.refused(error);
    let runs = list_runs(app, &caller, season.to_owned(), String::new(), MOST).await.map_err(failed)?;
    let published = list_publications(app, &caller, season.to_owned()).await.map_err(failed)?;
    let line = |run: RunRow| RunLine {
        kind: kind_of(&run),
        id: run.id,
        state: run.state,
        round: run.round,
        asked: wire_time::read_by_people(run.requested_at_ms),
    };
    let screen = Runs {
        runs: runs.into_iter().rev().map(line).collect(),
        publications: published
            .into_iter()
            .map(|one| PublicationLine {
                round: one.round,
                at: wire_time::read_by_people(one.at_ms),
                root: one.root,
                leaves_root: one.leaves_root,
            })
            .collect(),
        may_ask,
        frozen: head.row.phase().is_ok_and(|phase| phase == Phase::Frozen),
        once: uuid::Uuid::now_v7().to_string(),
        head,
        given,
        refused,
        frame,
    };
    Ok(page(status(screen.refused.as_ref()), &screen))
}

/// Shows them.
pub async fn show(app: Data<App>, member: Member, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, &season, Fields::default(), None).await
}

/// Asks for a run and leads to it.
pub async fn ask(app: Data<App>, posted: Posted, season: Path<String>) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let season = season.into_inner();
    let wanted = match fields.button() {
        Some(("official", _)) => RunWanted::Official,
        Some(("trial", _)) => RunWanted::Trial { policy: None },
        Some(("other", _)) if fields.text("policy").trim().is_empty() => {
            let missing = Refused::field(&member.frame, "policy", "runs-no-policy");
            return screen(&app, member, &season, fields, Some(missing)).await;
        }
        Some(("other", _)) => RunWanted::Trial { policy: Some(fields.text("policy").to_owned()) },
        _ => return Err(member.frame.refused(ServiceError::NotFound)),
    };
    let once = OnceKey::new(fields.text("once").to_owned(), &format!("request_run {season}"), &wanted);
    match request_run(&app, &member.caller, season.clone(), wanted, Some(once)).await {
        Ok(run) => Ok(go(&format!("/seasons/{season}/runs/{}", run.id))),
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?;
            screen(&app, member, &season, fields, Some(refused)).await
        }
    }
}
