//! Logging in: the account first, then the password together with the cells of its card.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::service::accounts::ask_challenge::ask_challenge;
use crate::service::accounts::begin_session::LoggedIn;
use crate::service::accounts::log_in::{Given, log_in};
use crate::service::accounts::log_out::log_out;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::web::caller::{device_cookie, no_session_cookie, session_cookie};
use crate::web::pages::frame::{Frame, go, own_path, page, shown};
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Posted, PostedByVisitor};

/// The cookie of a known device.
pub const DEVICE_COOKIE: &str = "__Host-device";

#[derive(Template)]
#[template(path = "log_in.html")]
struct LogIn {
    frame: Frame,
    next: String,
    login: String,
    /// The cells to type, once the account was named.
    challenge: Option<Vec<String>>,
    /// The key of what was wrong.
    fault: Option<&'static str>,
}

/// Where to go after it.
#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    pub next: String,
}

/// Asks for the account.
pub async fn ask(frame: Frame, query: Query<Next>) -> HttpResponse {
    let next = own_path(&query.next).to_owned();
    shown(&LogIn { frame, next, login: String::new(), challenge: None, fault: None })
}

/// A session of pages begins.
pub fn entered(app: &App, session: &LoggedIn, to: &str) -> HttpResponse {
    let to = if session.to_do.is_empty() { to } else { "/account" };
    let mut answer = go(to);
    let _fits = answer.add_cookie(&session_cookie(app, &session.caller));
    if !session.device_token.is_empty() {
        let _fits = answer.add_cookie(&device_cookie(DEVICE_COOKIE, session.device_token.clone()));
    }
    answer
}

/// Takes the account, or the account with its password.
pub async fn enter(
    app: Data<App>,
    request: HttpRequest,
    posted: PostedByVisitor,
) -> Result<HttpResponse, PageProblem> {
    let PostedByVisitor { frame, fields } = posted;
    let next = own_path(fields.text("next")).to_owned();
    let login: String = fields.text("login").trim().chars().take(200).collect();
    if login.is_empty() {
        let screen = LogIn { frame, next, login, challenge: None, fault: Some("log-in-no-account") };
        return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &screen));
    }
    let mut fault = None;
    if !fields.text("password").is_empty() {
        let given = Given {
            login: login.clone(),
            password: fields.text("password").to_owned(),
            answer: Some(fields.text("answer").to_owned()).filter(|answer| !answer.trim().is_empty()),
            device: request.cookie(DEVICE_COOKIE).map(|cookie| cookie.value().to_owned()),
        };
        match log_in(&app, given).await {
            Ok(session) => return Ok(entered(&app, &session, &next)),
            Err(ServiceError::WrongCredentials) => fault = Some("log-in-wrong"),
            Err(ServiceError::SecondFactorRequired { .. }) => fault = Some("log-in-second-factor"),
            Err(error) => return Err(frame.refused(error)),
        }
    } else if fields.text("asked") == "1" {
        fault = Some("log-in-no-password");
    }
    let challenge = ask_challenge(&app, login.clone()).await.map_err(|error| frame.refused(error))?;
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(status, &LogIn { frame, next, login, challenge: Some(challenge), fault }))
}

/// Ends the session.
pub async fn leave(app: Data<App>, posted: Posted) -> Result<HttpResponse, PageProblem> {
    let Posted { member, .. } = posted;
    log_out(&app, &member.caller, None).await.map_err(|error| member.frame.refused(error))?;
    let mut answer = go("/");
    let _fits = answer.add_cookie(&no_session_cookie());
    Ok(answer)
}
