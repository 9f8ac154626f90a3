//! A family's own screen of an entry: where its child stands and why, and the form with two fields.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::access::{Act, fits_phase};
use crate::domain::phase::Phase;
use crate::service::app::{App, OnceKey};
use crate::service::compulsory::register_child::{Registration, register_child};
use crate::service::compulsory::show_child::{ChildView, show_child};
use crate::service::precondition::Precondition;
use crate::service::season::windows::list_windows;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Fields, Posted};
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// Slots for schools of the zone and of the transfer round at most.
const MOST_SLOTS: usize = 6;

/// Whether a form was just taken.
#[derive(Deserialize)]
pub struct Taken {
    #[serde(default)]
    taken: String,
}

#[derive(Template)]
#[template(path = "entry/child.html")]
struct ChildScreen {
    frame: Frame,
    head: SeasonHead,
    child: ChildView,
    /// Until when the form is taken, where it is now.
    closes: Option<String>,
    published: bool,
    taken: bool,
    /// Slots for schools of a zone of several, and of the transfer round: what stands in each.
    choices: Vec<String>,
    transfer: Vec<String>,
    private: String,
    direct: bool,
    twin: String,
    name: String,
    once: String,
    refused: Option<Refused>,
}

/// The first of these texts and empty ones behind them, `count` in all.
fn slots(given: Vec<String>, count: usize) -> Vec<String> {
    given.into_iter().chain(std::iter::repeat(String::new())).take(count).collect()
}

async fn screen(
    app: &App,
    member: Member,
    season: String,
    given: Option<Fields>,
    taken: bool,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let exam_no = member.own_in(&season)?;
    let head = SeasonHead::of(app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let child =
        show_child(app, &caller, season.clone(), exam_no).await.map_err(|error| frame.refused(error))?;
    let windows = list_windows(app, &caller, season).await.map_err(|error| frame.refused(error))?;
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let open = windows.iter().find(|window| {
        window.stage == "official"
            && window.closed_at_ms.is_none()
            && (window.opens_at_ms..window.closes_at_ms).contains(&head.now_ms)
            && fits_phase(Act::RegisterChild, phase)
    });
    let in_zone = if child.schools.len() > 1 { child.schools.len().min(MOST_SLOTS) } else { 0 };
    let in_transfer = child.transfer_schools.len().min(MOST_SLOTS);
    let wishes = child.wishes.clone();
    let text = |name: &str| given.as_ref().map(|fields| fields.text(name).to_owned());
    let all =
        |name: &str| given.as_ref().map(|fields| fields.all(name).map(str::to_owned).collect::<Vec<_>>());
    let screen = ChildScreen {
        closes: open.map(|window| wire_time::read_by_people(window.closes_at_ms)),
        published: matches!(phase, Phase::Published | Phase::Supplementary | Phase::Filed),
        taken,
        choices: slots(all("choices").unwrap_or(wishes.choices), in_zone),
        transfer: slots(all("transfer_choices").unwrap_or(wishes.transfer_choices), in_transfer),
        private: text("private").unwrap_or(wishes.private.unwrap_or_default()),
        direct: given.as_ref().map_or(wishes.direct, |fields| fields.text("direct") == "1"),
        twin: text("twin").unwrap_or(wishes.twin.unwrap_or_default()),
        name: text("name").unwrap_or_default(),
        once: uuid::Uuid::now_v7().to_string(),
        child,
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
    taken: Query<Taken>,
) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, season.into_inner(), None, taken.taken == "1", None).await
}

/// Takes the form.
pub async fn register(
    app: Data<App>,
    posted: Posted,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let season = season.into_inner();
    let some = |name: &str| Some(fields.text(name).trim().to_owned()).filter(|text| !text.is_empty());
    let every =
        |name: &str| fields.all(name).filter(|code| !code.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let registration = Registration {
        season: season.clone(),
        exam_no: member.own_in(&season)?,
        name: fields.text("name").to_owned(),
        id_no: fields.text("id_no").to_owned(),
        private: some("private"),
        direct: fields.text("direct") == "1",
        choices: every("choices"),
        transfer_choices: every("transfer_choices"),
        twin: some("twin"),
    };
    let held = Precondition::Match(vec![fields.text("version").to_owned()]);
    let once = OnceKey::new(
        fields.text("once").chars().take(200).collect(),
        "register_child",
        &(&registration, fields.text("version")),
    );
    match register_child(&app, &member.caller, registration, held, once).await {
        Ok(_) => Ok(go(&format!("/seasons/{season}/child?taken=1"))),
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?;
            screen(&app, member, season, Some(fields), false, Some(refused)).await
        }
    }
}
