//! Candidates: shown to whom they concern, masked in lists.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::person_name::masked_name;
use crate::service::app::App;
use crate::service::people::list_candidates::list_candidates;
use crate::service::people::list_readers::{Look, list_readers};
use crate::service::people::show_candidate::{CandidateRow, show_candidate};
use crate::web::caller::Authenticated;
use crate::web::page::{self, Page, PageQuery};
use crate::web::problem::Problem;
use crate::web::wire_time;

/// A candidate as a list shows her.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateLine {
    #[schema(example = "260101")]
    exam_no: String,
    /// All but the first character masked.
    #[schema(example = "陈*")]
    name: String,
    #[schema(example = "J01")]
    junior_code: String,
    #[schema(example = "A01")]
    area_code: String,
    #[schema(example = "九（1）班")]
    class: String,
}

/// A candidate's record. ID number and phone are never part of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateView {
    exam_no: String,
    name: String,
    sex: String,
    junior_code: String,
    area_code: String,
    class: String,
    register_from: String,
    attended: String,
    repeat: String,
    local: String,
    bonus: String,
    bonus_reason: String,
    quality_grade: String,
}

/// A look of an office at a candidate's data.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReaderLine {
    #[schema(format = DateTime)]
    at: String,
    #[schema(example = "junior_high")]
    role: String,
    #[schema(example = "show_candidate")]
    act: String,
}

/// Lists the candidates in the caller's reach.
#[utoipa::path(tag = "candidates", operation_id = "list_candidates",
    params(("season" = String, Path, example = "2026"), PageQuery),
    responses((status = 200, description = "A page of candidates, names masked", body = Page<CandidateLine>)))]
#[get("/seasons/{season}/candidates")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let path = format!("/api/v1/seasons/{season}/candidates");
    let rows =
        list_candidates(&app, &caller.0, season.into_inner(), query.after()?, limit as i64 + 1).await?;
    let view = |row: CandidateRow| CandidateLine {
        name: masked_name(&row.name),
        exam_no: row.exam_no,
        junior_code: row.junior_code,
        area_code: row.area_code,
        class: row.class,
    };
    Ok(page::answer(rows, limit, &path, |row| row.exam_no.clone(), view))
}

/// Shows a candidate's record; an office's look is noted and shown to her.
#[utoipa::path(tag = "candidates", operation_id = "show_candidate",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101")),
    responses((status = 200, description = "The record", body = CandidateView)))]
#[get("/seasons/{season}/candidates/{exam_no}")]
pub(crate) async fn show(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
) -> Result<Json<CandidateView>, Problem> {
    let (season, exam_no) = path.into_inner();
    let row = show_candidate(&app, &caller.0, season, exam_no).await?;
    Ok(Json(CandidateView {
        exam_no: row.exam_no,
        name: row.name,
        sex: row.sex,
        junior_code: row.junior_code,
        area_code: row.area_code,
        class: row.class,
        register_from: row.register_from,
        attended: row.attended,
        repeat: row.repeat,
        local: row.local,
        bonus: row.bonus,
        bonus_reason: row.bonus_reason,
        quality_grade: row.quality_grade,
    }))
}

/// Lists who has read a candidate's data, newest first: only she may ask.
#[utoipa::path(tag = "candidates", operation_id = "list_readers",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"), PageQuery),
    responses((status = 200, description = "A page of looks at her data", body = Page<ReaderLine>)))]
#[get("/seasons/{season}/candidates/{exam_no}/readers")]
pub(crate) async fn readers(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let (season, exam_no) = path.into_inner();
    let address = format!("/api/v1/seasons/{season}/candidates/{exam_no}/readers");
    let after = query.after()?;
    let mut before = after.split(' ').map(|part| part.parse().unwrap_or(i64::MAX));
    let mut part = || before.next().unwrap_or(i64::MAX);
    let before = (part(), part(), part());
    let rows = list_readers(&app, &caller.0, season, exam_no, before, limit as i64 + 1).await?;
    let view = |look: Look| ReaderLine { at: wire_time::written(look.at_ms), role: look.role, act: look.act };
    let key = |look: &Look| {
        let (at_ms, chain, number) = look.place();
        format!("{at_ms} {chain} {number}")
    };
    Ok(page::answer(rows, limit, &address, key, view))
}
