//! The parts of a result's key, each sealed to its holder: worthless to anybody else.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::{key_holders, runs};

/// Holder and sealed part, in the order of the holders.
///
/// # Errors
/// `NotFound` for a run without a result.
pub async fn show_key_parts(
    app: &App,
    caller: &Caller,
    code: String,
    id: String,
) -> Result<Vec<(String, String)>, ServiceError> {
    app.look(caller, move |transaction| {
        transaction.season_for(Act::ShowKeyParts, &Whose::season(&code))?;
        let run = runs::find(transaction.connection, &code, &id)?.ok_or(ServiceError::NotFound)?;
        let parts: Vec<String> = serde_json::from_str(&run.key_parts)
            .map_err(|error| ServiceError::Internal(format!("the key of run {id}: {error}")))?;
        let holders = key_holders::list(transaction.connection, &code)?;
        Ok(holders.into_iter().map(|holder| holder.name).zip(parts).collect())
    })
    .await
}
