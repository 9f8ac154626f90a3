//! The ledger, and who came.

use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::app::App;
use crate::service::ledger::list_ledger::{LedgerEntryRow, list_ledger};
use crate::service::ledger::report_enrolment::report_enrolment;
use crate::web::caller::Authenticated;
use crate::web::problem::Problem;
use crate::web::wire_time;

/// An entry of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerEntryView {
    number: i64,
    /// `correction` of a score, or `override` by an authority.
    #[schema(example = "correction")]
    kind: String,
    #[schema(example = "260101")]
    exam_no: String,
    /// Empty without a place.
    from_programme: String,
    to_programme: String,
    seat: String,
    #[schema(example = "成绩复核组 2026-17")]
    authority: String,
    #[schema(example = "score_review")]
    reason: String,
    /// Of the proposal that all signed.
    content_hash: String,
    #[schema(format = DateTime)]
    at: String,
}

impl From<LedgerEntryRow> for LedgerEntryView {
    fn from(row: LedgerEntryRow) -> LedgerEntryView {
        LedgerEntryView {
            number: row.number,
            kind: row.kind,
            exam_no: row.exam_no,
            from_programme: row.from_programme,
            to_programme: row.to_programme,
            seat: row.seat,
            authority: row.authority,
            reason: row.reason,
            content_hash: row.content_hash,
            at: wire_time::written(row.at_ms),
        }
    }
}

/// Lists the ledger: what differs from the published result.
#[utoipa::path(tag = "ledger", operation_id = "list_ledger", params(("season" = String, Path, example = "2026")),
    responses((status = 200, description = "The entries by number", body = Vec<LedgerEntryView>)))]
#[get("/seasons/{season}/ledger")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    season: Path<String>,
) -> Result<Json<Vec<LedgerEntryView>>, Problem> {
    let rows = list_ledger(&app, &caller.0, season.into_inner()).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// Whether one candidate came.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentReport {
    #[schema(example = "260101")]
    exam_no: String,
    /// `false`: she did not come.
    #[schema(example = true)]
    enrolled: bool,
}

/// Who came.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentRequest {
    reports: Vec<EnrolmentReport>,
}

/// How many were reported.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrolmentView {
    reported: usize,
}

/// Reports who of those admitted to a senior high came, and who did not; all of it or nothing.
#[utoipa::path(tag = "ledger", operation_id = "report_enrolment",
    params(("season" = String, Path, example = "2026"), ("senior" = String, Path, example = "S01")),
    request_body = EnrolmentRequest,
    responses((status = 200, description = "How many were reported", body = EnrolmentView)))]
#[post("/seasons/{season}/senior-schools/{senior}/enrolments")]
pub(crate) async fn report(
    app: Data<App>,
    caller: Authenticated,
    path: Path<(String, String)>,
    body: Json<EnrolmentRequest>,
) -> Result<Json<EnrolmentView>, Problem> {
    let (season, school) = path.into_inner();
    let reports = body.into_inner().reports.into_iter().map(|one| (one.exam_no, one.enrolled)).collect();
    let reported = report_enrolment(&app, &caller.0, season, school, reports).await?;
    Ok(Json(EnrolmentView { reported }))
}
