//! A supervisor reads the record of acts.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::audit_lines;
pub use crate::storage::audit_lines::AuditLine;

/// Lines of a chain after a number, in order.
///
/// # Errors
/// Only those of every use case.
pub async fn list_audit_lines(
    app: &App,
    caller: &Caller,
    chain: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<AuditLine>, ServiceError> {
    app.look(caller, move |transaction| {
        transaction.permit(Act::ListAuditLines, &Whose::default())?;
        Ok(audit_lines::list(transaction.connection, chain, after, limit)?)
    })
    .await
}
