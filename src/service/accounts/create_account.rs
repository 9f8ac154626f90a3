//! An office creates an account for another: the centre for offices and schools, a bureau for its schools.

use crate::domain::access::{Act, governs};
use crate::domain::actor::Whose;
use crate::domain::role::Role;
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::secrets::initial_code::InitialCode;
pub use crate::storage::accounts::AccountRow;
use crate::storage::error::StorageError;
use crate::storage::{accounts, junior_schools, senior_schools};

/// What a new account is to be. Candidates' accounts come from the roster (`issue_initial_codes`).
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub login: String,
    /// The office's or person's name, as it is shown.
    pub name: String,
    /// A word of [`Role`].
    pub role: String,
    /// A junior or senior high's code.
    pub school: Option<String>,
    /// A county bureau's area, or the school's.
    pub area: Option<String>,
}

/// Creates the account and returns its one-time initial code, which is told nowhere else.
///
/// # Errors
/// `Invalid` with every fault; `Conflict` `taken`; `NotFound` for an area or role out of reach.
pub async fn create_account(
    app: &App,
    caller: &Caller,
    new: NewAccount,
) -> Result<(AccountRow, InitialCode), ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let act = Act::CreateAccount;
        if act.reach(transaction.actor.role).is_none() {
            return Err(ServiceError::Forbidden);
        }
        let role = Role::parse(&new.role);
        // Of no concern is whom the actor does not govern, and what lies in another area.
        if role.is_some_and(|role| !governs(transaction.actor.role, role)) {
            return Err(ServiceError::NotFound);
        }
        transaction.permit(act, &Whose { area: new.area.clone(), ..Whose::default() })?;
        let role = checked(transaction, &new, role)?;
        let (account, code) = added(&door, transaction, &new, role)?;
        Ok((account, code))
    })
    .await
}

/// Every fault of a new account at once, or its role.
///
/// # Errors
/// `Invalid`.
pub fn checked(
    transaction: &mut Transaction<'_>,
    new: &NewAccount,
    role: Option<Role>,
) -> Result<Role, ServiceError> {
    let mut faults = Vec::new();
    let mut fault = |pointer, code, detail| faults.push(FieldFault::new(pointer, code, detail));
    let fits = |sign: char| sign.is_alphanumeric() || "-_.@".contains(sign);
    let length = new.login.chars().count();
    if !(4..=64).contains(&length) || !new.login.chars().all(fits) {
        fault("/login", "malformed", "must be 4 to 64 letters, digits, '-', '_', '.' or '@'");
    }
    if !(1..=100).contains(&new.name.trim().chars().count()) || new.name.chars().any(char::is_control) {
        fault("/name", "length", "must have 1 to 100 characters");
    }
    let school = match role {
        None | Some(Role::Candidate | Role::SystemToken) => {
            fault(
                "/role",
                "unknown",
                "must be junior_high, senior_high, county_bureau, municipal_centre or supervisor",
            );
            false
        }
        Some(Role::JuniorHigh | Role::SeniorHigh) => true,
        Some(_) => false,
    };
    match (&new.school, &new.area) {
        (Some(code), Some(area)) if school => {
            let known = if role == Some(Role::JuniorHigh) {
                junior_schools::stands(transaction.connection, code, area)?
            } else {
                senior_schools::stands(transaction.connection, code, area)?
            };
            if !known {
                fault("/school", "unknown", "no season has this school in this area");
            }
        }
        _ if school => fault("/school", "missing", "a school's account needs its school and its area"),
        (Some(_), _) => fault("/school", "unexpected", "only a school's account has a school"),
        (None, None) if role == Some(Role::CountyBureau) => {
            fault("/area", "missing", "a bureau's account needs its area");
        }
        (None, Some(_)) if role != Some(Role::CountyBureau) && role.is_some() => {
            fault("/area", "unexpected", "this role has no area");
        }
        _ => {}
    }
    match role {
        Some(role) if faults.is_empty() => Ok(role),
        _ => Err(ServiceError::Invalid(faults)),
    }
}

/// Adds a checked account with a fresh initial code and notes it.
///
/// # Errors
/// `Conflict` `taken`.
pub fn added(
    app: &App,
    transaction: &mut Transaction<'_>,
    new: &NewAccount,
    role: Role,
) -> Result<(AccountRow, InitialCode), ServiceError> {
    let id = uuid::Uuid::now_v7().to_string();
    let code = InitialCode::generate();
    let account = AccountRow {
        login: new.login.clone(),
        role: role.word().to_owned(),
        name: new.name.trim().to_owned(),
        season: None,
        exam_no: None,
        school: new.school.clone(),
        area: new.area.clone(),
        password_hash: app.keyring().stored_code(&id, &code),
        must_change: true,
        disabled: false,
        created_at_ms: transaction.at_ms,
        access_from: transaction.actor.account.clone(),
        id,
    };
    let change = accounts::add(transaction.connection, &account).map_err(|error| match error {
        StorageError::Stale => ServiceError::conflict("taken", "an account of this login exists"),
        other => other.into(),
    })?;
    let subject = format!("account:{}", account.id);
    transaction.note(Act::CreateAccount, "", &subject, role.word(), vec![change])?;
    Ok((account, code))
}
