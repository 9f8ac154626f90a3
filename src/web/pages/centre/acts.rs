//! The timeline: what the offices did in a season, who, when and why, the newest first.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::service::app::App;
use crate::service::audit::list_acts::{OfficeAct, list_acts};
use crate::web::pages::centre::office::office;
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// Lines on one page.
const MOST: usize = 50;

/// Acts that one looks for.
const SOUGHT: [&str; 16] = [
    "advance_season",
    "commit_import",
    "create_account",
    "disable_account",
    "export_admitted",
    "hand_over",
    "issue_grid_cards",
    "list_candidates",
    "list_ledger",
    "propose_change",
    "publish_result",
    "reject_result",
    "request_run",
    "reset_access",
    "set_window",
    "sign_proposal",
];

/// What is looked at.
#[derive(Default, Deserialize)]
pub struct Looking {
    #[serde(default)]
    act: String,
    /// The number before which the page begins.
    before: Option<i64>,
}

/// An act as people read it.
struct ActLine {
    number: i64,
    at: String,
    role: String,
    login: String,
    /// The act's name; its word where it has none.
    name: String,
    word: String,
    subject: String,
    detail: String,
    /// The first rows it changed.
    changes: Vec<String>,
    /// It changed others too.
    and_others: bool,
    seal: String,
}

#[derive(Template)]
#[template(path = "centre/acts.html")]
struct Acts {
    frame: Frame,
    head: SeasonHead,
    sought: Vec<(&'static str, String)>,
    act: String,
    lines: Vec<ActLine>,
    /// The number before which the next page begins.
    next: Option<i64>,
}

fn line(frame: &Frame, act: OfficeAct) -> ActLine {
    let OfficeAct { line, login, changes, and_others } = act;
    let name = frame.of_kind("act", &line.act);
    ActLine {
        number: line.number,
        at: wire_time::read_by_people(line.at_ms),
        // What no account did, the program did by itself or its operator by the command line.
        role: frame.of_kind("role", if login.is_empty() { &line.actor } else { &line.role }),
        login,
        name: if name.starts_with("act-") { line.act.clone() } else { name },
        word: line.act,
        subject: line.subject,
        detail: line.detail,
        changes,
        and_others,
        seal: line.seal,
    }
}

/// Shows a page of it.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    query: Query<Looking>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(&app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let Looking { act, before } = query.into_inner();
    let before = before.unwrap_or(i64::MAX);
    let found = list_acts(&app, &caller, season.into_inner(), act.clone(), before, MOST as i64 + 1).await;
    let mut found = found.map_err(|error| frame.refused(error))?;
    let more = found.len() > MOST;
    found.truncate(MOST);
    let screen = Acts {
        next: found.last().map(|last| last.line.number).filter(|_| more),
        lines: found.into_iter().map(|act| line(&frame, act)).collect(),
        sought: SOUGHT.into_iter().map(|word| (word, frame.of_kind("act", word))).collect(),
        act,
        head,
        frame,
    };
    Ok(shown(&screen))
}
