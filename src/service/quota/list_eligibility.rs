//! Who may use quota seats: for offices with every reason, for everybody the masked posting.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::eligibility::{EXCEPTED, EXCLUDED, Refusals};
use crate::domain::person_name::{masked_name, masked_number};
use crate::domain::phase::Phase;
use crate::domain::policy::Policy;
use crate::engine::eligibility::refusals_of;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::stored_terms::facts;
use crate::service::people::list_candidates::in_reach;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::candidates::{self, CandidateRow, Of};

/// What the rule says about one candidate.
#[derive(Clone, Debug)]
pub struct Eligibility {
    pub exam_no: String,
    /// All but its first character masked.
    pub name: String,
    pub junior: String,
    pub eligible: bool,
    pub refusals: Refusals,
    /// Decided by two people against the rule.
    pub excepted: bool,
}

/// Candidates after an exam number with what the rule says of each, as far as the actor reaches.
///
/// # Errors
/// `NotFound` without the season.
pub async fn list_eligibility(
    app: &App,
    caller: &Caller,
    code: String,
    after: String,
    limit: i64,
) -> Result<Vec<Eligibility>, ServiceError> {
    app.act(caller, move |transaction| {
        let (season, found) = in_reach(transaction, Act::ListEligibility, &code, &after, limit)?;
        let policy = stored_policy(&season)?;
        Ok(found.iter().map(|row| judged(&policy, row)).collect())
    })
    .await
}

/// A line of the posting: whoever knows the candidate finds her, nobody else learns her name.
#[derive(Clone, Debug)]
pub struct Posted {
    pub name: String,
    pub exam_no: String,
    pub junior: String,
}

/// The posting (公示) of a junior high: who may use quota seats, masked; who may not is told alone.
///
/// # Errors
/// `Conflict` `not_posted` before the posting.
pub async fn list_posting(
    app: &App,
    caller: &Caller,
    code: String,
    junior: String,
) -> Result<Vec<Posted>, ServiceError> {
    app.look(caller, move |transaction| {
        let season = transaction.season_for(Act::ListPosting, &Whose::season(&code))?;
        if season.phase()? < Phase::EligibilityPosted {
            return Err(ServiceError::conflict("not_posted", "who may use quota seats is not posted yet"));
        }
        let policy = stored_policy(&season)?;
        let of = Of::Junior(junior);
        let found = candidates::list_of(transaction.connection, &code, &of, "", i64::MAX)?;
        let posted = |row: &CandidateRow| {
            judged(&policy, row).eligible.then(|| Posted {
                name: masked_name(&row.name),
                exam_no: masked_number(&row.exam_no),
                junior: row.junior_code.clone(),
            })
        };
        Ok(found.iter().filter_map(posted).collect())
    })
    .await
}

fn judged(policy: &Policy, row: &CandidateRow) -> Eligibility {
    let refusals = refusals_of(policy, &facts(row, policy));
    let flags: Vec<&str> = row.flags.split(';').map(str::trim).collect();
    Eligibility {
        exam_no: row.exam_no.clone(),
        name: masked_name(&row.name),
        junior: row.junior_code.clone(),
        eligible: policy.quota.is_some() && refusals.eligible(),
        refusals,
        excepted: flags.contains(&EXCEPTED) || flags.contains(&EXCLUDED),
    }
}
