//! When forms are taken: the windows, set before they open, extended by several people afterwards.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::access::{Act, fits_phase};
use crate::domain::joint_act::JointAct;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::proposals::content::Wanted;
use crate::service::proposals::propose_change::propose_change;
use crate::service::season::extend_window::Extension;
use crate::service::season::season_policy::SeasonPolicy;
use crate::service::season::windows::{NewWindow, WindowRow, list_windows, set_window};
use crate::web::pages::centre::office::office;
use crate::web::pages::centre::refused::{Refused, status};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Fields, Posted};
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// A window.
struct WindowLine {
    stage: String,
    batch: String,
    area: String,
    opens: String,
    closes: String,
    /// When its end was put on record.
    closed: Option<String>,
    /// Stage, batch and area as one value of a list.
    key: String,
}

#[derive(Template)]
#[template(path = "centre/windows.html")]
struct Windows {
    frame: Frame,
    head: SeasonHead,
    windows: Vec<WindowLine>,
    /// Code and name of every list that candidates file.
    lists: Vec<(String, String)>,
    may_set: bool,
    may_extend: bool,
    /// What was sent and refused.
    given: Fields,
    refused: Option<Refused>,
}

async fn screen(
    app: &App,
    member: Member,
    season: &str,
    given: Fields,
    refused: Option<Refused>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(app, &member, season).await?;
    let role = member.role();
    let Member { caller, frame, .. } = member;
    let failed = |error: ServiceError| frame.refused(error);
    let policy = SeasonPolicy::of(&head.row).map_err(failed)?;
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let rows = list_windows(app, &caller, season.to_owned()).await.map_err(failed)?;
    let line = |row: WindowRow| WindowLine {
        key: format!("{}:{}:{}", row.stage, row.batch, row.area),
        batch: policy.list_name(&row.batch),
        stage: row.stage,
        area: row.area,
        opens: wire_time::read_by_people(row.opens_at_ms),
        closes: wire_time::read_by_people(row.closes_at_ms),
        closed: row.closed_at_ms.map(wire_time::read_by_people),
    };
    let extend = JointAct::ExtendWindow.rule();
    let name = |list: &str| (list.to_owned(), policy.list_name(list));
    let screen = Windows {
        may_set: Act::SetWindow.reach(role).is_some() && fits_phase(Act::SetWindow, phase),
        may_extend: extend.proposes(policy.roles(), role)
            && extend.phases.contains(&phase)
            && !rows.is_empty(),
        lists: policy.lists().into_iter().map(name).collect(),
        windows: rows.into_iter().map(line).collect(),
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

/// Sets windows, or proposes an extension.
pub async fn change(
    app: Data<App>,
    posted: Posted,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let season = season.into_inner();
    let done = match fields.button() {
        Some(("set", _)) => set(&app, &member, &season, &fields).await.map(|()| "windows"),
        Some(("extend", _)) => extend(&app, &member, &season, &fields).await.map(|()| "proposals"),
        _ => Err(ServiceError::NotFound),
    };
    match done {
        Ok(next) => Ok(go(&format!("/seasons/{season}/{next}"))),
        Err(error) => {
            let refused = Refused::of(&member.frame, error)?.aimed("areas", "areas");
            screen(&app, member, &season, fields, Some(refused)).await
        }
    }
}

async fn set(app: &App, member: &Member, season: &str, fields: &Fields) -> Result<(), ServiceError> {
    let mut faults = Vec::new();
    let opens_at_ms = wire_time::read_local(fields.text("opens_at"), "/opens_at", &mut faults);
    let closes_at_ms = wire_time::read_local(fields.text("closes_at"), "/closes_at", &mut faults);
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults));
    }
    let new = NewWindow {
        stage: fields.text("stage").to_owned(),
        batch: fields.text("batch").to_owned(),
        areas: fields.text("areas").split_whitespace().map(str::to_owned).collect(),
        opens_at_ms,
        closes_at_ms,
    };
    set_window(app, &member.caller, season.to_owned(), new).await.map(|_| ())
}

async fn extend(app: &App, member: &Member, season: &str, fields: &Fields) -> Result<(), ServiceError> {
    let mut faults = Vec::new();
    let closes_at_ms = wire_time::read_local(fields.text("new_end"), "/new_end", &mut faults);
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults));
    }
    let mut key = fields.text("window").splitn(3, ':').map(str::to_owned);
    let mut next = || key.next().unwrap_or_default();
    let extension = Extension { stage: next(), batch: next(), area: next(), closes_at_ms };
    let wanted = Wanted::ExtendWindow(extension);
    let reason = fields.text("reason").to_owned();
    propose_change(app, &member.caller, season.to_owned(), wanted, reason).await.map(|_| ())
}
