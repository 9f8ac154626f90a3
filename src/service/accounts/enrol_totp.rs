//! An office enrols an authenticator app: a secret is offered, and counts from its first right code on.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::accounts::check_second_factor::{opened, sealed};
use crate::service::accounts::throttle_guesses::{admit, login_key};
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::secrets::throttle::Bucket;
use crate::service::secrets::totp;
use crate::storage::factor_uses::{self, FactorUseRow};
use crate::storage::{accounts, login_attempts, second_factors, sessions};

/// Offers a new secret, as the address that the app takes in. The present app stays good until the new one has
/// shown a right code.
///
/// # Errors
/// `StepUpRequired` when there is an app already and it was not shown a few minutes ago; `Restricted` before the
/// initial code is replaced.
pub async fn enrol_totp(app: &App, caller: &Caller) -> Result<String, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let act = Act::EnrolTotp;
        transaction.permit(act, &Whose::default())?;
        let id = transaction.actor.account.clone();
        let account = accounts::find(transaction.connection, &id)?.ok_or(ServiceError::Unauthenticated)?;
        if account.must_change {
            // Whoever found the printed code must not be able to bind an own app to the account.
            return Err(ServiceError::Restricted);
        }
        let mut row = second_factors::find(transaction.connection, &id)?;
        if row.totp_secret.is_some() && !transaction.actor.stepped_up {
            return Err(ServiceError::StepUpRequired);
        }
        let secret = totp::new_secret();
        row.totp_offered = Some(sealed(&door, &id, "totp_offered", secret));
        let change = second_factors::put(transaction.connection, &row)?;
        transaction.note(act, "", &format!("account:{id}"), "", vec![change])?;
        Ok(totp::enrolment_uri(secret, &account.login))
    })
    .await
}

/// The first code of the offered secret: from now on the app counts, and the session has shown it.
///
/// # Errors
/// `Invalid` for a wrong code; `Conflict` `nothing_offered`; `TooMany`.
pub async fn confirm_totp(app: &App, caller: &Caller, code: String) -> Result<(), ServiceError> {
    let (door, session) = (app.clone(), caller.session.clone());
    let right = app
        .act(caller, move |transaction| {
            let act = Act::ConfirmTotp;
            transaction.permit(act, &Whose::default())?;
            let (id, at_ms) = (transaction.actor.account.clone(), transaction.at_ms);
            let account =
                accounts::find(transaction.connection, &id)?.ok_or(ServiceError::Unauthenticated)?;
            let mut row = second_factors::find(transaction.connection, &id)?;
            let Some(offered) = row.totp_offered.take() else {
                return Err(ServiceError::conflict("nothing_offered", "ask for a secret first"));
            };
            let key = login_key(&door, &account.login);
            let attempt = admit(transaction.connection, &key, &Bucket::Session(session.clone()), at_ms)?;
            let secret = opened(&door, &id, "totp_offered", &offered)?;
            let now_s = u64::try_from(at_ms / 1000).unwrap_or(0);
            let Some(step) = totp::accepted_step(secret, &code, now_s, None) else { return Ok(false) };
            let seen = factor_uses::find(transaction.connection, &id)?;
            let step = i64::try_from(step).unwrap_or(i64::MAX);
            let next = FactorUseRow { totp_last_step: step, ..seen.clone() };
            if !factor_uses::advance(transaction.connection, &seen, &next)? {
                return Ok(false);
            }
            row.totp_secret = Some(sealed(&door, &id, "totp_secret", secret));
            let change = second_factors::put(transaction.connection, &row)?;
            login_attempts::take_back(transaction.connection, &attempt)?;
            // Sessions that never showed the new app end.
            sessions::revoke_of(transaction.connection, &id, Some(&session), at_ms)?;
            sessions::step_up(transaction.connection, &session, at_ms)?;
            transaction.note(act, "", &format!("account:{id}"), "", vec![change])?;
            Ok(true)
        })
        .await?;
    if right {
        Ok(())
    } else {
        Err(ServiceError::invalid("/code", "wrong", "is not the app's present code; check the phone's clock"))
    }
}
