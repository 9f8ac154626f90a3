//! A session begins: its row, its first tokens, and what its owner must still do.

use crate::domain::role::Role;
use crate::service::accounts::check_second_factor::Factors;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::accounts::AccountRow;
use crate::storage::database::AnyConnection;
use crate::storage::refresh_tokens::{self, RefreshTokenRow};
use crate::storage::sessions::{self, SessionRow};

/// How long a session of an office lasts at most: a working day.
const OFFICE_MS: i64 = 12 * 60 * 60 * 1000;

/// How long a candidate's lasts: the days of filling, so that 100,000 need not log in at the deadline.
const CANDIDATE_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// A session that has just begun, or gone on, with the tokens its owner alone has.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    pub caller: Caller,
    pub role: Role,
    pub access_token: String,
    pub refresh_token: String,
    /// Makes this device known at the next log-in; empty when the session only went on.
    pub device_token: String,
    /// The end of the session.
    pub expires_at_ms: i64,
    /// What must be done before anything else: `change_password`, `enrol_totp`.
    pub to_do: Vec<&'static str>,
}

/// Begins a session of an account whose password, and second factor if it has one, was right.
///
/// # Errors
/// Storage failed.
pub fn begin(
    app: &App,
    connection: &mut AnyConnection,
    account: &AccountRow,
    factors: &Factors,
    factor_shown: bool,
    at_ms: i64,
) -> Result<LoggedIn, ServiceError> {
    let role = role(account)?;
    let life_ms = if role == Role::Candidate { CANDIDATE_MS } else { OFFICE_MS };
    let session = SessionRow {
        id: uuid::Uuid::now_v7().to_string(),
        account: account.id.clone(),
        started_at_ms: at_ms,
        expires_at_ms: at_ms + life_ms,
        revoked_at_ms: None,
        stepped_up_at_ms: factor_shown.then_some(at_ms),
    };
    sessions::add(connection, &session)?;
    let epoch = u32::try_from(factors.row.device_epoch).unwrap_or(u32::MAX);
    let device_token = app.keyring().devices.issue(&account.id, epoch);
    Ok(LoggedIn { device_token, ..tokens(app, connection, account, factors, &session, at_ms)? })
}

/// New tokens of a session that lives.
///
/// # Errors
/// Storage failed.
pub fn tokens(
    app: &App,
    connection: &mut AnyConnection,
    account: &AccountRow,
    factors: &Factors,
    session: &SessionRow,
    at_ms: i64,
) -> Result<LoggedIn, ServiceError> {
    let role = role(account)?;
    let (refresh_token, digest) = app.keyring().new_refresh_token();
    let row = RefreshTokenRow { digest, session: session.id.clone(), issued_at_ms: at_ms, used_at_ms: None };
    refresh_tokens::add(connection, &row)?;
    let caller = Caller { account: account.id.clone(), session: session.id.clone() };
    Ok(LoggedIn {
        access_token: app.tokens().issue(&caller, at_ms),
        caller,
        role,
        refresh_token,
        device_token: String::new(),
        expires_at_ms: session.expires_at_ms,
        to_do: to_do(account, role, factors),
    })
}

/// What an account must do before anything else. Offices need an authenticator app.
pub fn to_do(account: &AccountRow, role: Role, factors: &Factors) -> Vec<&'static str> {
    let mut to_do = Vec::new();
    if account.must_change {
        to_do.push("change_password");
    }
    if role.needs_totp() && factors.row.totp_secret.is_none() {
        to_do.push("enrol_totp");
    }
    to_do
}

/// The role of an account.
///
/// # Errors
/// `Internal` for a word this program does not know.
pub fn role(account: &AccountRow) -> Result<Role, ServiceError> {
    Role::parse(&account.role)
        .ok_or_else(|| ServiceError::Internal(format!("account {} has an unknown role", account.id)))
}
