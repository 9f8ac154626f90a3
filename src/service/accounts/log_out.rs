//! A session is ended by its owner: this one, or another of the same account.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::sessions;

/// Ends a session of the caller's account; without an id the caller's own.
///
/// # Errors
/// `NotFound` for a session of somebody else, or one that has ended.
pub async fn log_out(app: &App, caller: &Caller, session: Option<String>) -> Result<(), ServiceError> {
    let session = session.unwrap_or_else(|| caller.session.clone());
    app.act(caller, move |transaction| {
        let season = transaction.actor.season.clone().unwrap_or_default();
        transaction.permit(Act::LogOut, &Whose::season(&season))?;
        let account = transaction.actor.account.clone();
        let alive = sessions::list_of(transaction.connection, &account, transaction.at_ms)?;
        if !alive.iter().any(|one| one.id == session) {
            return Err(ServiceError::NotFound);
        }
        sessions::revoke(transaction.connection, &session, transaction.at_ms)?;
        let subject = format!("account:{account}");
        transaction.note(Act::LogOut, &season, &subject, "", Vec::new())
    })
    .await
}
