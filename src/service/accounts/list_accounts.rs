//! An office lists the accounts of offices and schools in its reach.

use crate::domain::access::{Act, Reach};
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::accounts::{self, AccountRow};

/// Accounts of staff after a login, in order: all of them for who reaches all, else those of schools in the area.
///
/// # Errors
/// Only those of every use case.
pub async fn list_accounts(
    app: &App,
    caller: &Caller,
    after: String,
    limit: i64,
) -> Result<Vec<AccountRow>, ServiceError> {
    app.act(caller, move |transaction| {
        let act = Act::ListAccounts;
        let area = transaction.actor.area.clone();
        transaction.permit(act, &Whose { area: area.clone(), ..Whose::default() })?;
        let area = area.filter(|_| act.reach(transaction.actor.role) == Some(Reach::Area));
        let found = accounts::list_of_staff(transaction.connection, area.as_deref(), &after, limit)?;
        transaction.note(act, "", "accounts", format!("{} accounts", found.len()), Vec::new())?;
        Ok(found)
    })
    .await
}
