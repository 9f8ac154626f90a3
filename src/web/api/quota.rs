//! The quota: as the data give it, and as it was published.

use actix_web::get;
use actix_web::web::{Data, Json, Path};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::app::App;
use crate::service::quota::show_quota::{preview_quota, show_quota};
use crate::web::caller::Authenticated;
use crate::web::problem::Problem;
use crate::web::wire_time;

/// A quota with the proof of every number.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuotaView {
    /// SHA-256 over the three sheets, each after its length.
    quota_hash: String,
    /// `quota.csv`: programme, junior high (several share a cell by `;`), seats, reason.
    #[schema(example = "programme_code,junior_code,seats,reason\nS0101,J01,3,\n")]
    cells: String,
    /// `quota_proof.csv`: per cell the weight, the exact share, why it got or did not get the extra seat.
    proof: String,
    /// The same to print.
    page: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    published_at: Option<String>,
}

/// Shows the quota that the data give now; nothing of it is published yet.
#[utoipa::path(tag = "quota", operation_id = "preview_quota", params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "The quota with its proof", body = QuotaView)))]
#[get("/seasons/{season}/quota-preview")]
pub(crate) async fn preview(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<QuotaView>, Problem> {
    let computed = preview_quota(&app, &caller.0, season.into_inner()).await?;
    Ok(Json(QuotaView {
        quota_hash: computed.hash(),
        cells: computed.cells,
        proof: computed.proof,
        page: computed.page,
        published_at: None,
    }))
}

/// Shows the quota as it was published.
#[utoipa::path(tag = "quota", operation_id = "show_quota", params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "The quota with its proof", body = QuotaView)))]
#[get("/seasons/{season}/quota")]
pub(crate) async fn show(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<QuotaView>, Problem> {
    let row = show_quota(&app, &caller.0, season.into_inner()).await?;
    Ok(Json(QuotaView {
        quota_hash: row.quota_hash,
        cells: row.cells,
        proof: row.proof,
        page: row.page,
        published_at: Some(wire_time::written(row.at_ms)),
    }))
}
