//! Desks of an entry, after admission: files in and out, what a desk gives, its result files.

use std::collections::BTreeMap;

use actix_web::web::{Bytes, Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, put};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::service::app::App;
use crate::service::compulsory::bring_desk_file::{BroughtFile, bring_desk_file, delete_desk_file};
use crate::service::compulsory::desk_work::DeskAddress;
use crate::service::compulsory::show_desk::{
    DeskSummary, FileAtDesk, download_desk_file, download_desk_result, list_desks, show_desk,
};
use crate::web::caller::Authenticated;
use crate::web::problem::Problem;
use crate::web::request_scope::RequestScope;

/// A file of a desk.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskFileView {
    #[schema(example = "arrivals.csv")]
    file: String,
    /// Without it the desk gives nothing.
    needed: bool,
    /// Rows of a sheet, lines of a text; absent where nobody brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<i64>,
}

impl From<FileAtDesk> for DeskFileView {
    fn from(file: FileAtDesk) -> DeskFileView {
        DeskFileView { file: file.file, needed: file.needed, rows: file.rows }
    }
}

/// A desk and what lies there.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskSummaryView {
    /// `register`, `classes` or `ledger`.
    #[schema(example = "classes")]
    desk: &'static str,
    /// `entry`, or the stage and the code of a school.
    #[schema(example = "primary-S01")]
    subject: String,
    /// Of the school; empty where the desk is about the whole entry.
    school_name: String,
    /// Whether it takes files in this phase.
    open: bool,
    files: Vec<DeskFileView>,
    /// Needed files that nobody brought.
    missing: Vec<String>,
}

impl From<DeskSummary> for DeskSummaryView {
    fn from(desk: DeskSummary) -> DeskSummaryView {
        DeskSummaryView {
            desk: desk.desk.word(),
            subject: desk.subject.word(),
            missing: desk.missing().map(str::to_owned).collect(),
            school_name: desk.school_name,
            open: desk.is_open,
            files: desk.files.into_iter().map(DeskFileView::from).collect(),
        }
    }
}

/// What a desk gives, computed from the files that lie there now.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskView {
    /// Whether it takes files in this phase.
    open: bool,
    files: Vec<DeskFileView>,
    /// Files that it cannot do without and nobody brought yet.
    missing: Vec<String>,
    /// What is wrong with the files, in words.
    faults: Vec<String>,
    /// Rules that refuse a result of sound files, in words.
    breaches: Vec<String>,
    /// How many, by what: `enrolled`, `pupils`, `graduates` ...
    counts: BTreeMap<&'static str, u64>,
    /// Hashes to publish before the draw, seeds, fractions: `list_hash`, `teachers_list_hash`, `seed` ...
    texts: BTreeMap<&'static str, String>,
    /// Paths of its result files; none until it gives a result.
    results: Vec<&'static str>,
}

/// How a file is brought.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BringDeskFileQuery {
    /// Its ending tells the kind of a sheet's file: csv (unless given), xlsx, dbf.
    #[param(example = "arrivals.xlsx")]
    file_name: Option<String>,
    /// Only tell what is wrong.
    #[serde(default)]
    #[param(example = false)]
    check: bool,
}

/// Which result file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeskResultQuery {
    /// Its path, as the desk lists it.
    #[serde(default)]
    #[param(example = "register.csv")]
    path: String,
}

/// What a file brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskFileBroughtView {
    /// Rows of a sheet, lines of a text.
    rows: i64,
    /// Whether something else lay there before; never where it was only checked.
    changed: bool,
    /// Files that are still missing.
    missing: Vec<String>,
    /// Rules that refuse a result of these files, in words.
    breaches: Vec<String>,
}

fn address((season, desk, subject): (String, String, String)) -> DeskAddress {
    DeskAddress { season, desk, subject }
}

/// Rules in the caller's language.
fn told(rules: &[String]) -> Vec<String> {
    let words = RequestScope::words();
    rules.iter().map(|rule| words.rule(rule)).collect()
}

/// A file, by the ending of its name.
fn download(path: &str, bytes: Vec<u8>) -> HttpResponse {
    let name = path.rsplit('/').next().unwrap_or_default();
    let kind = match name.rsplit('.').next() {
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        _ => "text/plain; charset=utf-8",
    };
    HttpResponse::Ok()
        .insert_header(("Content-Type", kind))
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .body(bytes)
}

/// Lists the desks of an entry: the register, the classes of every starting grade, the drop-out ledger.
#[utoipa::path(tag = "desks", operation_id = "list_desks",
    params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "Every desk with its files", body = Vec<DeskSummaryView>)))]
#[get("/seasons/{season}/desks")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<Vec<DeskSummaryView>>, Problem> {
    let desks = list_desks(&app, &caller.0, season.into_inner()).await?;
    Ok(Json(desks.into_iter().map(DeskSummaryView::from).collect()))
}

/// Shows what lies at a desk and what it gives: counts, the hashes of frozen lists, its result files.
#[utoipa::path(tag = "desks", operation_id = "show_desk",
    params(("season" = String, Path, example = "2026"), ("desk" = String, Path, example = "classes"),
        ("subject" = String, Path, example = "primary-S01")),
    responses((status = 200, description = "The desk", body = DeskView)))]
#[get("/seasons/{season}/desks/{desk}/{subject}")]
pub(crate) async fn show(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String, String)>,
) -> Result<Json<DeskView>, Problem> {
    let shown = show_desk(&app, &caller.0, address(path.into_inner())).await?;
    let words = RequestScope::words();
    let result = shown.result;
    Ok(Json(DeskView {
        open: shown.is_open,
        files: shown.files.into_iter().map(DeskFileView::from).collect(),
        missing: result.missing,
        faults: result.faults.iter().map(|fault| words.fault(fault)).collect(),
        breaches: told(&result.breaches),
        counts: result.counts.into_iter().collect(),
        texts: result.texts.into_iter().collect(),
        results: result.files.into_iter().map(|(path, _)| path).collect(),
    }))
}

/// Downloads a file that was brought: a sheet as CSV in our column names, a policy as TOML.
#[utoipa::path(tag = "desks", operation_id = "download_desk_file",
    params(("season" = String, Path, example = "2026"), ("desk" = String, Path, example = "register"),
        ("subject" = String, Path, example = "entry"), ("file" = String, Path, example = "arrivals.csv")),
    responses((status = 200, description = "The file as it lies there", content(
        (String = "text/csv"), (String = "text/plain")))))]
#[get("/seasons/{season}/desks/{desk}/{subject}/files/{file}")]
pub(crate) async fn take(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String, String, String)>,
) -> Result<HttpResponse, Problem> {
    let (season, desk, subject, file) = path.into_inner();
    let bytes = download_desk_file(&app, &caller.0, address((season, desk, subject)), file.clone()).await?;
    Ok(download(&file, bytes))
}

/// Brings a file in the place of the one that lies there, read with all others of the desk.
#[utoipa::path(tag = "desks", operation_id = "bring_desk_file",
    params(("season" = String, Path, example = "2026"), ("desk" = String, Path, example = "register"),
        ("subject" = String, Path, example = "entry"), ("file" = String, Path, example = "arrivals.csv"),
        BringDeskFileQuery),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, description = "What it brought", body = DeskFileBroughtView)))]
#[put("/seasons/{season}/desks/{desk}/{subject}/files/{file}")]
pub(crate) async fn bring(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String, String, String)>,
    query: Query<BringDeskFileQuery>,
    body: Result<Bytes, actix_web::Error>,
) -> Result<Json<DeskFileBroughtView>, Problem> {
    let bytes = body.map_err(|_| Problem::of("too_large"))?.to_vec();
    let (season, desk, subject, file) = path.into_inner();
    let BringDeskFileQuery { file_name, check } = query.into_inner();
    let file_name = file_name.unwrap_or_else(|| file.clone());
    let address = address((season, desk, subject));
    let brought = BroughtFile { address, file, file_name, bytes, only_check: check };
    let done = bring_desk_file(&app, &caller.0, brought).await?;
    Ok(Json(DeskFileBroughtView {
        rows: done.rows,
        changed: done.changed,
        missing: done.missing,
        breaches: told(&done.breaches),
    }))
}

/// Takes a file away from a desk.
#[utoipa::path(tag = "desks", operation_id = "delete_desk_file",
    params(("season" = String, Path, example = "2026"), ("desk" = String, Path, example = "register"),
        ("subject" = String, Path, example = "entry"), ("file" = String, Path, example = "earlier.csv")),
    responses((status = 204, description = "It is gone")))]
#[delete("/seasons/{season}/desks/{desk}/{subject}/files/{file}")]
pub(crate) async fn remove(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String, String, String)>,
) -> Result<HttpResponse, Problem> {
    let (season, desk, subject, file) = path.into_inner();
    delete_desk_file(&app, &caller.0, address((season, desk, subject)), file).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Downloads a file that the desk gives, computed from what lies there now.
#[utoipa::path(tag = "desks", operation_id = "download_desk_result",
    params(("season" = String, Path, example = "2026"), ("desk" = String, Path, example = "register"),
        ("subject" = String, Path, example = "entry"), DeskResultQuery),
    responses((status = 200, description = "The file, byte for byte as the command line writes it", content(
        (String = "text/csv"), (String = "application/json"), (String = "text/plain")))))]
#[get("/seasons/{season}/desks/{desk}/{subject}/result-file")]
pub(crate) async fn result_file(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String, String)>,
    query: Query<DeskResultQuery>,
) -> Result<HttpResponse, Problem> {
    let wanted = query.into_inner().path;
    let bytes = download_desk_result(&app, &caller.0, address(path.into_inner()), wanted.clone()).await?;
    Ok(download(&wanted, bytes))
}
