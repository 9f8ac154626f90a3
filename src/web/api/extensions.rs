//! Extensions of a window: acts of two people.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::season::extend_window::{self, Extension, ProposalRow};
use crate::web::api::windows::WindowView;
use crate::web::caller::Authenticated;
use crate::web::problem::Problem;
use crate::web::wire_time;

/// A new end of a window, for everybody in the area.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtensionRequest {
    /// `rehearsal` or `official`.
    #[schema(example = "official")]
    stage: String,
    #[schema(example = "1")]
    batch: String,
    #[schema(example = "A01")]
    area: String,
    #[schema(format = DateTime, example = "2026-06-24T19:00:00+08:00")]
    closes_at: String,
    /// As it is published.
    #[schema(example = "网络故障两小时")]
    reason: String,
}

/// A proposal that waits for its second person.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalView {
    id: String,
    /// What is to happen, as JSON: show it to the second person.
    content: String,
    /// SHA-256 of the content: the second person names it.
    content_hash: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

impl From<ProposalRow> for ProposalView {
    fn from(row: ProposalRow) -> ProposalView {
        ProposalView {
            id: row.id,
            content: row.content,
            content_hash: row.content_hash,
            expires_at: wire_time::written(row.expires_at_ms),
        }
    }
}

/// What the second person saw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRequest {
    content_hash: String,
}

/// Proposes an extension; a second person must approve it.
#[utoipa::path(tag = "windows", operation_id = "propose_extension",
    params(("season" = String, Path, example = "2026")), request_body = ExtensionRequest,
    responses((status = 201, description = "The proposal", body = ProposalView)))]
#[post("/seasons/{season}/extensions")]
pub(crate) async fn propose(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    body: Json<ExtensionRequest>,
) -> Result<HttpResponse, Problem> {
    let ExtensionRequest { stage, batch, area, closes_at, reason } = body.into_inner();
    let mut faults = Vec::new();
    let closes_at_ms = wire_time::read(&closes_at, "/closes_at", &mut faults);
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults).into());
    }
    let extension = Extension { stage, batch, area, closes_at_ms, reason };
    let season = season.into_inner();
    let proposal = extend_window::propose_extension(&app, &caller.0, season.clone(), extension).await?;
    let at = format!("/api/v1/seasons/{season}/extensions/{}", proposal.id);
    Ok(HttpResponse::Created().insert_header(("Location", at)).json(ProposalView::from(proposal)))
}

/// Approves an extension that somebody else proposed.
#[utoipa::path(tag = "windows", operation_id = "approve_extension",
    params(("season" = String, Path, example = "2026"), ("id" = String, Path)), request_body = ApprovalRequest,
    responses((status = 200, description = "The window with its new end", body = WindowView)))]
#[post("/seasons/{season}/extensions/{id}/approval")]
pub(crate) async fn approve(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    body: Json<ApprovalRequest>,
) -> Result<Json<WindowView>, Problem> {
    let (season, id) = path.into_inner();
    let hash = body.into_inner().content_hash;
    let window = extend_window::approve_extension(&app, &caller.0, season, id, hash).await?;
    Ok(Json(window.into()))
}
