//! Dangerous acts ask for the second factor again, a few minutes ago at most.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;

use crate::service::accounts::ask_challenge::ask_challenge;
use crate::service::accounts::step_up::step_up;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::web::pages::frame::{Frame, go, own_path, page};
use crate::web::pages::log_in::Next;
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;

#[derive(Template)]
#[template(path = "step_up.html")]
struct StepUp {
    frame: Frame,
    next: String,
    /// Cells of the card; empty where an app is asked.
    cells: Vec<String>,
    wrong: bool,
}

async fn asked(app: &App, member: Member, next: String, wrong: bool) -> Result<HttpResponse, PageProblem> {
    let Member { own, frame, .. } = member;
    let cells = if own.has_totp {
        Vec::new()
    } else {
        ask_challenge(app, own.account.login).await.map_err(|error| frame.refused(error))?
    };
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(status, &StepUp { frame, next, cells, wrong }))
}

/// Asks for the second factor.
pub async fn ask(app: Data<App>, member: Member, query: Query<Next>) -> Result<HttpResponse, PageProblem> {
    let next = own_path(&query.into_inner().next).to_owned();
    asked(&app, member, next, false).await
}

/// Takes it and goes on.
pub async fn confirm(app: Data<App>, posted: Posted) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let next = own_path(fields.text("next")).to_owned();
    match step_up(&app, &member.caller, fields.text("answer").to_owned()).await {
        Ok(()) => Ok(go(&next)),
        Err(ServiceError::SecondFactorRequired { .. }) => asked(&app, member, next, true).await,
        Err(error) => Err(member.frame.refused(error)),
    }
}
