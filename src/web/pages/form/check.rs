//! A preference list is looked through once more, and submitted.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;

use crate::domain::percent_encoded::percent_encoded;
use crate::service::app::{App, OnceKey};
use crate::service::error::ServiceError;
use crate::service::forms::check_form::check_form;
use crate::service::forms::submit_form::{Submission, submit_form};
use crate::service::precondition::Precondition;
use crate::web::pages::form::paper::{Choice, ListPath, Looking, Paper, Remark, draft_name, remarks};
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::season_head::SeasonHead;

#[derive(Template)]
#[template(path = "form_check.html")]
struct CheckScreen {
    frame: Frame,
    head: SeasonHead,
    batch: String,
    batch_name: String,
    draft: String,
    choices: Vec<Choice>,
    faults: Vec<Remark>,
    warnings: Vec<Remark>,
    guidance: Vec<Remark>,
    /// Of the version that counts; 0 without one.
    seen: i64,
    /// Makes a form sent twice one version.
    once: String,
    unticked: bool,
}

/// Shows the list once more before it is submitted, with every fault and remark.
pub async fn check(
    app: Data<App>,
    member: Member,
    path: ListPath,
    query: Query<Looking>,
) -> Result<HttpResponse, PageProblem> {
    let paper = Paper::of(&app, &member, path.into_inner()).await?;
    checked(&app, member, paper, draft_name(&query.draft), false).await
}

async fn checked(
    app: &App,
    member: Member,
    paper: Paper,
    draft: &str,
    unticked: bool,
) -> Result<HttpResponse, PageProblem> {
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let (_, codes) = paper.draft(draft).map_err(refused)?;
    let found = check_form(app, &caller, paper.name.clone(), codes.clone()).await.map_err(refused)?;
    let all = paper.found(app, &caller, String::new(), false).await.map_err(refused)?;
    let screen = CheckScreen {
        choices: Paper::choices(&all, &codes),
        seen: paper.filed.as_ref().map_or(0, |filed| filed.version.version),
        batch: paper.name.batch,
        batch_name: paper.batch_name,
        draft: draft.to_owned(),
        faults: remarks(&frame, found.faults),
        warnings: remarks(&frame, found.warnings),
        guidance: remarks(&frame, found.guidance),
        once: uuid::Uuid::now_v7().to_string(),
        unticked,
        head: paper.head,
        frame,
    };
    let status = if unticked { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(status, &screen))
}

/// Submits the draft that was checked.
pub async fn submit(app: Data<App>, posted: Posted, path: ListPath) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let paper = Paper::of(&app, &member, path.into_inner()).await?;
    let draft = draft_name(fields.text("draft")).to_owned();
    if fields.text("sure") != "1" {
        return checked(&app, member, paper, &draft, true).await;
    }
    let address = paper.address();
    // What was shown on the page that was ticked, not what a draft has become since.
    let submission = Submission {
        season: paper.name.season.clone(),
        exam_no: paper.name.exam_no.clone(),
        batch: paper.name.batch.clone(),
        choices: fields.all("choice").map(str::to_owned).collect(),
    };
    let seen: i64 = fields.text("seen").parse().unwrap_or(-1);
    let held = if seen == 0 { Precondition::Absent } else { Precondition::Match(vec![seen.to_string()]) };
    let once = OnceKey::new(
        fields.text("once").chars().take(200).collect(),
        "submit_form",
        &(&submission, format!("{held:?}")),
    );
    match submit_form(&app, &member.caller, submission, held, once).await {
        Ok(_) => Ok(go(&format!("{address}/versions?taken=1"))),
        // The check shows every fault, and what another window has submitted meanwhile.
        Err(ServiceError::Invalid(_) | ServiceError::Stale { .. }) => {
            Ok(go(&format!("{address}/check?draft={}", percent_encoded(&draft))))
        }
        Err(error) => Err(member.frame.refused(error)),
    }
}
