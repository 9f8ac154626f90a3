//! The record of acts, for supervisors.

use actix_web::web::{Data, Query};
use actix_web::{HttpResponse, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::service::app::App;
use crate::service::audit::list_audit_lines::{AuditLine, list_audit_lines};
use crate::service::error::ServiceError;
use crate::web::caller::Authenticated;
use crate::web::page::{self, Page, PageQuery};
use crate::web::problem::Problem;
use crate::web::wire_time;

/// Which chain.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChainQuery {
    /// 0 for offices, 1 to 16 for candidates.
    #[serde(default)]
    #[param(minimum = 0, maximum = 16, example = 0)]
    chain: i64,
    /// Items at most, 50 unless given.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<u32>,
    /// What `next` of the page before said.
    cursor: Option<String>,
}

/// A line of the record.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditLineView {
    chain: i64,
    number: i64,
    #[schema(format = DateTime)]
    at: String,
    actor: String,
    role: String,
    act: String,
    season: String,
    subject: String,
    detail: String,
    /// Rows it changed: `table key digest`, one per line.
    changes: String,
    seal: String,
}

/// Lists the lines of a chain in order.
#[utoipa::path(tag = "audit", operation_id = "list_audit_lines", params(ChainQuery),
    responses((status = 200, description = "A page of lines", body = Page<AuditLineView>)))]
#[get("/audit-lines")]
pub(crate) async fn list(
    app: Data<App>,
    caller: Authenticated,
    query: Query<ChainQuery>,
) -> Result<HttpResponse, Problem> {
    let ChainQuery { chain, limit, cursor } = query.into_inner();
    let query = PageQuery::new(limit, cursor);
    let limit = query.limit()?;
    let after = query.after()?;
    let after = if after.is_empty() {
        0
    } else {
        after
            .parse()
            .map_err(|_| ServiceError::invalid("cursor", "malformed", "is no cursor of this list"))?
    };
    let rows = list_audit_lines(&app, &caller.0, chain, after, limit as i64 + 1).await?;
    let view = |line: AuditLine| AuditLineView {
        chain: line.chain,
        number: line.number,
        at: wire_time::written(line.at_ms),
        actor: line.actor,
        role: line.role,
        act: line.act,
        season: line.season,
        subject: line.subject,
        detail: line.detail,
        changes: line.changes,
        seal: line.seal,
    };
    let path = format!("/api/v1/audit-lines?chain={chain}");
    Ok(page::answer(rows, limit, &path, |line| line.number.to_string(), view))
}
