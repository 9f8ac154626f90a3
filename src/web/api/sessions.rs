//! Sessions: begun with a password and a second factor, gone on with a refresh token, ended at once.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::accounts::ask_challenge::ask_challenge;
use crate::service::accounts::begin_session::LoggedIn;
use crate::service::accounts::list_sessions::{SessionRow, list_sessions};
use crate::service::accounts::log_in::{Given, log_in};
use crate::service::accounts::log_out::log_out;
use crate::service::accounts::refresh_session::refresh_session;
use crate::service::accounts::step_up::step_up;
use crate::service::app::App;
use crate::service::secrets::access_token::LIFE_S;
use crate::web::caller::{Authenticated, no_session_cookie, session_cookie};
use crate::web::problem::Problem;
use crate::web::wire_time;

/// What somebody shows to get in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// A candidate's exam number, an office's name.
    #[schema(example = "260101", max_length = 200)]
    login: String,
    /// The password, or the one-time initial code.
    #[schema(example = "correct horse battery staple", max_length = 200)]
    password: String,
    /// The code of the authenticator app, or the cells of the grid card one after the other.
    #[serde(default)]
    answer: Option<String>,
    /// The device token of an earlier log-in: what strangers guess does not count against it.
    #[serde(default)]
    device_token: Option<String>,
    /// For pages: the session goes into a cookie, and the answer holds the token against cross-site requests.
    #[serde(default)]
    cookie: bool,
}

/// A session and its tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionTokens {
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds that the access token lives.
    expires_in: i64,
    /// Good for one refresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Makes this device known at the next log-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_token: Option<String>,
    /// With a cookie: to be sent as `X-CSRF-Token` with every unsafe request.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
    /// The end of the session.
    #[schema(format = DateTime)]
    session_expires_at: String,
    #[schema(example = "candidate")]
    role: String,
    /// What must be done before anything else: `change_password`, `enrol_totp`.
    to_do: Vec<&'static str>,
}

/// A refresh token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    refresh_token: String,
}

/// Whose card is to be asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeRequest {
    #[schema(example = "260101", max_length = 200)]
    login: String,
}

/// Cells of a grid card.
#[derive(Debug, Serialize, ToSchema)]
pub struct Challenge {
    #[schema(example = json!(["A1", "C7", "H10"]))]
    cells: Vec<String>,
}

/// A second factor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    /// The code of the authenticator app, or the cells of the grid card one after the other.
    #[schema(example = "123456", max_length = 200)]
    answer: String,
}

/// A session of the own account.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    id: String,
    #[schema(format = DateTime)]
    started_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
    /// Whether this request was made in it.
    current: bool,
}

/// Sessions of the own account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sessions {
    items: Vec<SessionView>,
}

/// Answers with a session, in tokens or in a cookie.
pub fn session_answer(app: &App, session: LoggedIn, cookie: bool, status: StatusCode) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    let filled = |token: String| Some(token).filter(|token| !token.is_empty());
    if cookie {
        answer.cookie(session_cookie(app, &session.caller));
    }
    answer.json(SessionTokens {
        csrf_token: cookie.then(|| app.keyring().csrf_token(&session.caller.session)),
        access_token: Some(session.access_token).filter(|_| !cookie),
        refresh_token: Some(session.refresh_token).filter(|_| !cookie),
        token_type: "Bearer",
        expires_in: LIFE_S,
        device_token: filled(session.device_token),
        session_expires_at: wire_time::written(session.expires_at_ms),
        role: session.role.word().to_owned(),
        to_do: session.to_do,
    })
}

/// Logs in.
#[utoipa::path(tag = "sessions", operation_id = "log_in", security(()), request_body = LoginRequest,
    responses((status = 201, description = "A session", body = SessionTokens)))]
#[post("/sessions")]
pub(crate) async fn begin(app: Data<App>, body: Json<LoginRequest>) -> Result<HttpResponse, Problem> {
    let LoginRequest { login, password, answer, device_token, cookie } = body.into_inner();
    let session = log_in(&app, Given { login, password, answer, device: device_token }).await?;
    Ok(session_answer(&app, session, cookie, StatusCode::CREATED))
}

/// Asks which cells of a login's grid card come next, to show them at once.
#[utoipa::path(tag = "sessions", operation_id = "ask_challenge", security(()), request_body = ChallengeRequest,
    responses((status = 200, description = "Cells, for every login alike", body = Challenge)))]
#[post("/sessions/challenge")]
pub(crate) async fn challenge(
    app: Data<App>,
    body: Json<ChallengeRequest>,
) -> Result<Json<Challenge>, Problem> {
    Ok(Json(Challenge { cells: ask_challenge(&app, body.into_inner().login).await? }))
}

/// Exchanges a refresh token for new tokens; one that comes twice ends its session.
#[utoipa::path(tag = "sessions", operation_id = "refresh_session", security(()), request_body = RefreshRequest,
    responses((status = 200, description = "New tokens of the same session", body = SessionTokens)))]
#[post("/sessions/refresh")]
pub(crate) async fn refresh(app: Data<App>, body: Json<RefreshRequest>) -> Result<HttpResponse, Problem> {
    let session = refresh_session(&app, body.into_inner().refresh_token).await?;
    Ok(session_answer(&app, session, false, StatusCode::OK))
}

/// Shows the second factor again: dangerous acts are open for five minutes.
#[utoipa::path(tag = "sessions", operation_id = "step_up", request_body = AnswerRequest,
    responses((status = 204, description = "Shown")))]
#[post("/sessions/step-up")]
pub(crate) async fn show_factor(
    app: Data<App>,
    caller: Authenticated,
    body: Json<AnswerRequest>,
) -> Result<HttpResponse, Problem> {
    step_up(&app, &caller.0, body.into_inner().answer).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lists where the own account is logged in.
#[utoipa::path(tag = "sessions", operation_id = "list_sessions",
    responses((status = 200, description = "Living sessions, newest first", body = Sessions)))]
#[get("/sessions")]
pub(crate) async fn list(app: Data<App>, caller: Authenticated) -> Result<Json<Sessions>, Problem> {
    let own = caller.0.session.clone();
    let view = |row: SessionRow| SessionView {
        started_at: wire_time::written(row.started_at_ms),
        expires_at: wire_time::written(row.expires_at_ms),
        current: row.id == own,
        id: row.id,
    };
    Ok(Json(Sessions { items: list_sessions(&app, &caller.0).await?.into_iter().map(view).collect() }))
}

/// Ends a session of the own account.
#[utoipa::path(tag = "sessions", operation_id = "log_out",
    params(("session" = String, Path, example = "current", description = "`current`, or an id of the list")),
    responses((status = 204, description = "Ended")))]
#[delete("/sessions/{session}")]
pub(crate) async fn end(
    app: Data<App>,
    caller: Authenticated,
    session: Path<String>,
) -> Result<HttpResponse, Problem> {
    let session = Some(session.into_inner()).filter(|session| session != "current");
    log_out(&app, &caller.0, session).await?;
    Ok(HttpResponse::NoContent().cookie(no_session_cookie()).finish())
}
