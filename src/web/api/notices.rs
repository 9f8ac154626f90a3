//! Notices in a candidate's account.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::app::App;
use crate::service::notices::list_notices::{NoticeRow, list_notices};
use crate::web::caller::Authenticated;
use crate::web::page::{self, Page, PageQuery};
use crate::web::problem::Problem;
use crate::web::wire_time;

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeView {
    #[schema(format = DateTime)]
    at: String,
    #[schema(example = "您的志愿表批次1已提交第2版，回执号7K3M-Q9TD-2ABF-X。")]
    text: String,
}

/// Lists the notices to a candidate, newest first: only she may ask.
#[utoipa::path(tag = "notices", operation_id = "list_notices",
    params(("season" = String, Path, example = "2026"), ("exam_no" = String, Path, example = "260101"), PageQuery),
    responses((status = 200, description = "A page of notices", body = Page<NoticeView>)))]
#[get("/seasons/{season}/candidates/{exam_no}/notices")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit()?;
    let (season, exam_no) = path.into_inner();
    let address = format!("/api/v1/seasons/{season}/candidates/{exam_no}/notices");
    let after = query.after()?;
    let before = match after.split_once(' ') {
        Some((at_ms, id)) => (at_ms.parse().unwrap_or(i64::MAX), id.to_owned()),
        None => (i64::MAX, String::new()),
    };
    let rows = list_notices(&app, &caller.0, season, exam_no, before, limit as i64 + 1).await?;
    let key = |row: &NoticeRow| format!("{} {}", row.created_at_ms, row.id);
    let view = |row: NoticeRow| NoticeView { at: wire_time::written(row.created_at_ms), text: row.text };
    Ok(page::answer(rows, limit, &address, key, view))
}
