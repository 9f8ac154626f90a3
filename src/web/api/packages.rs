//! Packages of proof: one for everybody, one for auditors.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};

use crate::service::app::App;
use crate::service::proof::download_auditor_package::download_auditor_package;
use crate::service::proof::download_public_package::download_public_package;
use crate::web::caller::Authenticated;
use crate::web::problem::Problem;

/// Downloads what everybody may have of the result that was published last: policy, plans, quota with its proof,
/// cut-offs, counts, seed and roots. `not_published` before that.
#[utoipa::path(tag = "proof", operation_id = "download_public_package",
    params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "The package", body = String, content_type = "application/zip")))]
#[get("/seasons/{season}/public-package")]
pub(crate) async fn for_everybody(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<HttpResponse, Problem> {
    let package = download_public_package(&app, &caller.0, season.into_inner()).await?;
    Ok(zip("public-package", package))
}

/// Downloads the complete result of a round, which the proposal `open_auditor_package` opened. `not_opened` while
/// signatures are missing and 72 hours after the last one.
#[utoipa::path(tag = "proof", operation_id = "download_auditor_package",
    params(("season" = String, Path, example = "2026"), ("id" = String, Path)),
    responses((status = 200, description = "The package", body = String, content_type = "application/zip")))]
#[get("/seasons/{season}/proposals/{id}/auditor-package")]
pub(crate) async fn for_auditors(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (season, id) = path.into_inner();
    Ok(zip("auditor-package", download_auditor_package(&app, &caller.0, season, id).await?))
}

fn zip(name: &str, package: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}.zip\"")))
        .body(package)
}
