//! Seasons: opened, looked at, moved on.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::phase::Step;
use crate::service::app::App;
use crate::service::error::{FieldFault, ServiceError};
use crate::service::season::advance_season::advance_season;
use crate::service::season::create_season::{self, NewSeason};
use crate::service::season::list_seasons::list_seasons;
use crate::service::season::move_clock::move_clock;
use crate::service::season::set_policy::set_policy;
use crate::service::season::show_season::{SeasonRow, show_season};
use crate::web::caller::Authenticated;
use crate::web::page::{self, Page, PageQuery};
use crate::web::problem::Problem;
use crate::web::versions::{IfMatch, etag};
use crate::web::wire_time;

/// A season.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeasonView {
    #[schema(example = "2026")]
    code: String,
    #[schema(example = "示范市 2026")]
    name: String,
    /// Only a rehearsal or demonstration has a clock that can be moved.
    #[schema(example = "official")]
    kind: String,
    #[schema(example = "filling")]
    phase: String,
    /// What the season's clock is ahead of the real one, in milliseconds.
    clock_offset_ms: i64,
    version: i64,
    /// `senior_high`, or `compulsory` of an entry to primary schools and junior highs.
    #[schema(example = "senior_high")]
    admission: String,
}

impl From<SeasonRow> for SeasonView {
    fn from(row: SeasonRow) -> SeasonView {
        SeasonView {
            code: row.code,
            name: row.name,
            kind: row.kind,
            phase: row.phase,
            clock_offset_ms: row.clock_offset_ms,
            version: row.version,
            admission: row.admission,
        }
    }
}

/// A season with its policy and its clock.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeasonDetail {
    #[serde(flatten)]
    season: SeasonView,
    /// `season.toml`.
    policy: String,
    /// The season's clock.
    #[schema(format = DateTime)]
    now: String,
}

/// A new season.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeasonRequest {
    #[schema(example = "2026", pattern = "^[a-z0-9-]{1,40}$")]
    code: String,
    /// `official`, `rehearsal` or `demonstration`.
    #[schema(example = "official")]
    kind: String,
    /// `season.toml`, documented key by key in the house.
    policy: String,
}

/// A step of the season.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepRequest {
    #[schema(example = "open_registration")]
    step: String,
}

/// A policy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyRequest {
    /// `season.toml`.
    policy: String,
}

/// A moment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockRequest {
    #[schema(format = DateTime, example = "2026-06-20T08:00:00+08:00")]
    now: String,
}

fn versioned(season: SeasonRow) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(season.version)).json(SeasonView::from(season))
}

/// Lists the seasons the caller takes part in.
#[utoipa::path(tag = "seasons", operation_id = "list_seasons", params(PageQuery),
    responses((status = 200, description = "A page of seasons", body = Page<SeasonView>)))]
#[get("/seasons")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let rows = list_seasons(&app, &caller.0, query.after()?, limit as i64 + 1).await?;
    Ok(page::answer(rows, limit, "/api/v1/seasons", |row| row.code.clone(), SeasonView::from))
}

/// Opens a season with its policy.
#[utoipa::path(tag = "seasons", operation_id = "create_season", request_body = SeasonRequest,
    responses((status = 201, description = "The season, with its address in Location", body = SeasonView)))]
#[post("/seasons")]
pub(crate) async fn create(
    app: Data<App>,
    caller: Authenticated,
    body: Json<SeasonRequest>,
) -> Result<HttpResponse, Problem> {
    let SeasonRequest { code, kind, policy } = body.into_inner();
    let season = create_season::create_season(&app, &caller.0, NewSeason { code, kind, policy }).await?;
    Ok(HttpResponse::Created()
        .insert_header(("Location", format!("/api/v1/seasons/{}", season.code)))
        .insert_header(etag(season.version))
        .json(SeasonView::from(season)))
}

/// Shows a season with its policy and its clock.
#[utoipa::path(tag = "seasons", operation_id = "show_season", params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "The season", body = SeasonDetail)))]
#[get("/seasons/{season}")]
pub(crate) async fn show(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (season, now_ms) = show_season(&app, &caller.0, season.into_inner()).await?;
    let tag = etag(season.version);
    let policy = season.policy.clone();
    let detail = SeasonDetail { season: season.into(), policy, now: wire_time::written(now_ms) };
    Ok(HttpResponse::Ok().insert_header(tag).json(detail))
}

/// Moves the season on to its next phase.
#[utoipa::path(tag = "seasons", operation_id = "advance_season", params(("season" = String, Path, example = "2026")),
    request_body = StepRequest,
    responses((status = 200, description = "The season in its new phase", body = SeasonView)))]
#[post("/seasons/{season}/steps")]
pub(crate) async fn advance(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    precondition: IfMatch,
    body: Json<StepRequest>,
) -> Result<HttpResponse, Problem> {
    let step = Step::parse(&body.step)
        .ok_or_else(|| ServiceError::invalid("/step", "unknown", "is no step of a season"))?;
    Ok(versioned(advance_season(&app, &caller.0, season.into_inner(), precondition.0, step).await?))
}

/// Replaces the policy while the season is being prepared.
#[utoipa::path(tag = "seasons", operation_id = "set_policy", params(("season" = String, Path, example = "2026")),
    request_body = PolicyRequest,
    responses((status = 200, description = "The season with its new policy", body = SeasonView)))]
#[put("/seasons/{season}/policy")]
pub(crate) async fn replace_policy(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    precondition: IfMatch,
    body: Json<PolicyRequest>,
) -> Result<HttpResponse, Problem> {
    let policy = body.into_inner().policy;
    Ok(versioned(set_policy(&app, &caller.0, season.into_inner(), precondition.0, policy).await?))
}

/// Sets the clock of a rehearsal or demonstration season.
#[utoipa::path(tag = "seasons", operation_id = "move_clock", params(("season" = String, Path, example = "2026")),
    request_body = ClockRequest,
    responses((status = 200, description = "The season with its clock moved", body = SeasonView)))]
#[put("/seasons/{season}/clock")]
pub(crate) async fn set_clock(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    precondition: IfMatch,
    body: Json<ClockRequest>,
) -> Result<HttpResponse, Problem> {
    let mut faults: Vec<FieldFault> = Vec::new();
    let to_ms = wire_time::read(&body.now, "/now", &mut faults);
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults).into());
    }
    Ok(versioned(move_clock(&app, &caller.0, season.into_inner(), precondition.0, to_ms).await?))
}
