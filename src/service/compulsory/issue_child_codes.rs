//! An office hands out one-time codes to the families of its children; each is told once and kept as a digest.

use crate::domain::access::Act;
use crate::service::accounts::issue_initial_codes::{CodeSlip, with_code};
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::people::list_candidates::reach_of;
use crate::service::secrets::initial_code::InitialCode;
use crate::storage::candidates;

/// Children of one request at most.
const MOST: i64 = 3000;

/// New codes for children after a number who have no password yet, at most 3000.
///
/// # Errors
/// `StepUpRequired`; as of every use case.
pub async fn issue_child_codes(
    app: &App,
    caller: &Caller,
    season: String,
    after: String,
) -> Result<Vec<CodeSlip>, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let act = Act::IssueChildCodes;
        let (season, of) = reach_of(transaction, act, &season)?;
        let mut slips = Vec::new();
        let mut changes = Vec::new();
        for child in candidates::list_of(transaction.connection, &season.code, &of, &after, MOST)? {
            let code = InitialCode::generate();
            let Some((account, change)) = with_code(&door, transaction, &child, &code)? else { continue };
            changes.push(change);
            slips.push(CodeSlip {
                class: child.class,
                exam_no: child.exam_no,
                name: child.name,
                login: account.login,
                code,
            });
        }
        let detail = format!("{} slips", slips.len());
        transaction.note(act, &season.code, &of.subject(), detail, changes)?;
        Ok(slips)
    })
    .await
}
