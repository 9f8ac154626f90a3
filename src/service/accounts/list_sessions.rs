//! An owner sees where the own account is logged in.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::sessions;
pub use crate::storage::sessions::SessionRow;

/// The living sessions of the caller's account, newest first.
///
/// # Errors
/// Only those of every use case.
pub async fn list_sessions(app: &App, caller: &Caller) -> Result<Vec<SessionRow>, ServiceError> {
    app.look(caller, |transaction| {
        let season = transaction.actor.season.clone().unwrap_or_default();
        transaction.permit(Act::ListSessions, &Whose::season(&season))?;
        let account = transaction.actor.account.clone();
        Ok(sessions::list_of(transaction.connection, &account, transaction.at_ms)?)
    })
    .await
}
