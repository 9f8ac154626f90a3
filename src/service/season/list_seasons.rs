//! The seasons an actor takes part in.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::seasons::{self, SeasonRow};

/// Seasons by code after `after`; a candidate sees her own only.
///
/// # Errors
/// Only those of every use case.
pub async fn list_seasons(
    app: &App,
    caller: &Caller,
    after: String,
    limit: i64,
) -> Result<Vec<SeasonRow>, ServiceError> {
    app.look(caller, move |transaction| {
        let own = transaction.actor.season.clone();
        transaction.permit(Act::ListSeasons, &Whose::season(own.as_deref().unwrap_or("")))?;
        match own {
            None => Ok(seasons::list(transaction.connection, &after, limit)?),
            Some(own) if own > after => {
                Ok(seasons::find(transaction.connection, &own)?.into_iter().collect())
            }
            Some(_) => Ok(Vec::new()),
        }
    })
    .await
}
