//! An office gives somebody new access who lost the old: a new initial code, all else void, and a reason on record.

use crate::domain::access::Act;
use crate::service::accounts::concern_account::{concerned, subject};
use crate::service::accounts::throttle_guesses::login_key;
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::service::people::show_candidate;
use crate::service::secrets::initial_code::InitialCode;
use crate::service::stated_reason::check_reason;
use crate::storage::accounts::{self, AccountRow};
use crate::storage::{login_attempts, second_factors, sessions};

/// A new initial code for an account. Password, second factors, known devices and all sessions are void; wrong
/// guesses are forgotten.
///
/// # Errors
/// `Invalid` for a reason of under 4 characters; `NotFound`; `StepUpRequired`; `Conflict` `disabled`.
pub async fn reset_access(
    app: &App,
    caller: &Caller,
    account: String,
    reason: String,
) -> Result<(AccountRow, InitialCode), ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let account = concerned(transaction, Act::ResetAccess, &account)?;
        given(&door, transaction, account, &reason)
    })
    .await
}

/// As [`reset_access`], of a pupil's account: her school knows her exam number and no account.
///
/// # Errors
/// As [`reset_access`]; `Conflict` `no_account` before a code was printed for her.
pub async fn reset_candidate_access(
    app: &App,
    caller: &Caller,
    season: String,
    exam_no: String,
    reason: String,
) -> Result<(AccountRow, InitialCode), ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let (_, candidate) = show_candidate::concerned(transaction, Act::ResetAccess, &season, &exam_no)?;
        let found = accounts::of_candidate(transaction.connection, &candidate.season, &candidate.exam_no)?;
        let account =
            found.ok_or_else(|| ServiceError::conflict("no_account", "she was given no access yet"))?;
        given(&door, transaction, account, &reason)
    })
    .await
}

/// New access, if the reason is one and the account is open.
fn given(
    app: &App,
    transaction: &mut Transaction<'_>,
    account: AccountRow,
    reason: &str,
) -> Result<(AccountRow, InitialCode), ServiceError> {
    check_reason(reason)?;
    if account.disabled {
        return Err(ServiceError::conflict("disabled", "the account is disabled"));
    }
    anew(app, transaction, account, reason)
}

/// Voids everything an account had and gives it a new code.
///
/// # Errors
/// Storage failed.
pub fn anew(
    app: &App,
    transaction: &mut Transaction<'_>,
    mut account: AccountRow,
    reason: &str,
) -> Result<(AccountRow, InitialCode), ServiceError> {
    let code = InitialCode::generate();
    account.password_hash = app.keyring().stored_code(&account.id, &code);
    account.must_change = true;
    account.access_from = transaction.actor.account.clone();
    let mut factors = second_factors::find(transaction.connection, &account.id)?;
    factors.totp_secret = None;
    factors.totp_offered = None;
    factors.device_epoch += 1;
    // The serial goes on counting, below zero while no card is valid: a lost card never becomes good again.
    factors.card_serial = -factors.card_serial.abs();
    let changes = vec![
        accounts::replace(transaction.connection, &account)?,
        second_factors::put(transaction.connection, &factors)?,
    ];
    login_attempts::forget(transaction.connection, &login_key(app, &account.login))?;
    sessions::revoke_of(transaction.connection, &account.id, None, transaction.at_ms)?;
    let season = account.season.clone().unwrap_or_default();
    transaction.note(Act::ResetAccess, &season, &subject(&account), reason.trim(), changes)?;
    Ok((account, code))
}
