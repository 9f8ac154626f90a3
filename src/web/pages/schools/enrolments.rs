//! A senior high reports who of those admitted came: one list, a tick for each who did.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::role::Role;
use crate::service::app::App;
use crate::service::data_out::list_admitted::{AdmittedLine, AdmittedList, Shown, list_admitted};
use crate::service::error::ServiceError;
use crate::service::ledger::report_enrolment::report_enrolment;
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::season_head::SeasonHead;

/// Rows of a report at most.
const MOST: usize = 5_000;

/// Whether a report was just taken.
#[derive(Deserialize)]
pub struct Taken {
    #[serde(default)]
    taken: String,
}

#[derive(Template)]
#[template(path = "schools/enrolments.html")]
struct Enrolments {
    frame: Frame,
    head: SeasonHead,
    lines: Vec<AdmittedLine>,
    published: bool,
    taken: bool,
    /// The report was sent without saying that it is checked; what was ticked stands.
    unsure: bool,
    came: BTreeSet<String>,
    enrolled: usize,
    absent: usize,
}

async fn screen(
    app: &App,
    member: Member,
    season: String,
    taken: bool,
    ticked: Option<BTreeSet<String>>,
) -> Result<HttpResponse, PageProblem> {
    if member.role() != Role::SeniorHigh {
        return Err(member.frame.refused(ServiceError::Forbidden));
    }
    let head = SeasonHead::of(app, &member, &season).await?;
    let Member { caller, frame, .. } = member;
    let wanted = Shown { limit: MOST, ..Shown::default() };
    let (list, published) = match list_admitted(app, &caller, season, wanted).await {
        Ok(list) => (list, true),
        Err(ServiceError::Conflict { code: "not_published", .. }) => (AdmittedList::default(), false),
        Err(error) => return Err(frame.refused(error)),
    };
    let lines = list.lines;
    let reported =
        |word: &'static str| lines.iter().filter(move |line| line.reported.as_deref() == Some(word));
    let (enrolled, absent) = (reported("enrolled").count(), reported("no_show").count());
    let unsure = ticked.is_some();
    let came = ticked.unwrap_or_else(|| reported("enrolled").map(|line| line.exam_no.clone()).collect());
    let status = if unsure { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let screen = Enrolments { frame, head, lines, published, taken, unsure, came, enrolled, absent };
    Ok(page(status, &screen))
}

/// Shows the list.
pub async fn show(
    app: Data<App>,
    member: Member,
    season: Path<String>,
    taken: Query<Taken>,
) -> Result<HttpResponse, PageProblem> {
    screen(&app, member, season.into_inner(), taken.taken == "1", None).await
}

/// Reports everybody who was listed: ticked as come, the others as not.
pub async fn report(
    app: Data<App>,
    posted: Posted,
    season: Path<String>,
) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let season = season.into_inner();
    let came: BTreeSet<String> = fields.all("came").map(str::to_owned).collect();
    if fields.text("sure") != "1" {
        return screen(&app, member, season, false, Some(came)).await;
    }
    let school = member.own.account.school.clone().unwrap_or_default();
    let reports = fields.all("listed").map(|exam_no| (exam_no.to_owned(), came.contains(exam_no))).collect();
    match report_enrolment(&app, &member.caller, season.clone(), school, reports).await {
        Ok(_) => Ok(go(&format!("/seasons/{season}/enrolments?taken=1"))),
        Err(error) => Err(member.frame.refused(error)),
    }
}
