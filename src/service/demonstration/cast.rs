//! The people of the demonstration: one account of each role, without a password that anybody could type.

use crate::domain::access::Act;
use crate::domain::actor::Actor;
use crate::domain::role::Role;
use crate::service::accounts::begin_session::{LoggedIn, begin};
use crate::service::accounts::check_second_factor::{Factors, sealed};
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::service::secrets::os_random::random_bytes;
use crate::storage::accounts::{self, AccountRow};
use crate::storage::second_factors::{self, SecondFactorRow};
use crate::storage::{clock, sessions};

/// How long after its beginning a session may still do dangerous acts: nobody has an app for these accounts.
const ALWAYS_MS: i64 = 365 * 24 * 60 * 60 * 1000;

/// Somebody of the demonstration.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub login: String,
    pub name: String,
    pub exam_no: Option<String>,
    pub school: Option<String>,
    pub area: Option<String>,
}

/// Adds an account that only the demonstration itself opens. Returns its id.
///
/// # Errors
/// Storage failed.
pub async fn add_part(app: &App, season: &str, role: Role, part: Part) -> Result<String, ServiceError> {
    let (door, season) = (app.clone(), season.to_owned());
    let work = move |connection: &mut _| {
        let mut transaction = Transaction::of_operator(connection, Actor::operator(), door.audit_key())?;
        let account = AccountRow {
            id: uuid::Uuid::now_v7().to_string(),
            login: part.login,
            role: role.word().to_owned(),
            name: part.name,
            season: part.exam_no.as_ref().map(|_| season),
            exam_no: part.exam_no,
            school: part.school,
            area: part.area,
            // The hash of nothing: no password opens it.
            password_hash: String::new(),
            must_change: false,
            disabled: false,
            created_at_ms: transaction.at_ms,
            access_from: String::new(),
        };
        let mut changes = vec![accounts::add(transaction.connection, &account)?];
        if role.needs_totp() {
            let factors = SecondFactorRow {
                account: account.id.clone(),
                totp_secret: Some(sealed(&door, &account.id, "totp_secret", random_bytes())),
                ..SecondFactorRow::default()
            };
            changes.push(second_factors::put(transaction.connection, &factors)?);
        }
        transaction.note(Act::CreateAccount, "", &account.login, "of the demonstration", changes)?;
        Ok::<_, ServiceError>(account.id)
    };
    app.database().write(work).await
}

/// Begins a session of a part without a password.
///
/// # Errors
/// `NotFound` for an account that has a password: it is nobody's part.
pub async fn enter(app: &App, account: String) -> Result<LoggedIn, ServiceError> {
    let door = app.clone();
    let work = move |connection: &mut _| {
        let account = accounts::find(connection, &account)?
            .filter(|account| account.password_hash.is_empty())
            .ok_or(ServiceError::NotFound)?;
        let at_ms = clock::now_ms(connection)?;
        let factors = Factors::load(connection, &account.id)?;
        let session = begin(&door, connection, &account, &factors, true, at_ms)?;
        sessions::step_up(connection, &session.caller.session, at_ms + ALWAYS_MS)?;
        Ok::<_, ServiceError>(session)
    };
    app.database().write(work).await
}

/// As [`enter`], for calling use cases.
///
/// # Errors
/// As [`enter`].
pub async fn caller(app: &App, account: &str) -> Result<Caller, ServiceError> {
    Ok(enter(app, account.to_owned()).await?.caller)
}
