//! The imports of a season are listed in the order of their uploads.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::imports::{self, ImportRow};

/// Imports after an id, at most `limit`.
///
/// # Errors
/// Only those of every use case.
pub async fn list_imports(
    app: &App,
    caller: &Caller,
    season: String,
    after: String,
    limit: i64,
) -> Result<Vec<ImportRow>, ServiceError> {
    app.look(caller, move |transaction| {
        transaction.season_for(Act::ListImports, &Whose::season(&season))?;
        Ok(imports::list(transaction.connection, &season, &after, limit)?)
    })
    .await
}
