//! An owner chooses a new password: checked against what others know, and every session ends.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::accounts::begin_session::{LoggedIn, begin};
use crate::service::accounts::check_second_factor::Factors;
use crate::service::accounts::concern_account::subject;
use crate::service::accounts::throttle_guesses::{admit, login_key};
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::people::sealed_person::{open_guardian_phone, open_id_no};
use crate::service::secrets::password_pool::NotHashed;
use crate::service::secrets::password_rule::{Known, Weakness, weaknesses};
use crate::service::secrets::throttle::Bucket;
use crate::storage::accounts::{self, AccountRow};
use crate::storage::{candidates, junior_schools, login_attempts};

/// The present password and the one to come.
#[derive(Clone)]
pub struct NewPassword {
    /// Not needed while the account still has its initial code.
    pub current: Option<String>,
    pub new: String,
}

/// What the first transaction found.
struct Begun {
    account: AccountRow,
    attempt: String,
    weak: Vec<Weakness>,
}

/// Sets a new password. All sessions of the account end; the answer is a new one for this device.
///
/// # Errors
/// `Invalid` with every weakness of the new password; `WrongCredentials` for a wrong present one; `TooMany`; `Busy`.
pub async fn change_password(
    app: &App,
    caller: &Caller,
    given: NewPassword,
) -> Result<LoggedIn, ServiceError> {
    let (door, session, new) = (app.clone(), caller.session.clone(), given.new.clone());
    let begun = app
        .act(caller, move |transaction| {
            let season = transaction.actor.season.clone().unwrap_or_default();
            transaction.permit(Act::ChangePassword, &Whose::season(&season))?;
            let id = transaction.actor.account.clone();
            let account =
                accounts::find(transaction.connection, &id)?.ok_or(ServiceError::Unauthenticated)?;
            let weak = weak(&door, transaction, &account, &new)?;
            // Who holds a stolen session may guess the present password no oftener than at the log-in.
            let key = login_key(&door, &account.login);
            let at_ms = transaction.at_ms;
            let attempt = admit(transaction.connection, &key, &Bucket::Session(session), at_ms)?;
            Ok(Begun { account, attempt, weak })
        })
        .await?;
    let Begun { account, attempt, weak } = begun;
    if !account.must_change {
        let passwords = &app.keyring().passwords;
        let current = given.current.unwrap_or_default();
        if !passwords.verify(current, Some(account.password_hash.clone())).await.map_err(not_hashed)? {
            return Err(ServiceError::WrongCredentials);
        }
    }
    if !weak.is_empty() {
        take_back(app, attempt).await?;
        let fault = |weak: Weakness| FieldFault::new("/new_password", weak.word(), weak.to_string());
        return Err(ServiceError::Invalid(weak.into_iter().map(fault).collect()));
    }
    let hash = app.keyring().passwords.hash(given.new).await.map_err(not_hashed)?;
    let door = app.clone();
    app.act(caller, move |transaction| {
        let at_ms = transaction.at_ms;
        let found = accounts::find(transaction.connection, &account.id)?;
        // Changed or reset since the present password was looked at: this change is void.
        let mut account = found
            .filter(|found| found.password_hash == account.password_hash)
            .ok_or(ServiceError::Unauthenticated)?;
        account.password_hash = hash;
        account.must_change = false;
        let change = accounts::replace(transaction.connection, &account)?;
        login_attempts::forget(transaction.connection, &login_key(&door, &account.login))?;
        let shown = transaction.actor.stepped_up;
        crate::storage::sessions::revoke_of(transaction.connection, &account.id, None, at_ms)?;
        let factors = Factors::load(transaction.connection, &account.id)?;
        let session = begin(&door, transaction.connection, &account, &factors, shown, at_ms)?;
        let season = account.season.clone().unwrap_or_default();
        transaction.note(Act::ChangePassword, &season, &subject(&account), "", vec![change])?;
        Ok(session)
    })
    .await
}

fn not_hashed(error: NotHashed) -> ServiceError {
    match error {
        NotHashed::Full { retry_after_s } => ServiceError::Busy { retry_after_s: u64::from(retry_after_s) },
        NotHashed::Cost => ServiceError::Internal(error.to_string()),
    }
}

async fn take_back(app: &App, attempt: String) -> Result<(), ServiceError> {
    let taken =
        move |connection: &mut _| login_attempts::take_back(connection, &attempt).map_err(ServiceError::from);
    app.database().write(taken).await
}

/// Every weakness of a password for this very person, by what the roster knows about her.
fn weak(
    app: &App,
    transaction: &mut Transaction<'_>,
    account: &AccountRow,
    password: &str,
) -> Result<Vec<Weakness>, ServiceError> {
    let (season, exam_no) = (account.season.clone().unwrap_or_default(), account.exam_no.clone());
    let candidate = match &exam_no {
        Some(exam_no) => candidates::find(transaction.connection, &season, exam_no)?,
        None => None,
    };
    let Some(candidate) = candidate else {
        let known = Known { login: &account.login, name: &account.name, ..Known::default() };
        return Ok(weaknesses(password, &known));
    };
    let school = junior_schools::find(transaction.connection, &season, &candidate.junior_code)?;
    let id_number = open_id_no(app.fields(), &candidate)?;
    let phone = open_guardian_phone(app.fields(), &candidate)?;
    let known = Known {
        login: &account.login,
        name: &candidate.name,
        id_number: &id_number,
        birthday: None,
        exam_number: &candidate.exam_no,
        phones: &[&phone],
        school: school.as_ref().map_or("", |school| &school.name),
    };
    Ok(weaknesses(password, &known))
}
