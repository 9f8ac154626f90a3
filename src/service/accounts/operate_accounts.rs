//! The operator of the machine makes, resets, disables and lists accounts from the command line.

use crate::domain::actor::Actor;
use crate::domain::role::Role;
use crate::service::accounts::create_account::{NewAccount, added, checked};
use crate::service::accounts::create_system_token::{NewToken, made};
use crate::service::accounts::disable_account::closed;
use crate::service::accounts::reset_access::anew;
use crate::service::app::{App, Transaction};
use crate::service::error::ServiceError;
use crate::service::stated_reason::check_reason;
use crate::storage::accounts;
pub use crate::storage::accounts::AccountRow;

async fn operate<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&App, &mut Transaction<'_>) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    let door = app.clone();
    app.database()
        .write(move |connection| {
            let mut transaction = Transaction::of_operator(connection, Actor::operator(), door.audit_key())?;
            work(&door, &mut transaction)
        })
        .await
}

/// Adds an account of any role but candidate; the first of the municipal centre comes from here. Returns its
/// initial code.
///
/// # Errors
/// `Invalid` with every fault; `Conflict` `taken`.
pub async fn add(app: &App, new: NewAccount) -> Result<String, ServiceError> {
    operate(app, move |app, transaction| {
        let role = checked(transaction, &new, Role::parse(&new.role))?;
        Ok(added(app, transaction, &new, role)?.1.to_string())
    })
    .await
}

/// Gives an account a new initial code and voids everything else it had.
///
/// # Errors
/// `NotFound`; `Invalid` for a reason of under 4 characters.
pub async fn reset(app: &App, login: String, reason: String) -> Result<String, ServiceError> {
    operate(app, move |app, transaction| {
        check_reason(&reason)?;
        let account =
            accounts::find_by_login(transaction.connection, &login)?.ok_or(ServiceError::NotFound)?;
        Ok(anew(app, transaction, account, &reason)?.1.to_string())
    })
    .await
}

/// Disables an account.
///
/// # Errors
/// `NotFound`; `Invalid` for a reason of under 4 characters.
pub async fn disable(app: &App, login: String, reason: String) -> Result<(), ServiceError> {
    operate(app, move |_, transaction| {
        check_reason(&reason)?;
        let account =
            accounts::find_by_login(transaction.connection, &login)?.ok_or(ServiceError::NotFound)?;
        closed(transaction, account, &reason)
    })
    .await
}

/// Accounts of staff and systems, by login.
///
/// # Errors
/// Storage failed.
pub async fn list(app: &App) -> Result<Vec<AccountRow>, ServiceError> {
    operate(app, |_, transaction| Ok(accounts::list_of_staff(transaction.connection, None, "", i64::MAX)?))
        .await
}

/// Makes a system token and returns it: it is told nowhere else.
///
/// # Errors
/// `Invalid` with every fault.
pub async fn token(app: &App, new: NewToken) -> Result<String, ServiceError> {
    operate(app, move |app, transaction| Ok(made(app, transaction, &new)?.0)).await
}
