//! Who may use quota seats, the posting, and what is said against it.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::language::Language;
use crate::service::app::App;
use crate::service::quota::list_eligibility::{Eligibility, list_eligibility, list_posting};
use crate::service::quota::objections::{
    NewObjection, ObjectionRow, answer_objection, file_objection, list_objections,
};
use crate::web::caller::Authenticated;
use crate::web::page::{self, Page, PageQuery};
use crate::web::problem::Problem;
use crate::web::wire_time;
use crate::words::texts::Words;

/// Why somebody may not use quota seats.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalView {
    #[schema(example = "register_short")]
    code: &'static str,
    zh: String,
    en: String,
}

/// What the rule says about a candidate.
#[derive(Debug, Serialize, ToSchema)]
pub struct EligibilityView {
    #[schema(example = "260101")]
    exam_no: String,
    /// All but the first character masked.
    #[schema(example = "陈*")]
    name: String,
    #[schema(example = "J01")]
    junior_code: String,
    eligible: bool,
    refusals: Vec<RefusalView>,
    /// Decided by two people against the rule.
    excepted: bool,
}

impl From<Eligibility> for EligibilityView {
    fn from(one: Eligibility) -> EligibilityView {
        EligibilityView {
            exam_no: one.exam_no,
            name: one.name,
            junior_code: one.junior,
            eligible: one.eligible,
            refusals: one.refusals.listed().map(|(_, code)| refusal(code)).collect(),
            excepted: one.excepted,
        }
    }
}

fn refusal(code: &'static str) -> RefusalView {
    let told = |language| Words(language).of_kind("refusal", code);
    RefusalView { code, zh: told(Language::Chinese), en: told(Language::English) }
}

/// Lists candidates with what the rule says of each, in the caller's reach.
#[utoipa::path(tag = "quota", operation_id = "list_eligibility",
    params(("season" = String, Path, example = "2026"), PageQuery),
    responses((status = 200, description = "A page of candidates", body = Page<EligibilityView>)))]
#[get("/seasons/{season}/eligibility")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let (limit, season) = (query.limit()?, season.into_inner());
    let rows = list_eligibility(&app, &caller.0, season.clone(), query.after()?, limit as i64 + 1).await?;
    let path = format!("/api/v1/seasons/{season}/eligibility");
    Ok(page::answer(rows, limit, &path, |row| row.exam_no.clone(), EligibilityView::from))
}

/// Which junior high.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PostingQuery {
    #[param(required, example = "J01")]
    junior: Option<String>,
}

/// A line of the posting.
#[derive(Debug, Serialize, ToSchema)]
pub struct PostedView {
    #[schema(example = "陈*")]
    name: String,
    #[schema(example = "26**01")]
    exam_no: String,
    #[schema(example = "J01")]
    junior_code: String,
}

/// Shows the posting (公示) of a junior high: who may use quota seats, masked.
#[utoipa::path(tag = "quota", operation_id = "list_posting",
    params(("season" = String, Path, example = "2026"), PostingQuery),
    responses((status = 200, description = "The posting", body = Vec<PostedView>)))]
#[get("/seasons/{season}/posting")]
pub(crate) async fn posting(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<PostingQuery>,
) -> Result<Json<Vec<PostedView>>, Problem> {
    let junior = query.into_inner().junior.unwrap_or_default();
    let posted = list_posting(&app, &caller.0, season.into_inner(), junior).await?;
    let view = |one: crate::service::quota::list_eligibility::Posted| PostedView {
        name: one.name,
        exam_no: one.exam_no,
        junior_code: one.junior,
    };
    Ok(Json(posted.into_iter().map(view).collect()))
}

/// An objection to be filed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectionRequest {
    /// `eligibility` (about an exam number) or `quota` (about a programme).
    #[schema(example = "eligibility")]
    about: String,
    #[schema(example = "260101")]
    subject: String,
    #[schema(example = "学籍起始日期有误，附证明编号 17")]
    text: String,
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    #[schema(example = "经核查，原结论无误")]
    answer: String,
}

/// An objection and its answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObjectionView {
    id: String,
    about: String,
    subject: String,
    text: String,
    #[schema(format = DateTime)]
    filed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    answered_at: Option<String>,
}

impl From<ObjectionRow> for ObjectionView {
    fn from(row: ObjectionRow) -> ObjectionView {
        ObjectionView {
            id: row.id,
            about: row.about,
            subject: row.subject,
            text: row.text,
            filed_at: wire_time::written(row.filed_at_ms),
            answer: row.answer,
            answered_at: row.answered_at_ms.map(wire_time::written),
        }
    }
}

/// Files an objection to a posting, while it may be objected to.
#[utoipa::path(tag = "quota", operation_id = "file_objection", params(("season" = String, Path, example = "2026")),
    request_body = ObjectionRequest,
    responses((status = 201, description = "The objection", body = ObjectionView)))]
#[post("/seasons/{season}/objections")]
pub(crate) async fn file(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    body: Json<ObjectionRequest>,
) -> Result<HttpResponse, Problem> {
    let ObjectionRequest { about, subject, text } = body.into_inner();
    let new = NewObjection { about, subject, text };
    let row = file_objection(&app, &caller.0, season.into_inner(), new).await?;
    Ok(HttpResponse::Created().json(ObjectionView::from(row)))
}

/// Answers an objection.
#[utoipa::path(tag = "quota", operation_id = "answer_objection",
    params(("season" = String, Path, example = "2026"), ("id" = String, Path)), request_body = AnswerRequest,
    responses((status = 200, description = "The objection with its answer", body = ObjectionView)))]
#[post("/seasons/{season}/objections/{id}/answer")]
pub(crate) async fn give_answer(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    body: Json<AnswerRequest>,
) -> Result<Json<ObjectionView>, Problem> {
    let (season, id) = path.into_inner();
    Ok(Json(answer_objection(&app, &caller.0, season, id, body.into_inner().answer).await?.into()))
}

/// Lists objections: one's own, and those in the caller's reach.
#[utoipa::path(tag = "quota", operation_id = "list_objections",
    params(("season" = String, Path, example = "2026"), PageQuery),
    responses((status = 200, description = "A page of objections", body = Page<ObjectionView>)))]
#[get("/seasons/{season}/objections")]
pub(crate) async fn objections(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let (limit, season) = (query.limit()?, season.into_inner());
    let rows = list_objections(&app, &caller.0, season.clone(), query.after()?, limit as i64 + 1).await?;
    let path = format!("/api/v1/seasons/{season}/objections");
    Ok(page::answer(rows, limit, &path, |row| row.id.clone(), ObjectionView::from))
}
