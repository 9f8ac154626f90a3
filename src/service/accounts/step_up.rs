//! The second factor is shown again, and dangerous acts are open for five minutes.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::accounts::check_second_factor::Factors;
use crate::service::accounts::throttle_guesses::{admit, login_key};
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::secrets::throttle::Bucket;
use crate::storage::{accounts, login_attempts, sessions};

/// Shows the second factor in a session under way.
///
/// # Errors
/// `SecondFactorRequired` with the next challenge for a wrong answer; `TooMany`; `Conflict` `no_second_factor`.
pub async fn step_up(app: &App, caller: &Caller, answer: String) -> Result<(), ServiceError> {
    let (door, session) = (app.clone(), caller.session.clone());
    let outcome = app
        .act(caller, move |transaction| {
            let season = transaction.actor.season.clone().unwrap_or_default();
            transaction.permit(Act::StepUp, &Whose::season(&season))?;
            let (id, at_ms) = (transaction.actor.account.clone(), transaction.at_ms);
            let account =
                accounts::find(transaction.connection, &id)?.ok_or(ServiceError::Unauthenticated)?;
            // Counted by session: a thief of one session cannot stop the owner in another.
            let key = login_key(&door, &account.login);
            let attempt = admit(transaction.connection, &key, &Bucket::Session(session.clone()), at_ms)?;
            let factors = Factors::load(transaction.connection, &id)?;
            if !factors.any() {
                return Err(ServiceError::conflict(
                    "no_second_factor",
                    "this account has no second factor yet",
                ));
            }
            let shown = factors.shown(&door, &answer, at_ms)?;
            let used = match &shown {
                Some(shown) => factors.use_up(transaction.connection, shown)?,
                None => false,
            };
            if !used {
                factors.ask_anew(transaction.connection)?;
                return Ok(Some(Factors::load(transaction.connection, &id)?.challenge(&door)));
            }
            login_attempts::take_back(transaction.connection, &attempt)?;
            sessions::step_up(transaction.connection, &session, at_ms)?;
            transaction.note(Act::StepUp, &season, &format!("account:{id}"), "", Vec::new())?;
            Ok(None)
        })
        .await?;
    match outcome {
        None => Ok(()),
        Some(challenge) => Err(ServiceError::SecondFactorRequired { challenge }),
    }
}
