//! The imports of a season that are the office's own, or all of them, are listed in the order of their uploads.

use crate::domain::access::Act;
use crate::service::app::{App, Caller};
use crate::service::data_in::own_rows::office;
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
        let (whose, of) = office(&transaction.actor, &season);
        transaction.season_for(Act::ListImports, &whose)?;
        Ok(imports::list(transaction.connection, &season, &of, &after, limit)?)
    })
    .await
}
