//! Preference forms: checked, submitted, shown, restored; their signed prints; a school's board.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::form::DraftName;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::check_form::{FormFinding, check_form};
use crate::service::forms::list_confirmation_forms::{PupilForms, list_confirmation_forms};
use crate::service::forms::list_form_versions::list_form_versions;
use crate::service::forms::record_confirmation::record_confirmation;
use crate::service::forms::restore_form_version::restore_form_version;
use crate::service::forms::show_filling_progress::{
    HourOfFilling, ListProgress, SchoolProgress, show_filling_progress,
};
use crate::service::forms::show_form::{FormVersionRow, show_form};
use crate::service::forms::show_status_board::{BoardLine, FormStatus, show_status_board};
use crate::service::forms::stored_form::{FormName, from_json};
use crate::service::forms::submit_form::{Submission, submit_form};
use crate::web::api::drafts::{self, ChoicesRequest, DraftView};
use crate::web::caller::Authenticated;
use crate::web::page::{self, Page, PageQuery};
use crate::web::problem::Problem;
use crate::web::request_scope::RequestScope;
use crate::web::versions::{IdempotencyKey, IfMatch, etag};
use crate::web::wire_time;

/// A submitted version with its receipt.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormVersionView {
    #[schema(example = "1")]
    batch: String,
    /// `rehearsal` or `official`.
    #[schema(example = "official")]
    stage: String,
    /// Also the entity tag.
    #[schema(example = 2)]
    version: i64,
    #[schema(example = json!(["P01", "", "P02"]))]
    choices: Vec<String>,
    /// Twelve digits and a check digit.
    #[schema(example = "7K3M-Q9TD-2ABF-X")]
    receipt: String,
    /// The season's clock at the decision to accept.
    #[schema(format = DateTime)]
    submitted_at: String,
    /// SHA-256 of the version's documented lines.
    #[schema(example = "e53c9952f3ca76160aad8b25052c01f5d29a7039e0917c33c81f9253dff373d3")]
    hash: String,
    /// The hash of the version before; zeros for the first.
    previous: String,
}

/// The version that counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormView {
    #[serde(flatten)]
    version: FormVersionView,
    /// Whether the school has recorded the signed print of this version.
    confirmed: bool,
}

/// A fault, a remark or guidance, in the language asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingView {
    #[schema(example = "/choices/2")]
    pointer: String,
    #[schema(example = "out_of_scope")]
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "P02")]
    programme: Option<String>,
    #[schema(example = "不面向你所在的区域招生")]
    detail: String,
}

/// What a check found.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckView {
    /// Any of them refuses a submission.
    faults: Vec<FindingView>,
    /// They refuse nothing.
    warnings: Vec<FindingView>,
    /// How the list will be read, by the policy.
    guidance: Vec<FindingView>,
}

/// Where an earlier version is to come back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestorationRequest {
    /// The name of the new draft.
    #[schema(example = "第一版")]
    draft: String,
}

/// What the signed print says of itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationRequest {
    #[schema(example = 2, minimum = 1)]
    version: i64,
    #[schema(example = "e53c9952f3ca76160aad8b25052c01f5d29a7039e0917c33c81f9253dff373d3")]
    hash: String,
}

/// A recorded signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfirmationView {
    #[schema(example = 2)]
    version: i64,
    #[schema(format = DateTime)]
    recorded_at: String,
}

/// How far a pupil is with one list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListStatus {
    #[schema(example = "1")]
    batch: String,
    /// `none`, `draft`, `submitted` or `confirmed`.
    #[schema(example = "submitted")]
    status: &'static str,
}

/// A pupil on a school's board; nothing of what she listed.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardView {
    #[schema(example = "260101")]
    exam_no: String,
    #[schema(example = "陈一")]
    name: String,
    #[schema(example = "九（1）班")]
    class: String,
    lists: Vec<ListStatus>,
}

fn version_view(row: FormVersionRow) -> Result<FormVersionView, ServiceError> {
    Ok(FormVersionView {
        choices: from_json(&row.choices)?.slots().to_vec(),
        batch: row.batch,
        stage: row.stage,
        version: row.version,
        receipt: row.receipt,
        submitted_at: wire_time::written(row.at_ms),
        hash: row.hash,
        previous: row.previous,
    })
}

fn findings(found: Vec<FormFinding>) -> Vec<FindingView> {
    let words = RequestScope::words();
    let view = |finding: FormFinding| FindingView {
        detail: words.finding(&finding),
        pointer: finding.pointer,
        code: finding.code.to_owned(),
        programme: finding.programme,
    };
    found.into_iter().map(view).collect()
}

/// The path of a form.
type FormPath = Path<(String, String, String)>;

fn named(path: FormPath) -> FormName {
    let (season, exam_no, batch) = path.into_inner();
    FormName { season, exam_no, batch }
}

fn address(form: &FormName) -> String {
    format!("/api/v1/seasons/{}/candidates/{}/forms/{}", form.season, form.exam_no, form.batch)
}

/// Checks a list without storing it: every fault, remarks, and how it will be read.
#[utoipa::path(tag = "forms", operation_id = "check_form",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"),
        ("batch" = String, Path, example = "1")),
    request_body = ChoicesRequest,
    responses((status = 200, description = "What was found", body = CheckView)))]
#[post("/seasons/{season}/candidates/{exam_no}/forms/{batch}/check")]
pub(crate) async fn check(
    app: Data<App>,
    caller: Authenticated,
    path: FormPath,
    body: Json<ChoicesRequest>,
) -> Result<Json<CheckView>, Problem> {
    let found = check_form(&app, &caller.0, named(path), body.into_inner().choices).await?;
    Ok(Json(CheckView {
        faults: findings(found.faults),
        warnings: findings(found.warnings),
        guidance: findings(found.guidance),
    }))
}

/// Shows the version that counts: what was submitted last.
#[utoipa::path(tag = "forms", operation_id = "show_form",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"),
        ("batch" = String, Path, example = "1")),
    responses((status = 200, description = "The version that counts", body = FormView, headers(("ETag" = String)))))]
#[get("/seasons/{season}/candidates/{exam_no}/forms/{batch}")]
pub(crate) async fn show(
    app: Data<App>,
    caller: Authenticated,
    path: FormPath,
) -> Result<HttpResponse, Problem> {
    let shown = show_form(&app, &caller.0, named(path)).await?;
    let tag = etag(shown.version.version);
    let view = FormView { version: version_view(shown.version)?, confirmed: shown.confirmed };
    Ok(HttpResponse::Ok().insert_header(tag).json(view))
}

/// Submits a list as the version that counts.
///
/// `If-None-Match: *` for the first, `If-Match` with the version seen for every later one; an
/// `Idempotency-Key` always, so that a list sent twice is one version. What was submitted last before
/// the end counts; a list is replaced by another and cannot be withdrawn.
#[utoipa::path(tag = "forms", operation_id = "submit_form",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"),
        ("batch" = String, Path, example = "1"),
        ("If-Match" = Option<String>, Header, example = "\"1\""),
        ("If-None-Match" = Option<String>, Header, example = "*"),
        ("Idempotency-Key" = Option<String>, Header, example = "0190f3a2-7c1e-7000-8000-000000000001")),
    request_body = ChoicesRequest,
    responses((status = 201, description = "The receipt", body = FormVersionView, headers(("ETag" = String)))))]
#[post("/seasons/{season}/candidates/{exam_no}/forms/{batch}/versions")]
pub(crate) async fn submit(
    app: Data<App>,
    caller: Authenticated,
    path: FormPath,
    precondition: IfMatch,
    key: IdempotencyKey,
    body: Json<ChoicesRequest>,
) -> Result<HttpResponse, Problem> {
    let form = named(path);
    let at = address(&form);
    let submission = Submission {
        season: form.season,
        exam_no: form.exam_no,
        batch: form.batch,
        choices: body.into_inner().choices,
    };
    let held = format!("{:?}", precondition.0);
    let once = key.required("submit_form", &(&submission, held))?;
    let row = submit_form(&app, &caller.0, submission, precondition.0, once).await?;
    let mut answer = HttpResponse::Created();
    answer.insert_header(etag(row.version));
    answer.insert_header(("Location", format!("{at}/versions?limit=1")));
    Ok(answer.json(version_view(row)?))
}

/// Lists every version that was submitted, newest first.
#[utoipa::path(tag = "forms", operation_id = "list_form_versions",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"),
        ("batch" = String, Path, example = "1"), PageQuery),
    responses((status = 200, description = "A page of versions", body = Page<FormVersionView>)))]
#[get("/seasons/{season}/candidates/{exam_no}/forms/{batch}/versions")]
pub(crate) async fn versions(
    app: Data<App>,
    caller: Authenticated,
    path: FormPath,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let form = named(path);
    let at = format!("{}/versions", address(&form));
    let before = query.after()?.parse().unwrap_or(i64::MAX);
    let rows = list_form_versions(&app, &caller.0, form, before, limit as i64 + 1).await?;
    let views: Vec<FormVersionView> =
        rows.into_iter().map(version_view).collect::<Result<_, ServiceError>>()?;
    Ok(page::answer(views, limit, &at, |view| view.version.to_string(), |view| view))
}

/// Brings an earlier version back as a new draft.
#[utoipa::path(tag = "forms", operation_id = "restore_form_version",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"),
        ("batch" = String, Path, example = "1"), ("version" = i64, Path, example = 1)),
    request_body = RestorationRequest,
    responses((status = 201, description = "The draft", body = DraftView, headers(("ETag" = String)))))]
#[post("/seasons/{season}/candidates/{exam_no}/forms/{batch}/versions/{version}/restoration")]
pub(crate) async fn restore(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String, String, i64)>,
    body: Json<RestorationRequest>,
) -> Result<HttpResponse, Problem> {
    let (season, exam_no, batch, version) = path.into_inner();
    let name: DraftName = body
        .into_inner()
        .draft
        .parse()
        .map_err(|rule: &str| ServiceError::invalid("/draft", "malformed", rule))?;
    let form = FormName { season, exam_no, batch };
    let row = restore_form_version(&app, &caller.0, form, version, name).await?;
    Ok(HttpResponse::Created().insert_header(etag(row.version)).json(drafts::view(row)?))
}

/// Records the signed print (志愿确认表) of the version that counts: only the pupil's school may.
#[utoipa::path(tag = "forms", operation_id = "record_confirmation",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"),
        ("batch" = String, Path, example = "1")),
    request_body = ConfirmationRequest,
    responses((status = 200, description = "The recorded signature", body = ConfirmationView)))]
#[post("/seasons/{season}/candidates/{exam_no}/forms/{batch}/confirmation")]
pub(crate) async fn confirm(
    app: Data<App>,
    caller: Authenticated,
    path: FormPath,
    body: Json<ConfirmationRequest>,
) -> Result<Json<ConfirmationView>, Problem> {
    let ConfirmationRequest { version, hash } = body.into_inner();
    let row = record_confirmation(&app, &caller.0, named(path), version, hash).await?;
    Ok(Json(ConfirmationView { version: row.version, recorded_at: wire_time::written(row.at_ms) }))
}

/// Shows a junior high how far each of its pupils is; never what they listed.
#[utoipa::path(tag = "forms", operation_id = "show_status_board",
    params(("season" = String, Path, example = "2026"), PageQuery),
    responses((status = 200, description = "A page of pupils", body = Page<BoardView>)))]
#[get("/seasons/{season}/form-status")]
pub(crate) async fn board(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let at = format!("/api/v1/seasons/{season}/form-status");
    let rows =
        show_status_board(&app, &caller.0, season.into_inner(), query.after()?, limit as i64 + 1).await?;
    let word = |status| match status {
        FormStatus::None => "none",
        FormStatus::Draft => "draft",
        FormStatus::Submitted => "submitted",
        FormStatus::Confirmed => "confirmed",
    };
    let view = |line: BoardLine| BoardView {
        exam_no: line.exam_no,
        name: line.name,
        class: line.class,
        lists: line
            .lists
            .into_iter()
            .map(|(batch, status)| ListStatus { batch, status: word(status) })
            .collect(),
    };
    Ok(page::answer(rows, limit, &at, |line| line.exam_no.clone(), view))
}

/// How far the pupils of a junior high are with one list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListProgressView {
    #[schema(example = "1")]
    batch: String,
    submitted: usize,
    /// Of these, with the signed print on record.
    confirmed: usize,
}

/// How far a junior high is.
#[derive(Debug, Serialize, ToSchema)]
pub struct SchoolProgressView {
    /// Empty for candidates of no junior high.
    #[schema(example = "J01")]
    junior_code: String,
    junior_name: String,
    pupils: usize,
    lists: Vec<ListProgressView>,
}

/// Lists submitted for the first time in an hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct HourView {
    #[schema(format = DateTime)]
    from: String,
    lists: u64,
}

/// How far everybody in reach is: counts, never who and never what.
#[derive(Debug, Serialize, ToSchema)]
pub struct FillingProgressView {
    schools: Vec<SchoolProgressView>,
    hours: Vec<HourView>,
}

/// Shows a bureau, the centre or the supervisor how far each junior high is, and how lists came in by the hour.
#[utoipa::path(tag = "forms", operation_id = "show_filling_progress",
    params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "Counts", body = FillingProgressView)))]
#[get("/seasons/{season}/filling-progress")]
pub(crate) async fn progress(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<FillingProgressView>, Problem> {
    let found = show_filling_progress(&app, &caller.0, season.into_inner()).await?;
    let list = |one: ListProgress| ListProgressView {
        batch: one.batch,
        submitted: one.submitted,
        confirmed: one.confirmed,
    };
    let school = |one: SchoolProgress| SchoolProgressView {
        junior_code: one.junior_code,
        junior_name: one.junior_name,
        pupils: one.pupils,
        lists: one.lists.into_iter().map(list).collect(),
    };
    let hour = |one: HourOfFilling| HourView { from: wire_time::written(one.from_ms), lists: one.lists };
    Ok(Json(FillingProgressView {
        schools: found.schools.into_iter().map(school).collect(),
        hours: found.hours.into_iter().map(hour).collect(),
    }))
}

/// Which class.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ClassQuery {
    #[param(example = "九（1）班")]
    #[serde(default)]
    class: String,
}

/// What a pupil is to sign.
#[derive(Debug, Serialize, ToSchema)]
pub struct PupilFormsView {
    #[schema(example = "260101")]
    exam_no: String,
    name: String,
    class: String,
    junior_name: String,
    /// In the order of the policy's lists; empty for somebody who submitted nothing.
    forms: Vec<FormVersionView>,
}

/// Gives a junior high what the pupils of a class submitted, to be signed; never before the end is on record.
#[utoipa::path(tag = "forms", operation_id = "list_confirmation_forms",
    params(("season" = String, Path, example = "2026"), ClassQuery),
    responses((status = 200, description = "The class", body = Vec<PupilFormsView>)))]
#[get("/seasons/{season}/confirmation-forms")]
pub(crate) async fn sheets(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<ClassQuery>,
) -> Result<Json<Vec<PupilFormsView>>, Problem> {
    let class = query.into_inner().class;
    let found = list_confirmation_forms(&app, &caller.0, season.into_inner(), class).await?;
    let view = |pupil: PupilForms| -> Result<PupilFormsView, ServiceError> {
        Ok(PupilFormsView {
            exam_no: pupil.candidate.exam_no,
            name: pupil.candidate.name,
            class: pupil.candidate.class,
            junior_name: pupil.junior_name,
            forms: pupil.forms.into_iter().map(version_view).collect::<Result<_, _>>()?,
        })
    };
    Ok(Json(found.into_iter().map(view).collect::<Result<_, _>>()?))
}
