//! Somebody logs in: throttle, password, second factor, in this order, and an equal answer to every wrong one.

use crate::domain::access::Act;
use crate::domain::role::Role;
use crate::service::accounts::begin_session::{LoggedIn, begin, role};
use crate::service::accounts::check_second_factor::Factors;
use crate::service::accounts::concern_account::subject;
use crate::service::accounts::throttle_guesses::{admit, login_key};
use crate::service::app::{App, Transaction};
use crate::service::error::ServiceError;
use crate::service::secrets::password_pool::NotHashed;
use crate::service::secrets::throttle::Bucket;
use crate::storage::accounts::{self, AccountRow};
use crate::storage::database::AnyConnection;
use crate::storage::{clock, login_attempts, sessions};

/// What somebody shows to get in.
#[derive(Clone)]
pub struct Given {
    pub login: String,
    /// The password, or the one-time initial code.
    pub password: String,
    /// The code of the app, or the cells of the card.
    pub answer: Option<String>,
    /// The device token of an earlier log-in.
    pub device: Option<String>,
}

/// A guess that may be tried.
struct Admitted {
    account: Option<AccountRow>,
    /// The counted guess; none for a right initial code, whose 94 bits need no throttle.
    attempt: Option<String>,
    code_is_right: bool,
}

/// How a log-in ended; what was noted about a wrong one stays.
enum Outcome {
    In(Box<LoggedIn>),
    Wrong,
    /// The password is right, the second factor is missing or wrong.
    SecondFactor(Vec<String>),
}

/// Logs in.
///
/// # Errors
/// `WrongCredentials` for an unknown login, a wrong password or a disabled account alike;
/// `SecondFactorRequired` only after a right password; `TooMany`; `Busy` when too many log in at once.
pub async fn log_in(app: &App, given: Given) -> Result<LoggedIn, ServiceError> {
    let key = login_key(app, &given.login);
    let (door, asked, counted) = (app.clone(), given.clone(), key.clone());
    let admitted: Admitted =
        app.database().write(move |connection| admitted(&door, connection, &asked, &counted)).await?;
    let stored = admitted.account.as_ref().map(|account| account.password_hash.clone());
    // A right code is not hashed, but its owner waits as long as everybody else.
    let verified = app.keyring().passwords.verify(given.password.clone(), stored.clone()).await;
    let right = match verified {
        Ok(right) => right || admitted.code_is_right,
        Err(NotHashed::Full { retry_after_s }) => {
            take_back(app, admitted.attempt).await?;
            return Err(ServiceError::Busy { retry_after_s: u64::from(retry_after_s) });
        }
        Err(error @ NotHashed::Cost) => return Err(ServiceError::Internal(error.to_string())),
    };
    let Some(account) = admitted.account.filter(|_| right) else {
        return Err(ServiceError::WrongCredentials);
    };
    let door = app.clone();
    let conclude = move |connection: &mut AnyConnection| {
        conclude(&door, connection, &account, &given, admitted.attempt.as_deref())
    };
    match app.database().write(conclude).await? {
        Outcome::In(session) => Ok(*session),
        Outcome::Wrong => Err(ServiceError::WrongCredentials),
        Outcome::SecondFactor(challenge) => Err(ServiceError::SecondFactorRequired { challenge }),
    }
}

/// Finds the account and lets the guess pass the throttle of its bucket.
fn admitted(
    app: &App,
    connection: &mut AnyConnection,
    given: &Given,
    key: &str,
) -> Result<Admitted, ServiceError> {
    let at_ms = clock::now_ms(connection)?;
    let account = accounts::find_by_login(connection, &given.login)?
        .filter(|account| !account.disabled && account.role != Role::SystemToken.word());
    let Some(account) = account else {
        let attempt = Some(admit(connection, key, &Bucket::Nobody, at_ms)?);
        return Ok(Admitted { account: None, attempt, code_is_right: false });
    };
    if app.keyring().is_code(&account.id, &account.password_hash, &given.password) {
        return Ok(Admitted { account: Some(account), attempt: None, code_is_right: true });
    }
    let factors = Factors::load(connection, &account.id)?;
    let bucket = bucket(app, &account, &factors, given, at_ms)?;
    let attempt = Some(admit(connection, key, &bucket, at_ms)?);
    Ok(Admitted { account: Some(account), attempt, code_is_right: false })
}

/// Whose guesses this one counts with. What strangers do never counts against a known device, nor against
/// somebody who shows the right second factor.
fn bucket(
    app: &App,
    account: &AccountRow,
    factors: &Factors,
    given: &Given,
    at_ms: i64,
) -> Result<Bucket, ServiceError> {
    if let Some(answer) = &given.answer
        && factors.shown(app, answer, at_ms)?.is_some()
    {
        return Ok(Bucket::SecondFactor);
    }
    let epoch = u32::try_from(factors.row.device_epoch).unwrap_or(u32::MAX);
    let device =
        given.device.as_deref().and_then(|token| app.keyring().devices.read(token, &account.id, epoch));
    Ok(device.map_or(Bucket::Stranger, Bucket::Device))
}

/// The password was right: asks for the second factor, or begins the session and notes it.
fn conclude(
    app: &App,
    connection: &mut AnyConnection,
    verified: &AccountRow,
    given: &Given,
    attempt: Option<&str>,
) -> Result<Outcome, ServiceError> {
    // Since the password was looked at it may have been changed, or the account disabled.
    let account = accounts::find(connection, &verified.id)?
        .filter(|account| account.password_hash == verified.password_hash && !account.disabled);
    let Some(account) = account else { return Ok(Outcome::Wrong) };
    let at_ms = clock::now_ms(connection)?;
    let factors = Factors::load(connection, &account.id)?;
    if factors.any() {
        let Some(answer) = given.answer.as_deref().filter(|answer| !answer.trim().is_empty()) else {
            // Nothing was guessed: the owner is about to look at the card.
            if let Some(attempt) = attempt {
                login_attempts::take_back(connection, attempt)?;
            }
            return Ok(Outcome::SecondFactor(factors.challenge(app)));
        };
        let shown = factors.shown(app, answer, at_ms)?;
        let used = match &shown {
            Some(shown) => factors.use_up(connection, shown)?,
            None => false,
        };
        if !used {
            if attempt.is_none() {
                // A right initial code passed no throttle; its second factor does.
                admit(connection, &login_key(app, &given.login), &Bucket::Stranger, at_ms)?;
            }
            factors.ask_anew(connection)?;
            return Ok(Outcome::SecondFactor(Factors::load(connection, &account.id)?.challenge(app)));
        }
    }
    if let Some(attempt) = attempt {
        login_attempts::take_back(connection, attempt)?;
    }
    let session = begin(app, connection, &account, &factors, factors.any(), at_ms)?;
    let (actor, _) = sessions::actor(connection, &session.caller.session)?
        .ok_or_else(|| ServiceError::Internal("a session that has just begun is not there".to_owned()))?;
    let season = account.season.clone().unwrap_or_default();
    let mut transaction = Transaction::of_operator(connection, actor, app.audit_key())?;
    transaction.note(Act::LogIn, &season, &subject(&account), role(&account)?.word(), Vec::new())?;
    Ok(Outcome::In(Box::new(session)))
}

/// A guess that was never tried does not count.
async fn take_back(app: &App, attempt: Option<String>) -> Result<(), ServiceError> {
    let Some(attempt) = attempt else { return Ok(()) };
    app.database()
        .write(move |connection| login_attempts::take_back(connection, &attempt).map_err(ServiceError::from))
        .await
}
