//! What operators and load balancers ask: alive, ready, which version.

use actix_web::get;
use actix_web::web::{Data, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::web::problem::Problem;

/// A word that all is well.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

/// Which program answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Version {
    #[schema(example = "zhaosheng")]
    name: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
}

/// Tells that the process answers.
#[utoipa::path(tag = "operation", operation_id = "show_health", security(()),
    responses((status = 200, description = "Alive", body = Health)))]
#[get("/healthz")]
pub(crate) async fn alive() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Tells whether the database answers, so that requests can be sent here.
#[utoipa::path(tag = "operation", operation_id = "show_readiness", security(()),
    responses((status = 200, description = "Ready", body = Health)))]
#[get("/readyz")]
pub(crate) async fn ready(app: Data<App>) -> Result<Json<Health>, Problem> {
    // Whatever is wrong with the database, it is a matter of waiting for those who ask here.
    app.ready().await.map_err(|_| ServiceError::Busy { retry_after_s: 2 })?;
    Ok(Json(Health { status: "ok" }))
}

/// Tells which program answers.
#[utoipa::path(tag = "operation", operation_id = "show_version", security(()),
    responses((status = 200, description = "The version", body = Version)))]
#[get("/version")]
pub(crate) async fn version() -> Json<Version> {
    Json(Version { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") })
}
