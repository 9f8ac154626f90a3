//! An import that was not committed is thrown away with its file.

use crate::domain::access::Act;
use crate::service::app::{App, Caller};
use crate::service::data_in::show_import::found;
use crate::service::error::ServiceError;
use crate::service::precondition::Precondition;
use crate::storage::imports;

/// Deletes it.
///
/// # Errors
/// `NotFound`, `Stale`, or `Conflict` `committed`: what was committed stays as evidence.
pub async fn delete_import(
    app: &App,
    caller: &Caller,
    season: String,
    id: String,
    precondition: Precondition,
) -> Result<(), ServiceError> {
    app.act(caller, move |transaction| {
        let (_, import) = found(transaction, Act::DeleteImport, &season, &id)?;
        precondition.hold(&import.checked_hash)?;
        if import.committed_at_ms.is_some() {
            return Err(ServiceError::conflict("committed", "a committed file stays with its season"));
        }
        imports::delete(transaction.connection, &id)?;
        let detail = format!("{} sha256 {}", import.kind, import.file_hash);
        transaction.note(Act::DeleteImport, &season, &format!("import:{id}"), detail, Vec::new())
    })
    .await
}
