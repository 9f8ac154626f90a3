//! Accounts of others: made, given new access, disabled; codes and cards printed by class.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::accounts::create_account::{AccountRow, NewAccount, create_account};
use crate::service::accounts::create_system_token::{NewToken, create_system_token};
use crate::service::accounts::disable_account::disable_account;
use crate::service::accounts::issue_grid_cards::issue_grid_cards;
use crate::service::accounts::issue_initial_codes::{ClassOf, issue_initial_codes};
use crate::service::accounts::list_accounts::list_accounts;
use crate::service::accounts::reset_access::reset_access;
use crate::service::app::App;
use crate::web::caller::Authenticated;
use crate::web::page::{self, Page, PageQuery};
use crate::web::pages::frame::Frame;
use crate::web::problem::Problem;
use crate::web::slips::{self, CodeSlipView, GridCardView};

/// An account as offices see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    id: String,
    #[schema(example = "j01-wang")]
    login: String,
    #[schema(example = "junior_high")]
    role: String,
    name: String,
    school: Option<String>,
    area: Option<String>,
    /// The initial code has not been replaced yet.
    must_change: bool,
    disabled: bool,
}

impl From<AccountRow> for AccountView {
    fn from(row: AccountRow) -> AccountView {
        AccountView {
            id: row.id,
            login: row.login,
            role: row.role,
            name: row.name,
            school: row.school,
            area: row.area,
            must_change: row.must_change,
            disabled: row.disabled,
        }
    }
}

/// A new account of an office or a school.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountRequest {
    #[schema(example = "j01-wang")]
    login: String,
    #[schema(example = "云岭第一初级中学 王老师")]
    name: String,
    #[schema(example = "junior_high")]
    role: String,
    #[serde(default)]
    #[schema(example = "J01")]
    school: Option<String>,
    #[serde(default)]
    #[schema(example = "A01")]
    area: Option<String>,
}

/// An account with its one-time initial code, which is told nowhere else.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountWithCode {
    account: AccountView,
    initial_code: String,
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonRequest {
    /// On record.
    #[schema(example = "本人到校申请，证件已核")]
    reason: String,
}

/// A token for another system.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SystemTokenRequest {
    #[schema(example = "省招生平台")]
    label: String,
    /// Operation ids it is limited to.
    #[schema(example = json!(["show_season"]))]
    scopes: Vec<String>,
    /// How long it lives.
    #[schema(example = 90, minimum = 1, maximum = 400)]
    days: i64,
}

/// A system token, told once.
#[derive(Debug, Serialize, ToSchema)]
pub struct SystemToken {
    token: String,
    /// By which it is disabled.
    account: String,
}

/// A class, or the whole school.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassRequest {
    #[serde(default)]
    #[schema(example = "九（1）班")]
    class: Option<String>,
}

/// Slips by class.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeSlips {
    items: Vec<CodeSlipView>,
}

/// Cards by class.
#[derive(Debug, Serialize, ToSchema)]
pub struct GridCards {
    items: Vec<GridCardView>,
}

/// Lists the accounts of offices and schools in the caller's reach.
#[utoipa::path(tag = "accounts", operation_id = "list_accounts", params(PageQuery),
    responses((status = 200, description = "A page of accounts", body = Page<AccountView>)))]
#[get("/accounts")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let rows = list_accounts(&app, &caller.0, query.after()?, limit as i64 + 1).await?;
    Ok(page::answer(rows, limit, "/api/v1/accounts", |row| row.login.clone(), AccountView::from))
}

/// Creates an account for an office or a school.
#[utoipa::path(tag = "accounts", operation_id = "create_account", request_body = AccountRequest,
    responses((status = 201, description = "The account and its one-time code", body = AccountWithCode)))]
#[post("/accounts")]
pub(crate) async fn create(
    app: Data<App>,
    caller: Authenticated,
    body: Json<AccountRequest>,
) -> Result<HttpResponse, Problem> {
    let AccountRequest { login, name, role, school, area } = body.into_inner();
    let new = NewAccount { login, name, role, school, area };
    let (account, code) = create_account(&app, &caller.0, new).await?;
    Ok(HttpResponse::Created()
        .json(AccountWithCode { account: account.into(), initial_code: code.to_string() }))
}

/// Gives an account a new one-time code; its password, factors, devices and sessions are void.
#[utoipa::path(tag = "accounts", operation_id = "reset_access", params(("account" = String, Path)),
    request_body = ReasonRequest,
    responses((status = 200, description = "The account and its one-time code", body = AccountWithCode)))]
#[post("/accounts/{account}/reset")]
pub(crate) async fn reset(
    app: Data<App>,
    caller: Authenticated,
    account: Path<String>,
    body: Json<ReasonRequest>,
) -> Result<Json<AccountWithCode>, Problem> {
    let reason = body.into_inner().reason;
    let (account, code) = reset_access(&app, &caller.0, account.into_inner(), reason).await?;
    Ok(Json(AccountWithCode { account: account.into(), initial_code: code.to_string() }))
}

/// Disables an account; its sessions end at once.
#[utoipa::path(tag = "accounts", operation_id = "disable_account", params(("account" = String, Path)),
    request_body = ReasonRequest, responses((status = 204, description = "Disabled")))]
#[post("/accounts/{account}/disabling")]
pub(crate) async fn disable(
    app: Data<App>,
    caller: Authenticated,
    account: Path<String>,
    body: Json<ReasonRequest>,
) -> Result<HttpResponse, Problem> {
    disable_account(&app, &caller.0, account.into_inner(), body.into_inner().reason).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Makes a token for another system, limited to named operations.
#[utoipa::path(tag = "accounts", operation_id = "create_system_token", request_body = SystemTokenRequest,
    responses((status = 201, description = "The token, told once", body = SystemToken)))]
#[post("/system-tokens")]
pub(crate) async fn create_token(
    app: Data<App>,
    caller: Authenticated,
    body: Json<SystemTokenRequest>,
) -> Result<HttpResponse, Problem> {
    let SystemTokenRequest { label, scopes, days } = body.into_inner();
    let (token, account) = create_system_token(&app, &caller.0, NewToken { label, scopes, days }).await?;
    Ok(HttpResponse::Created().json(SystemToken { token, account }))
}

fn class_of(path: Path<(String, String)>, body: Json<ClassRequest>) -> ClassOf {
    let (season, junior_code) = path.into_inner();
    ClassOf { season, junior_code, class: body.into_inner().class }
}

/// Whether a page to print is asked for, rather than a list for programs.
fn wants_page(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.starts_with("text/html"))
}

/// Issues one-time initial codes for a school or class, as JSON or (Accept: text/html) as slips to print.
#[utoipa::path(tag = "accounts", operation_id = "issue_initial_codes",
    params(("season" = String, Path, example = "2026"), ("junior" = String, Path, example = "J01")),
    request_body = ClassRequest,
    responses((status = 201, description = "Slips by class, told once", content(
        (CodeSlips = "application/json"), (String = "text/html")))))]
#[post("/seasons/{season}/junior-schools/{junior}/initial-codes")]
pub(crate) async fn issue_codes(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: Json<ClassRequest>,
) -> Result<HttpResponse, Problem> {
    let slips = issue_initial_codes(&app, &caller.0, class_of(path, body)).await?;
    let items: Vec<CodeSlipView> = slips.into_iter().map(Into::into).collect();
    if wants_page(&request) {
        return Ok(slips::codes(StatusCode::CREATED, &Frame::of(&request), &items));
    }
    Ok(HttpResponse::Created().json(CodeSlips { items }))
}

/// Issues grid cards for a school or class, as JSON or (Accept: text/html) as cards to print.
#[utoipa::path(tag = "accounts", operation_id = "issue_grid_cards",
    params(("season" = String, Path, example = "2026"), ("junior" = String, Path, example = "J01")),
    request_body = ClassRequest,
    responses((status = 201, description = "Cards by class, told once", content(
        (GridCards = "application/json"), (String = "text/html")))))]
#[post("/seasons/{season}/junior-schools/{junior}/grid-cards")]
pub(crate) async fn issue_cards(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: Json<ClassRequest>,
) -> Result<HttpResponse, Problem> {
    let cards = issue_grid_cards(&app, &caller.0, class_of(path, body)).await?;
    let items: Vec<GridCardView> = cards.into_iter().map(Into::into).collect();
    if wants_page(&request) {
        return Ok(slips::cards(StatusCode::CREATED, &Frame::of(&request), &items));
    }
    Ok(HttpResponse::Created().json(GridCards { items }))
}
