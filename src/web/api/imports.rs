//! Imports: a file is uploaded and checked, looked at, and committed or thrown away.

use std::collections::BTreeMap;

use actix_web::web::{Bytes, Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::service::app::App;
use crate::service::data_in::commit_import::commit_import;
use crate::service::data_in::delete_import::delete_import;
use crate::service::data_in::import_report::{ImportReport, ReportedFault};
use crate::service::data_in::list_imports::list_imports;
use crate::service::data_in::show_import::{ImportRow, download_import, show_import};
use crate::service::data_in::upload_import::{Upload, upload_import};
use crate::web::caller::Authenticated;
use crate::web::page::{self, Page, PageQuery};
use crate::web::problem::Problem;
use crate::web::request_scope::RequestScope;
use crate::web::versions::{IfMatch, etag};
use crate::web::wire_time;

/// A file and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportView {
    #[schema(example = "01934e2a-0000-7000-8000-000000000001")]
    id: String,
    #[schema(example = "candidates")]
    kind: String,
    /// `checked` or `committed`.
    #[schema(example = "checked")]
    state: String,
    /// SHA-256 of the file as it was sent.
    file_hash: String,
    /// Binds the file to what it was checked against; the entity tag of the import.
    checked_hash: String,
    /// Rows that a commit would write; 0 where there are faults.
    rows: i64,
    /// All faults; the list holds the first thousand.
    faults: i64,
    /// The junior high whose rows it brings, where a junior high uploaded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    school: Option<String>,
    /// The area whose rows it brings, where a county bureau uploaded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    area: Option<String>,
    uploaded_by: String,
    #[schema(format = DateTime)]
    uploaded_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    committed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    committed_at: Option<String>,
}

/// A fault at its place.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetFaultView {
    #[schema(example = "考生.xlsx#Sheet1")]
    sheet: String,
    /// As a spreadsheet counts; the header is row 1. Absent for a fault of the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "junior_code")]
    column: Option<String>,
    /// The cell, shortened; empty for ID numbers and phones.
    value: String,
    /// In the language asked for, zh-CN or en.
    #[schema(example = "没有这个初中学校")]
    rule: String,
}

/// Candidates of an area or a junior high.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeadCountView {
    code: String,
    name: String,
    candidates: u64,
}

/// Marks of one column; points are decimal texts.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubjectTotalView {
    #[schema(example = "math")]
    column: String,
    scored: u64,
    #[schema(example = "8412.5")]
    sum: String,
    #[schema(example = "119.5")]
    highest: String,
    absent: u64,
    void: u64,
    exempt: u64,
}

/// What an office compares with its paper.
#[derive(Debug, Serialize, ToSchema)]
pub struct ControlTotalsView {
    candidates: u64,
    seats: u64,
    /// Candidates whom the quota rule refuses, and by which reason.
    not_eligible: u64,
    refused: BTreeMap<String, u64>,
    areas: Vec<HeadCountView>,
    juniors: Vec<HeadCountView>,
    subjects: Vec<SubjectTotalView>,
}

/// Something allowed but seldom right; a commit needs a reason for its code.
#[derive(Debug, Serialize, ToSchema)]
pub struct WarningView {
    #[schema(example = "missing_school")]
    code: String,
    /// The school, column or word it is about; may be empty.
    subject: String,
    /// In the language asked for, zh-CN or en.
    text: String,
    figures: BTreeMap<String, String>,
}

/// An import with what the check said.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportDetail {
    #[serde(flatten)]
    import: ImportView,
    #[schema(example = "考生.xlsx")]
    file_name: String,
    /// The sender's names of columns, and ours.
    mapping: BTreeMap<String, String>,
    /// The first thousand.
    fault_list: Vec<SheetFaultView>,
    /// Cells that were read otherwise than they stand, such as a wrong dot in a name.
    notices: Vec<SheetFaultView>,
    totals: ControlTotalsView,
    warnings: Vec<WarningView>,
    /// Why it was committed in spite of a warning.
    reasons: BTreeMap<String, String>,
}

/// Reasons for warnings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitRequest {
    /// By the warning's code.
    #[schema(example = json!({"missing_school": "J07 本年无毕业生"}))]
    #[serde(default)]
    reasons: BTreeMap<String, String>,
}

/// What is uploaded.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// `areas`, `junior_schools`, `senior_schools`, `programmes`, `quota`, `candidates`, `bonuses`, `scores`,
    /// `history`; of these a junior high brings `candidates`, a county bureau `candidates` and `programmes`.
    #[param(required, example = "candidates")]
    kind: Option<String>,
    /// With its ending, which tells how to read it: `.csv`, `.xlsx`, `.dbf`.
    #[param(required, example = "candidates.csv")]
    file_name: Option<String>,
    /// A JSON object for column names that are not known: the sender's name and ours, `-` for a column that is
    /// left out.
    #[param(example = r#"{"KSH": "exam_no", "BZ": "-"}"#)]
    mapping: Option<String>,
}

impl From<ImportRow> for ImportView {
    fn from(row: ImportRow) -> ImportView {
        ImportView {
            state: if row.committed_at_ms.is_some() { "committed" } else { "checked" }.to_owned(),
            id: row.id,
            kind: row.kind,
            file_hash: row.file_hash,
            checked_hash: row.checked_hash,
            rows: row.row_count,
            faults: row.fault_count,
            school: row.school,
            area: row.area,
            uploaded_by: row.uploaded_by,
            uploaded_at: wire_time::written(row.uploaded_at_ms),
            committed_by: row.committed_by,
            committed_at: row.committed_at_ms.map(wire_time::written),
        }
    }
}

impl From<ReportedFault> for SheetFaultView {
    fn from(fault: ReportedFault) -> SheetFaultView {
        let ReportedFault { sheet, row, column, value, rule } = fault;
        SheetFaultView { sheet, row, column, value, rule: RequestScope::words().rule(&rule) }
    }
}

fn detail(import: ImportRow, report: ImportReport) -> ImportDetail {
    let heads = |heads: Vec<(String, String, u64)>| {
        heads.into_iter().map(|(code, name, candidates)| HeadCountView { code, name, candidates }).collect()
    };
    let subject = |(column, scored, sum, highest, absent, void, exempt)| SubjectTotalView {
        column,
        scored,
        sum,
        highest,
        absent,
        void,
        exempt,
    };
    ImportDetail {
        import: import.into(),
        file_name: report.file_name,
        mapping: report.mapping,
        fault_list: report.faults.into_iter().map(Into::into).collect(),
        notices: report.notices.into_iter().map(Into::into).collect(),
        totals: ControlTotalsView {
            candidates: report.totals.candidates,
            seats: report.totals.seats,
            not_eligible: report.totals.not_eligible,
            refused: report.totals.refused,
            areas: heads(report.totals.areas),
            juniors: heads(report.totals.juniors),
            subjects: report.totals.subjects.into_iter().map(subject).collect(),
        },
        warnings: report
            .warnings
            .into_iter()
            .map(|warning| WarningView {
                code: warning.code,
                subject: warning.subject,
                text: RequestScope::words().rule(&warning.text),
                figures: warning.figures,
            })
            .collect(),
        reasons: report.reasons,
    }
}

/// Uploads a file; it is checked at once against what the season holds.
///
/// A junior high brings the rows of its own pupils, a county bureau those of its area, the centre everybody's.
/// Faults of the file are no error of the request: the answer lists them.
#[utoipa::path(tag = "imports", operation_id = "upload_import",
    params(("season" = String, Path, example = "2026"), UploadQuery),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 201, description = "The import, with its address in Location", body = ImportDetail)))]
#[post("/seasons/{season}/imports")]
pub(crate) async fn upload(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<UploadQuery>,
    body: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let bytes = body.map_err(|_| Problem::of("too_large"))?.to_vec();
    let UploadQuery { kind, file_name, mapping } = query.into_inner();
    let season = season.into_inner();
    let upload = Upload { kind, file_name, mapping, bytes };
    let (import, report) = upload_import(&app, &caller.0, season.clone(), upload).await?;
    Ok(HttpResponse::Created()
        .insert_header(("Location", format!("/api/v1/seasons/{season}/imports/{}", import.id)))
        .insert_header(etag(&import.checked_hash))
        .json(detail(import, report)))
}

/// Lists the imports of a season in the order of their uploads.
#[utoipa::path(tag = "imports", operation_id = "list_imports",
    params(("season" = String, Path, example = "2026"), PageQuery),
    responses((status = 200, description = "A page of imports", body = Page<ImportView>)))]
#[get("/seasons/{season}/imports")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let (limit, season) = (query.limit()?, season.into_inner());
    let rows = list_imports(&app, &caller.0, season.clone(), query.after()?, limit as i64 + 1).await?;
    let path = format!("/api/v1/seasons/{season}/imports");
    Ok(page::answer(rows, limit, &path, |row| row.id.clone(), ImportView::from))
}

/// Shows an import: faults, control totals, warnings.
#[utoipa::path(tag = "imports", operation_id = "show_import",
    params(("season" = String, Path, example = "2026"), ("import" = String, Path, example = "01934e2a-0000-7000-8000-000000000001")),
    responses((status = 200, description = "The import", body = ImportDetail)))]
#[get("/seasons/{season}/imports/{import}")]
pub(crate) async fn show(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (season, id) = path.into_inner();
    let (import, report) = show_import(&app, &caller.0, season, id).await?;
    Ok(HttpResponse::Ok().insert_header(etag(&import.checked_hash)).json(detail(import, report)))
}

/// Downloads the rows as they were sent, with a last column 错误.
#[utoipa::path(tag = "imports", operation_id = "download_import",
    params(("season" = String, Path, example = "2026"), ("import" = String, Path, example = "01934e2a-0000-7000-8000-000000000001")),
    responses((status = 200, description = "A workbook", body = String,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
#[get("/seasons/{season}/imports/{import}/annotated")]
pub(crate) async fn download(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (season, id) = path.into_inner();
    let name = format!("attachment; filename=\"import-{id}.xlsx\"");
    let book = download_import(&app, &caller.0, season, id).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        .insert_header(("Content-Disposition", name))
        .body(book))
}

/// Commits an import: its rows take the place of the office's rows of that kind, all or nothing.
#[utoipa::path(tag = "imports", operation_id = "commit_import",
    params(("season" = String, Path, example = "2026"), ("import" = String, Path, example = "01934e2a-0000-7000-8000-000000000001")),
    request_body = CommitRequest,
    responses((status = 200, description = "The committed import", body = ImportDetail)))]
#[post("/seasons/{season}/imports/{import}/commit")]
pub(crate) async fn commit(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    precondition: IfMatch,
    body: Json<CommitRequest>,
) -> Result<HttpResponse, Problem> {
    let (season, id) = path.into_inner();
    let reasons = body.into_inner().reasons;
    let (import, report) = commit_import(&app, &caller.0, season, id, precondition.0, reasons).await?;
    Ok(HttpResponse::Ok().insert_header(etag(&import.checked_hash)).json(detail(import, report)))
}

/// Throws an import away that was not committed.
#[utoipa::path(tag = "imports", operation_id = "delete_import",
    params(("season" = String, Path, example = "2026"), ("import" = String, Path, example = "01934e2a-0000-7000-8000-000000000001")),
    responses((status = 204, description = "It is gone")))]
#[delete("/seasons/{season}/imports/{import}")]
pub(crate) async fn remove(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    precondition: IfMatch,
) -> Result<HttpResponse, Problem> {
    let (season, id) = path.into_inner();
    delete_import(&app, &caller.0, season, id, precondition.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
