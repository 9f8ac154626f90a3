//! Who holds the parts of the key under which results lie: named before a run.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::secrets::result_key::{HOLDERS, public_key};
use crate::storage::key_holders;
pub use crate::storage::key_holders::KeyHolderRow;

/// Names the three holders with their public keys.
///
/// # Errors
/// `Invalid` with every fault: not three, a name or a key twice, a key that is none.
pub async fn name_key_holders(
    app: &App,
    caller: &Caller,
    code: String,
    holders: Vec<(String, String)>,
) -> Result<Vec<KeyHolderRow>, ServiceError> {
    app.act(caller, move |transaction| {
        transaction.season_for(Act::NameKeyHolders, &Whose::season(&code))?;
        let mut faults = Vec::new();
        if holders.len() != HOLDERS {
            faults.push(FieldFault::new("/holders", "count", "must be three: centre, supervision, notary"));
        }
        for (at, (name, recipient)) in holders.iter().enumerate() {
            if !(1..=60).contains(&name.trim().chars().count()) || name.contains(char::is_control) {
                let pointer = format!("/holders/{at}/name");
                faults.push(FieldFault::new(pointer, "length", "must have 1 to 60 characters"));
            }
            if public_key(recipient).is_err() {
                let rule = "must be a public key that `zhaosheng key new` printed (zsp1-...)";
                faults.push(FieldFault::new(format!("/holders/{at}/recipient"), "malformed", rule));
            }
            let twice = |other: &(String, String)| {
                other.0.trim() == name.trim() || other.1.trim() == recipient.trim()
            };
            if holders[..at].iter().any(twice) {
                let rule = "stands twice: three different offices hold three different keys";
                faults.push(FieldFault::new(format!("/holders/{at}"), "duplicate", rule));
            }
        }
        if !faults.is_empty() {
            return Err(ServiceError::Invalid(faults));
        }
        let rows: Vec<KeyHolderRow> = (1..)
            .zip(holders)
            .map(|(number, (name, recipient))| KeyHolderRow {
                season: code.clone(),
                number,
                name: name.trim().to_owned(),
                recipient: recipient.trim().to_owned(),
            })
            .collect();
        let changes = key_holders::replace_all(transaction.connection, &code, &rows)?;
        transaction.note(Act::NameKeyHolders, &code, "season", "", changes)?;
        Ok(rows)
    })
    .await
}

/// The holders by number.
///
/// # Errors
/// `NotFound`.
pub async fn list_key_holders(
    app: &App,
    caller: &Caller,
    code: String,
) -> Result<Vec<KeyHolderRow>, ServiceError> {
    app.look(caller, move |transaction| {
        transaction.season_for(Act::ListKeyHolders, &Whose::season(&code))?;
        Ok(key_holders::list(transaction.connection, &code)?)
    })
    .await
}
