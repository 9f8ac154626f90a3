//! The own account: password, authenticator app, guardian's phone, where it is logged in.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::domain::role::Role;
use crate::service::accounts::change_password::{NewPassword, change_password};
use crate::service::accounts::enrol_totp::{confirm_totp, enrol_totp};
use crate::service::accounts::list_sessions::list_sessions;
use crate::service::accounts::log_out::log_out;
use crate::service::accounts::set_guardian_phone::set_guardian_phone;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::web::caller::session_cookie;
use crate::web::pages::frame::{Frame, go, page};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::problem::Problem;
use crate::web::wire_time;

/// Where the account is logged in.
struct SessionLine {
    id: String,
    since: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    frame: Frame,
    must_change: bool,
    must_enrol: bool,
    /// Offices use an app; a candidate has a printed card.
    is_candidate: bool,
    has_second_factor: bool,
    /// What the app takes in, while it is being set up.
    uri: Option<String>,
    sessions: Vec<SessionLine>,
    /// What was refused, and why.
    refused: Option<Problem>,
}

async fn account(
    app: &App,
    member: Member,
    uri: Option<String>,
    refused: Option<Problem>,
) -> Result<HttpResponse, PageProblem> {
    let is_candidate = member.role() == Role::Candidate;
    let Member { caller, own, frame } = member;
    let sessions = list_sessions(app, &caller).await.map_err(|error| frame.refused(error))?;
    let line = |row: crate::service::accounts::list_sessions::SessionRow| SessionLine {
        since: wire_time::read_by_people(row.started_at_ms),
        current: row.id == caller.session,
        id: row.id,
    };
    let status = refused.as_ref().map_or(StatusCode::OK, |problem| {
        StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY)
    });
    let screen = Account {
        must_change: own.to_do.contains(&"change_password"),
        must_enrol: own.to_do.contains(&"enrol_totp"),
        is_candidate,
        has_second_factor: own.has_totp || own.has_card,
        uri,
        sessions: sessions.into_iter().map(line).collect(),
        refused,
        frame,
    };
    Ok(page(status, &screen))
}

/// Shows it.
pub async fn show(app: Data<App>, member: Member) -> Result<HttpResponse, PageProblem> {
    account(&app, member, None, None).await
}

/// Faults of a field are shown beside it; anything else is a page of its own.
async fn refused(app: &App, member: Member, error: ServiceError) -> Result<HttpResponse, PageProblem> {
    match error {
        ServiceError::Invalid(_) | ServiceError::WrongCredentials | ServiceError::Conflict { .. } => {
            account(app, member, None, Some(Problem::from(error))).await
        }
        error => Err(member.frame.refused(error)),
    }
}

/// Sets a new password; every other session ends.
pub async fn set_password(app: Data<App>, posted: Posted) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let (new, again) = (fields.text("new").to_owned(), fields.text("again"));
    if new != again {
        let rule = ServiceError::Invalid(vec![crate::service::error::FieldFault::new(
            "/again",
            "different",
            member.frame.t("password-different"),
        )]);
        return refused(&app, member, rule).await;
    }
    let current = Some(fields.text("current").to_owned()).filter(|current| !current.is_empty());
    match change_password(&app, &member.caller, NewPassword { current, new }).await {
        Ok(session) => {
            let mut answer = go(if session.to_do.is_empty() { "/" } else { "/account" });
            let _fits = answer.add_cookie(&session_cookie(&app, &session.caller));
            Ok(answer)
        }
        Err(error) => refused(&app, member, error).await,
    }
}

/// Offers a secret for an authenticator app.
pub async fn offer_app(app: Data<App>, posted: Posted) -> Result<HttpResponse, PageProblem> {
    let member = posted.member;
    match enrol_totp(&app, &member.caller).await {
        Ok(uri) => account(&app, member, Some(uri), None).await,
        Err(error) => refused(&app, member, error).await,
    }
}

/// Takes the first code of the app.
pub async fn confirm_app(app: Data<App>, posted: Posted) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    match confirm_totp(&app, &member.caller, fields.text("code").to_owned()).await {
        Ok(()) => Ok(go("/")),
        Err(error) => refused(&app, member, error).await,
    }
}

/// Files the guardian's phone anew.
pub async fn set_phone(app: Data<App>, posted: Posted) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let (season, exam_no) = member.candidate()?;
    let phone = fields.text("phone").to_owned();
    match set_guardian_phone(&app, &member.caller, season, exam_no, phone).await {
        Ok(()) => Ok(go("/account")),
        Err(error) => refused(&app, member, error).await,
    }
}

/// Ends another session of the account.
pub async fn end_session(app: Data<App>, posted: Posted) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    match log_out(&app, &member.caller, Some(fields.text("session").to_owned())).await {
        Ok(()) => Ok(go("/account")),
        Err(error) => refused(&app, member, error).await,
    }
}
