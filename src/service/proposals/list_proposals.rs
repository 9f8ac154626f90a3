//! What was proposed, for those whom it concerns.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::proposals::sign_proposal::Signed;
use crate::storage::{proposals, seasons, signatures};

/// Proposals after an id, in the order in which they were made, with their signatures: of a school or an area
/// only its own.
///
/// # Errors
/// `NotFound` without the season.
pub async fn list_proposals(
    app: &App,
    caller: &Caller,
    code: String,
    after: String,
    limit: i64,
) -> Result<Vec<Signed>, ServiceError> {
    app.look(caller, move |transaction| {
        if Act::ListProposals.reach(transaction.actor.role).is_none() {
            return Err(ServiceError::Forbidden);
        }
        seasons::find(transaction.connection, &code)?.ok_or(ServiceError::NotFound)?;
        let mut listed = Vec::new();
        let mut after = after;
        loop {
            let page = proposals::list(transaction.connection, &code, &after, limit)?;
            let Some(last) = page.last() else { break };
            after = last.id.clone();
            for proposal in page {
                let whose = Whose {
                    area: proposal.area.clone(),
                    junior: proposal.junior.clone(),
                    ..Whose::season(&code)
                };
                if transaction.permit(Act::ListProposals, &whose).is_ok() && (listed.len() as i64) < limit {
                    let signatures = signatures::list(transaction.connection, &proposal.id)?;
                    listed.push(Signed { proposal, signatures });
                }
            }
            if listed.len() as i64 >= limit {
                break;
            }
        }
        Ok(listed)
    })
    .await
}
