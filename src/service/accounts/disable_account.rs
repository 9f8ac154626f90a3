//! An office closes an account: all its sessions end at once, and nobody logs in to it any more.

use crate::domain::access::Act;
use crate::service::accounts::concern_account::{concerned, subject};
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::service::stated_reason::check_reason;
use crate::storage::accounts::{self, AccountRow};
use crate::storage::sessions;

/// Disables an account.
///
/// # Errors
/// `Invalid` for a reason of under 4 characters; `NotFound`; `StepUpRequired`; `Conflict` `disabled`.
pub async fn disable_account(
    app: &App,
    caller: &Caller,
    account: String,
    reason: String,
) -> Result<(), ServiceError> {
    app.act(caller, move |transaction| {
        let account = concerned(transaction, Act::DisableAccount, &account)?;
        check_reason(&reason)?;
        if account.disabled {
            return Err(ServiceError::conflict("disabled", "the account is disabled already"));
        }
        closed(transaction, account, &reason)
    })
    .await
}

/// Closes an account.
///
/// # Errors
/// Storage failed.
pub fn closed(
    transaction: &mut Transaction<'_>,
    mut account: AccountRow,
    reason: &str,
) -> Result<(), ServiceError> {
    account.disabled = true;
    let change = accounts::replace(transaction.connection, &account)?;
    sessions::revoke_of(transaction.connection, &account.id, None, transaction.at_ms)?;
    let season = account.season.clone().unwrap_or_default();
    transaction.note(Act::DisableAccount, &season, &subject(&account), reason.trim(), vec![change])
}
