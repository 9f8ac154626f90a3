//! The sources of the seed of all lots: named before the freeze, told after it.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::app::App;
use crate::service::runs::seed_sources::{SeedPartRow, list_seed_sources, name_seed_source, tell_seed_part};
use crate::web::caller::Authenticated;
use crate::web::problem::Problem;

/// A source of the seed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeedSourceView {
    #[schema(example = "secret-of-the-supervisors")]
    source: String,
    /// SHA-256 of the secret; absent where it happens in public.
    #[serde(skip_serializing_if = "Option::is_none")]
    commitment: Option<String>,
    /// The text, once it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl From<SeedPartRow> for SeedSourceView {
    fn from(row: SeedPartRow) -> SeedSourceView {
        SeedSourceView { source: row.source, commitment: row.commitment, text: row.revealed }
    }
}

/// A source to be named.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedSourceRequest {
    #[schema(example = "secret-of-the-supervisors")]
    source: String,
    /// SHA-256 of the secret, 64 lower-case hexadecimal digits; absent where it happens in public.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    commitment: Option<String>,
}

/// What a source told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedTextRequest {
    #[schema(example = "test")]
    text: String,
}

/// Names a source of the seed.
#[utoipa::path(tag = "lots", operation_id = "name_seed_source", params(("season" = String, Path, example = "2026")),
    request_body = SeedSourceRequest, responses((status = 201, description = "The source", body = SeedSourceView)))]
#[post("/seasons/{season}/seed-sources")]
pub(crate) async fn name(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    body: Json<SeedSourceRequest>,
) -> Result<HttpResponse, Problem> {
    let SeedSourceRequest { source, commitment } = body.into_inner();
    let part = name_seed_source(&app, &caller.0, season.into_inner(), source, commitment).await?;
    Ok(HttpResponse::Created().json(SeedSourceView::from(part)))
}

/// Puts on record what a source told, once the lists are frozen.
#[utoipa::path(tag = "lots", operation_id = "tell_seed_part",
    params(("season" = String, Path, example = "2026"), ("source" = String, Path, example = "balls")),
    request_body = SeedTextRequest, responses((status = 200, description = "The source", body = SeedSourceView)))]
#[put("/seasons/{season}/seed-sources/{source}/text")]
pub(crate) async fn tell(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    body: Json<SeedTextRequest>,
) -> Result<Json<SeedSourceView>, Problem> {
    let (season, source) = path.into_inner();
    Ok(Json(tell_seed_part(&app, &caller.0, season, source, body.into_inner().text).await?.into()))
}

/// Lists the sources by name.
#[utoipa::path(tag = "lots", operation_id = "list_seed_sources", params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "The sources", body = Vec<SeedSourceView>)))]
#[get("/seasons/{season}/seed-sources")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<Vec<SeedSourceView>>, Problem> {
    let parts = list_seed_sources(&app, &caller.0, season.into_inner()).await?;
    Ok(Json(parts.into_iter().map(Into::into).collect()))
}
