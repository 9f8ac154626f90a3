//! The bureau's children of an entry: who is registered, whose evidence waits, and the codes for families.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::access::{Act, fits_phase};
use crate::service::app::App;
use crate::service::compulsory::issue_child_codes::issue_child_codes;
use crate::service::compulsory::list_children::{ListedChild, list_children};
use crate::web::pages::centre::office::office;
use crate::web::pages::entry::comparison::MayAsk;
use crate::web::pages::frame::{Frame, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::season_head::SeasonHead;
use crate::web::slips::{self, CodeSlipView};

/// Children of a page.
const MOST: usize = 100;

/// Behind which number the page begins.
#[derive(Deserialize)]
pub struct From {
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "entry/children.html")]
struct Children {
    frame: Frame,
    head: SeasonHead,
    children: Vec<ListedChild>,
    /// The last number of the page, where there are more.
    next: Option<String>,
    after: String,
    may_issue: bool,
    may_ask: Option<MayAsk>,
}

/// Shows them.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    from: Query<From>,
) -> Result<HttpResponse, PageProblem> {
    let head = office(&app, &member, &season).await?;
    let role = member.role();
    let Member { caller, frame, .. } = member;
    let after: String = from.into_inner().after.chars().filter(|sign| *sign != '\0').collect();
    let found = list_children(&app, &caller, season.into_inner(), after.clone(), MOST as i64 + 1).await;
    let mut children = found.map_err(|error| frame.refused(error))?;
    let more = children.len() > MOST;
    children.truncate(MOST);
    let next = children.last().filter(|_| more).map(|child| child.exam_no.clone());
    let phase = head.row.phase().map_err(|error| frame.refused(error.into()))?;
    let may_issue = Act::IssueChildCodes.reach(role).is_some() && fits_phase(Act::IssueChildCodes, phase);
    let may_ask = MayAsk::of(&app, role, phase);
    Ok(shown(&Children { frame, head, children, next, after, may_issue, may_ask }))
}

/// Issues codes and shows them to be printed: they are told only here.
pub async fn issue(
    app: Data<App>,
    posted: Posted,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let after = fields.text("after").to_owned();
    let slips = issue_child_codes(&app, &member.caller, season.into_inner(), after).await;
    let slips = slips.map_err(|error| member.frame.refused(error))?;
    let slips: Vec<CodeSlipView> = slips.into_iter().map(Into::into).collect();
    Ok(slips::codes(StatusCode::OK, &member.frame, &slips))
}
