//! The policy is changed while the season is being prepared.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::precondition::Precondition;
use crate::service::season::season_policy::SeasonPolicy;
use crate::storage::seasons::{self, SeasonRow};

/// Replaces `season.toml`.
///
/// # Errors
/// Not in preparation, stale, or `Invalid` with every fault of the policy.
pub async fn set_policy(
    app: &App,
    caller: &Caller,
    code: String,
    precondition: Precondition,
    text: String,
) -> Result<SeasonRow, ServiceError> {
    app.act(caller, move |transaction| {
        let mut season = transaction.season_for(Act::SetPolicy, &Whose::season(&code))?;
        precondition.hold(&season.version.to_string())?;
        let policy = SeasonPolicy::read(&text, "/policy").map_err(ServiceError::Invalid)?;
        let before = SeasonPolicy::of(&season)?;
        let area = |policy: &SeasonPolicy| match policy {
            SeasonPolicy::SeniorHigh(_) => None,
            SeasonPolicy::Compulsory(policy) => Some(policy.area.clone()),
        };
        if area(&policy) != area(&before) {
            let rule = "must admit to what the season admits to, in the same area; open another season";
            return Err(ServiceError::invalid("/policy", "policy", rule));
        }
        policy.name().clone_into(&mut season.name);
        season.policy = text;
        let change = seasons::replace(transaction.connection, &mut season)?;
        transaction.note(Act::SetPolicy, &code, "season", "", vec![change])?;
        Ok(season)
    })
    .await
}
