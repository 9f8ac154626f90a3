//! The own account: its password and its second factor.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::accounts::change_password::{NewPassword, change_password};
use crate::service::accounts::enrol_totp::{confirm_totp, enrol_totp};
use crate::service::accounts::set_guardian_phone::set_guardian_phone;
use crate::service::accounts::show_account::show_account;
use crate::service::app::App;
use crate::web::api::sessions::{SessionTokens, session_answer};
use crate::web::caller::Authenticated;
use crate::web::problem::Problem;

/// The own account.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnAccountView {
    id: String,
    #[schema(example = "260101")]
    login: String,
    #[schema(example = "candidate")]
    role: String,
    name: String,
    /// What must be done before anything else: `change_password`, `enrol_totp`.
    to_do: Vec<&'static str>,
    has_totp: bool,
    has_grid_card: bool,
    /// Whether dangerous acts are open at this moment.
    stepped_up: bool,
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordRequest {
    /// The present one; not needed while the account still has its initial code.
    #[serde(default)]
    current_password: Option<String>,
    #[schema(example = "correct horse battery staple", min_length = 10, max_length = 128)]
    new_password: String,
    /// For pages: the new session goes into a cookie.
    #[serde(default)]
    cookie: bool,
}

/// What an authenticator app takes in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Enrolment {
    #[schema(example = "otpauth://totp/zhaosheng:centre?secret=...")]
    uri: String,
}

/// A code of the app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    #[schema(example = "123456", max_length = 20)]
    code: String,
}

/// A guardian's phone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneRequest {
    #[schema(example = "13900000000", max_length = 40)]
    phone: String,
}

/// Shows the own account and what must still be done.
#[utoipa::path(tag = "account", operation_id = "show_account",
    responses((status = 200, description = "The account", body = OwnAccountView)))]
#[get("/account")]
pub(crate) async fn show(app: Data<App>, caller: Authenticated) -> Result<Json<OwnAccountView>, Problem> {
    let own = show_account(&app, &caller.0).await?;
    Ok(Json(OwnAccountView {
        id: own.account.id,
        login: own.account.login,
        role: own.account.role,
        name: own.account.name,
        to_do: own.to_do,
        has_totp: own.has_totp,
        has_grid_card: own.has_card,
        stepped_up: own.stepped_up,
    }))
}

/// Sets a new password; every session of the account ends, and the answer is a new one.
#[utoipa::path(tag = "account", operation_id = "change_password", request_body = PasswordRequest,
    responses((status = 200, description = "The only session there now is", body = SessionTokens)))]
#[post("/account/password")]
pub(crate) async fn set_password(
    app: Data<App>,
    caller: Authenticated,
    body: Json<PasswordRequest>,
) -> Result<HttpResponse, Problem> {
    let PasswordRequest { current_password, new_password, cookie } = body.into_inner();
    let given = NewPassword { current: current_password, new: new_password };
    let session = change_password(&app, &caller.0, given).await?;
    Ok(session_answer(&app, session, cookie, StatusCode::OK))
}

/// Offers a secret for an authenticator app; it counts from its first right code on.
#[utoipa::path(tag = "account", operation_id = "enrol_totp",
    responses((status = 201, description = "What the app takes in", body = Enrolment)))]
#[post("/account/totp")]
pub(crate) async fn offer_totp(app: Data<App>, caller: Authenticated) -> Result<HttpResponse, Problem> {
    let uri = enrol_totp(&app, &caller.0).await?;
    Ok(HttpResponse::Created().json(Enrolment { uri }))
}

/// Confirms the offered secret with its first code; other sessions end.
#[utoipa::path(tag = "account", operation_id = "confirm_totp", request_body = CodeRequest,
    responses((status = 204, description = "From now on the app counts")))]
#[post("/account/totp/confirmation")]
pub(crate) async fn begin_totp(
    app: Data<App>,
    caller: Authenticated,
    body: Json<CodeRequest>,
) -> Result<HttpResponse, Problem> {
    confirm_totp(&app, &caller.0, body.into_inner().code).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Files the guardian's phone anew, with the second factor fresh.
#[utoipa::path(tag = "account", operation_id = "set_guardian_phone",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101")),
    request_body = PhoneRequest, responses((status = 204, description = "Filed, encrypted")))]
#[post("/seasons/{season}/candidates/{exam_no}/guardian-phone")]
pub(crate) async fn set_phone(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    body: Json<PhoneRequest>,
) -> Result<HttpResponse, Problem> {
    let (season, exam_no) = path.into_inner();
    set_guardian_phone(&app, &caller.0, season, exam_no, body.into_inner().phone).await?;
    Ok(HttpResponse::NoContent().finish())
}
