//! The ledger is read by those who answer for it; the public sees how many entries there are of which reason.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::ledger_entries;
pub use crate::storage::ledger_entries::LedgerEntryRow;

/// The entries by number; reading them is itself on the record.
///
/// # Errors
/// `NotFound`.
pub async fn list_ledger(
    app: &App,
    caller: &Caller,
    code: String,
) -> Result<Vec<LedgerEntryRow>, ServiceError> {
    app.act(caller, move |transaction| {
        transaction.season_for(Act::ListLedger, &Whose::season(&code))?;
        let rows = ledger_entries::list(transaction.connection, &code)?;
        transaction.note(Act::ListLedger, &code, "season", format!("{} entries", rows.len()), Vec::new())?;
        Ok(rows)
    })
    .await
}
