//! Drafts of preference forms: their owner's alone, guarded by versions.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::form::DraftName;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::delete_draft::delete_draft;
use crate::service::forms::list_drafts::list_drafts;
use crate::service::forms::save_draft::{DraftRow, save_draft};
use crate::service::forms::show_draft::show_draft;
use crate::service::forms::stored_form::{FormName, from_json};
use crate::web::caller::Authenticated;
use crate::web::problem::Problem;
use crate::web::versions::{IfMatch, etag};
use crate::web::wire_time;

/// The slots of a list.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoicesRequest {
    /// Programme codes, best first; an empty text is a blank slot.
    #[schema(example = json!(["P01", "", "P02"]), max_items = 200)]
    pub(crate) choices: Vec<String>,
}

/// A draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftView {
    #[schema(example = "保守方案")]
    name: String,
    #[schema(example = "1")]
    batch: String,
    #[schema(example = json!(["P01", "", "P02"]))]
    choices: Vec<String>,
    /// Also the entity tag.
    #[schema(example = 3)]
    version: i64,
    #[schema(format = DateTime)]
    saved_at: String,
}

/// Drafts of one list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Drafts {
    items: Vec<DraftView>,
}

/// A draft as the API shows it.
pub(crate) fn view(row: DraftRow) -> Result<DraftView, ServiceError> {
    Ok(DraftView {
        choices: from_json(&row.choices)?.slots().to_vec(),
        name: row.name,
        batch: row.batch,
        version: row.version,
        saved_at: wire_time::written(row.saved_at_ms),
    })
}

/// The path of a draft.
type DraftPath = Path<(String, String, String, String)>;

/// The form and the draft's name that a path names.
fn named(path: DraftPath) -> Result<(FormName, DraftName), ServiceError> {
    let (season, exam_no, batch, name) = path.into_inner();
    let name: DraftName =
        name.parse().map_err(|rule: &str| ServiceError::invalid("name", "malformed", rule))?;
    Ok((FormName { season, exam_no, batch }, name))
}

/// Lists the drafts of one list.
#[utoipa::path(tag = "forms", operation_id = "list_drafts",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"),
        ("batch" = String, Path, example = "1")),
    responses((status = 200, description = "The drafts by name", body = Drafts)))]
#[get("/seasons/{season}/candidates/{exam_no}/forms/{batch}/drafts")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String, String)>,
) -> Result<Json<Drafts>, Problem> {
    let (season, exam_no, batch) = path.into_inner();
    let rows = list_drafts(&app, &caller.0, FormName { season, exam_no, batch }).await?;
    Ok(Json(Drafts { items: rows.into_iter().map(view).collect::<Result<_, ServiceError>>()? }))
}

/// Shows a draft.
#[utoipa::path(tag = "forms", operation_id = "show_draft",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"),
        ("batch" = String, Path, example = "1"), ("name" = String, Path, example = "保守方案")),
    responses((status = 200, description = "The draft", body = DraftView, headers(("ETag" = String)))))]
#[get("/seasons/{season}/candidates/{exam_no}/forms/{batch}/drafts/{name}")]
pub(crate) async fn show(
    app: Data<App>,
    caller: Authenticated,
    path: DraftPath,
) -> Result<HttpResponse, Problem> {
    let (form, name) = named(path)?;
    let row = show_draft(&app, &caller.0, form, name).await?;
    Ok(HttpResponse::Ok().insert_header(etag(row.version)).json(view(row)?))
}

/// Saves a draft: `If-None-Match: *` for a new name, `If-Match` with the version seen for a known one.
#[utoipa::path(tag = "forms", operation_id = "save_draft",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"),
        ("batch" = String, Path, example = "1"), ("name" = String, Path, example = "保守方案"),
        ("If-Match" = Option<String>, Header, example = "\"3\""),
        ("If-None-Match" = Option<String>, Header, example = "*")),
    request_body = ChoicesRequest,
    responses((status = 200, description = "The draft as it now stands", body = DraftView, headers(("ETag" = String))),
        (status = 201, description = "A new draft", body = DraftView, headers(("ETag" = String)))))]
#[put("/seasons/{season}/candidates/{exam_no}/forms/{batch}/drafts/{name}")]
pub(crate) async fn save(
    app: Data<App>,
    caller: Authenticated,
    path: DraftPath,
    precondition: IfMatch,
    body: Json<ChoicesRequest>,
) -> Result<HttpResponse, Problem> {
    let (form, name) = named(path)?;
    let row = save_draft(&app, &caller.0, form, name, body.into_inner().choices, precondition.0).await?;
    let mut answer = if row.version == 1 { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.insert_header(etag(row.version)).json(view(row)?))
}

/// Deletes a draft.
#[utoipa::path(tag = "forms", operation_id = "delete_draft",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"),
        ("batch" = String, Path, example = "1"), ("name" = String, Path, example = "保守方案"),
        ("If-Match" = Option<String>, Header, example = "\"3\"")),
    responses((status = 204, description = "Gone")))]
#[delete("/seasons/{season}/candidates/{exam_no}/forms/{batch}/drafts/{name}")]
pub(crate) async fn remove(
    app: Data<App>,
    caller: Authenticated,
    path: DraftPath,
    precondition: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (form, name) = named(path)?;
    delete_draft(&app, &caller.0, form, name, precondition.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
