//! An owner sees the own account and what must still be done.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::accounts::begin_session::{role, to_do};
use crate::service::accounts::check_second_factor::Factors;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::accounts;
pub use crate::storage::accounts::AccountRow;

/// An account as its owner sees it.
#[derive(Clone, Debug)]
pub struct OwnAccount {
    pub account: AccountRow,
    /// `change_password`, `enrol_totp`: nothing else is open before.
    pub to_do: Vec<&'static str>,
    pub has_totp: bool,
    pub has_card: bool,
    /// Whether dangerous acts are open at this moment.
    pub stepped_up: bool,
}

/// The caller's account.
///
/// # Errors
/// Only those of every use case.
pub async fn show_account(app: &App, caller: &Caller) -> Result<OwnAccount, ServiceError> {
    app.look(caller, |transaction| {
        let season = transaction.actor.season.clone().unwrap_or_default();
        transaction.permit(Act::ShowAccount, &Whose::season(&season))?;
        let id = transaction.actor.account.clone();
        let account = accounts::find(transaction.connection, &id)?.ok_or(ServiceError::Unauthenticated)?;
        let factors = Factors::load(transaction.connection, &id)?;
        Ok(OwnAccount {
            to_do: to_do(&account, role(&account)?, &factors),
            has_totp: factors.row.totp_secret.is_some(),
            has_card: factors.row.card_serial > 0,
            stepped_up: transaction.actor.stepped_up,
            account,
        })
    })
    .await
}
