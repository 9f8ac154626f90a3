//! A session goes on: its refresh token is exchanged for new tokens, once.

use crate::domain::access::Act;
use crate::service::accounts::begin_session::{LoggedIn, tokens};
use crate::service::accounts::check_second_factor::Factors;
use crate::service::accounts::concern_account::subject;
use crate::service::app::{App, Transaction};
use crate::service::error::ServiceError;
use crate::storage::{accounts, clock, refresh_tokens, sessions};

/// New tokens for a refresh token. One that was used before is in two hands: its session ends at once.
///
/// # Errors
/// `Unauthenticated` for a token that is unknown, used, or of a session that has ended.
pub async fn refresh_session(app: &App, token: String) -> Result<LoggedIn, ServiceError> {
    let door = app.clone();
    let outcome = app
        .database()
        .write(move |connection| {
            let digest = door.keyring().refresh_digest(&token);
            let at_ms = clock::now_ms(connection)?;
            let Some(found) = refresh_tokens::find(connection, &digest)? else { return Ok(None) };
            let Some((actor, _)) = sessions::actor(connection, &found.session)? else { return Ok(None) };
            let account = accounts::find(connection, &actor.account)?;
            let session = sessions::find(connection, &found.session)?;
            let Some((account, session)) = account.zip(session) else { return Ok(None) };
            if !refresh_tokens::use_once(connection, &digest, at_ms)? {
                sessions::revoke(connection, &found.session, at_ms)?;
                let season = account.season.clone().unwrap_or_default();
                let mut transaction = Transaction::of_operator(connection, actor, door.audit_key())?;
                let why = "a refresh token came twice; the session was ended";
                transaction.note(Act::RefreshSession, &season, &subject(&account), why, Vec::new())?;
                return Ok(None);
            }
            let factors = Factors::load(connection, &account.id)?;
            tokens(&door, connection, &account, &factors, &session, at_ms).map(Some)
        })
        .await?;
    outcome.ok_or(ServiceError::Unauthenticated)
}
