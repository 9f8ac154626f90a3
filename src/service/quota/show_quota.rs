//! The quota: as the data give it now, for offices; as it was published, for everybody.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::quota::computed_quota::{ComputedQuota, computed_quota};
use crate::storage::quota_publications;
pub use crate::storage::quota_publications::QuotaPublicationRow;

/// What the data give now: nothing of it is published yet.
///
/// # Errors
/// As [`computed_quota`].
pub async fn preview_quota(app: &App, caller: &Caller, code: String) -> Result<ComputedQuota, ServiceError> {
    app.look(caller, move |transaction| {
        let season = transaction.season_for(Act::PreviewQuota, &Whose::season(&code))?;
        computed_quota(transaction, &season)
    })
    .await
}

/// What was published.
///
/// # Errors
/// `Conflict` `not_published` before that.
pub async fn show_quota(
    app: &App,
    caller: &Caller,
    code: String,
) -> Result<QuotaPublicationRow, ServiceError> {
    app.look(caller, move |transaction| {
        transaction.season_for(Act::ShowQuota, &Whose::season(&code))?;
        quota_publications::find(transaction.connection, &code)?
            .ok_or_else(|| ServiceError::conflict("not_published", "the quota is not published yet"))
    })
    .await
}
