//! The centre gives another system a token: random, told once, limited to named operations, revocable.

use crate::domain::access::{Act, TABLE};
use crate::domain::actor::Whose;
use crate::domain::role::Role;
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::{FieldFault, ServiceError};
use crate::storage::accounts::{self, AccountRow};
use crate::storage::sessions::{self, SessionRow};
use crate::storage::system_tokens::{self, SystemTokenRow};

/// How long a token lives at most: a season and its filing.
const LONGEST_DAYS: i64 = 400;

/// What a token is to be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Which system gets it.
    pub label: String,
    /// Operation ids it is limited to.
    pub scopes: Vec<String>,
    pub days: i64,
}

/// Makes a token and returns it with the id of its account, by which it is disabled.
///
/// # Errors
/// `Invalid` with every fault; `StepUpRequired`.
pub async fn create_system_token(
    app: &App,
    caller: &Caller,
    new: NewToken,
) -> Result<(String, String), ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        transaction.permit(Act::CreateSystemToken, &Whose::default())?;
        made(&door, transaction, &new)
    })
    .await
}

/// Makes a token with its account and its session.
///
/// # Errors
/// `Invalid` with every fault.
pub fn made(
    app: &App,
    transaction: &mut Transaction<'_>,
    new: &NewToken,
) -> Result<(String, String), ServiceError> {
    let mut faults = Vec::new();
    if !(1..=100).contains(&new.label.trim().chars().count()) {
        faults.push(FieldFault::new("/label", "length", "must have 1 to 100 characters"));
    }
    if !(1..=LONGEST_DAYS).contains(&new.days) {
        faults.push(FieldFault::new("/days", "range", "must be 1 to 400"));
    }
    for (at, scope) in new.scopes.iter().enumerate() {
        let open = |word: &str| {
            TABLE.iter().any(|rule| rule.act.word() == word && rule.act.reach(Role::SystemToken).is_some())
        };
        if !open(scope) {
            let rule = "is no operation that a system token may do";
            faults.push(FieldFault::new(format!("/scopes/{at}"), "unknown", rule));
        }
    }
    if new.scopes.is_empty() {
        faults.push(FieldFault::new("/scopes", "missing", "must name at least one operation"));
    }
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults));
    }
    let (token, session) = app.keyring().new_system_token();
    let at_ms = transaction.at_ms;
    let id = uuid::Uuid::now_v7().to_string();
    let account = AccountRow {
        login: format!("system-{id}"),
        role: Role::SystemToken.word().to_owned(),
        name: new.label.trim().to_owned(),
        season: None,
        exam_no: None,
        school: None,
        area: None,
        password_hash: String::new(),
        must_change: false,
        disabled: false,
        created_at_ms: at_ms,
        access_from: String::new(),
        id: id.clone(),
    };
    let mut changes = vec![accounts::add(transaction.connection, &account)?];
    let row = SessionRow {
        id: session.clone(),
        account: id.clone(),
        started_at_ms: at_ms,
        expires_at_ms: at_ms + new.days * 24 * 60 * 60 * 1000,
        revoked_at_ms: None,
        stepped_up_at_ms: None,
    };
    sessions::add(transaction.connection, &row)?;
    let limits = SystemTokenRow {
        session,
        account: id.clone(),
        label: account.name,
        scopes: new.scopes.join(" "),
        created_by: transaction.actor.account.clone(),
    };
    changes.push(system_tokens::add(transaction.connection, &limits)?);
    transaction.note(Act::CreateSystemToken, "", &format!("account:{id}"), limits.scopes, changes)?;
    Ok((token, id))
}
