//! An account of somebody else is found, if it is the actor's to act on.

use crate::domain::access::{Act, governs};
use crate::domain::actor::Whose;
use crate::domain::role::Role;
use crate::service::accounts::begin_session::role;
use crate::service::app::Transaction;
use crate::service::error::ServiceError;
use crate::service::people::show_candidate;
use crate::storage::accounts::{self, AccountRow};
use crate::storage::candidates;

/// The account, if the act is the actor's to do to it.
///
/// # Errors
/// `Forbidden` by the role alone; `NotFound` alike for no account and for one of no concern; `StepUpRequired`.
pub fn concerned(transaction: &mut Transaction<'_>, act: Act, id: &str) -> Result<AccountRow, ServiceError> {
    if act.reach(transaction.actor.role).is_none() {
        return Err(ServiceError::Forbidden);
    }
    // Before the account is looked up, so that these answers say nothing about it.
    if transaction.actor.restricted {
        return Err(ServiceError::Restricted);
    }
    if act.rule().dangerous && !transaction.actor.stepped_up {
        return Err(ServiceError::StepUpRequired);
    }
    let account = accounts::find(transaction.connection, id)?.ok_or(ServiceError::NotFound)?;
    let role = role(&account)?;
    if !governs(transaction.actor.role, role) {
        return Err(ServiceError::NotFound);
    }
    let mut whose = Whose {
        season: account.season.clone().unwrap_or_default(),
        exam_no: account.exam_no.clone(),
        area: account.area.clone(),
        ..Whose::default()
    };
    match role {
        Role::Candidate => {
            let exam_no = account.exam_no.clone().unwrap_or_default();
            // A candidate struck from the roster has no school any more: only who reaches all gets there.
            if let Some(row) = candidates::find(transaction.connection, &whose.season, &exam_no)? {
                whose.junior = Some(row.junior_code);
                whose.area = Some(row.area_code);
            }
        }
        Role::JuniorHigh => whose.junior.clone_from(&account.school),
        Role::SeniorHigh => whose.senior.clone_from(&account.school),
        _ => {}
    }
    transaction.permit(act, &whose)?;
    Ok(account)
}

/// The audit's name of an account: a candidate's is the candidate herself, so that she sees it.
pub fn subject(account: &AccountRow) -> String {
    match &account.exam_no {
        Some(exam_no) => show_candidate::subject(exam_no),
        None => format!("account:{}", account.id),
    }
}
