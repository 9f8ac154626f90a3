//! Windows in which forms are taken.

use actix_web::web::{Data, Json, Path};
use actix_web::{get, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::season::windows::{NewWindow, WindowRow, list_windows, set_window};
use crate::web::caller::Authenticated;
use crate::web::problem::Problem;
use crate::web::wire_time;

/// When forms of a batch are taken in an admission area.
#[derive(Debug, Serialize, ToSchema)]
pub struct WindowView {
    /// `rehearsal` or `official`.
    #[schema(example = "official")]
    stage: String,
    #[schema(example = "1")]
    batch: String,
    #[schema(example = "A01")]
    area: String,
    #[schema(format = DateTime)]
    opens_at: String,
    /// The first moment at which nothing is accepted.
    #[schema(format = DateTime)]
    closes_at: String,
    /// When the end was put on record; nothing is accepted after it.
    #[schema(format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<String>,
}

impl From<WindowRow> for WindowView {
    fn from(row: WindowRow) -> WindowView {
        WindowView {
            stage: row.stage,
            batch: row.batch,
            area: row.area,
            opens_at: wire_time::written(row.opens_at_ms),
            closes_at: wire_time::written(row.closes_at_ms),
            closed_at: row.closed_at_ms.map(wire_time::written),
        }
    }
}

/// Windows of a season.
#[derive(Debug, Serialize, ToSchema)]
pub struct Windows {
    items: Vec<WindowView>,
}

/// When forms of a batch are to be taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowRequest {
    /// `rehearsal` or `official`.
    #[schema(example = "official")]
    stage: String,
    #[schema(example = "1")]
    batch: String,
    /// Admission areas; absent or empty: all of the season.
    #[serde(default)]
    #[schema(example = json!(["A01"]))]
    areas: Vec<String>,
    #[schema(format = DateTime, example = "2026-06-20T08:00:00+08:00")]
    opens_at: String,
    #[schema(format = DateTime, example = "2026-06-24T17:00:00+08:00")]
    closes_at: String,
}

fn view(rows: Vec<WindowRow>) -> Json<Windows> {
    Json(Windows { items: rows.into_iter().map(WindowView::from).collect() })
}

/// Lists the windows of a season.
#[utoipa::path(tag = "windows", operation_id = "list_windows", params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "All windows", body = Windows)))]
#[get("/seasons/{season}/windows")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<Windows>, Problem> {
    Ok(view(list_windows(&app, &caller.0, season.into_inner()).await?))
}

/// Sets or moves windows that have not opened yet.
#[utoipa::path(tag = "windows", operation_id = "set_window", params(("season" = String, Path, example = "2026")),
    request_body = WindowRequest,
    responses((status = 200, description = "The windows as they now stand", body = Windows)))]
#[put("/seasons/{season}/windows")]
pub(crate) async fn set(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    body: Json<WindowRequest>,
) -> Result<Json<Windows>, Problem> {
    let body = body.into_inner();
    let mut faults = Vec::new();
    let opens_at_ms = wire_time::read(&body.opens_at, "/opens_at", &mut faults);
    let closes_at_ms = wire_time::read(&body.closes_at, "/closes_at", &mut faults);
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults).into());
    }
    let new =
        NewWindow { stage: body.stage, batch: body.batch, areas: body.areas, opens_at_ms, closes_at_ms };
    Ok(view(set_window(&app, &caller.0, season.into_inner(), new).await?))
}
