//! A candidate's record is shown, and an office's look at it noted.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::storage::candidates;
pub use crate::storage::candidates::CandidateRow;
use crate::storage::seasons::SeasonRow;

/// The roster's row of a candidate; the ID number and the phone stay ciphertext.
///
/// # Errors
/// `NotFound` for nobody, and for somebody who is none of the actor's concern.
pub async fn show_candidate(
    app: &App,
    caller: &Caller,
    season: String,
    exam_no: String,
) -> Result<CandidateRow, ServiceError> {
    app.act(caller, move |transaction| {
        let (_, candidate) = concerned(transaction, Act::ShowCandidate, &season, &exam_no)?;
        if transaction.actor.role.is_office() {
            transaction.note(Act::ShowCandidate, &season, &subject(&exam_no), "", Vec::new())?;
        }
        Ok(candidate)
    })
    .await
}

/// The season and the candidate, if the act is the actor's to do to her.
///
/// # Errors
/// As [`Transaction::season_for`]; `NotFound` alike for nobody and for somebody else's.
pub fn concerned(
    transaction: &mut Transaction<'_>,
    act: Act,
    season: &str,
    exam_no: &str,
) -> Result<(SeasonRow, CandidateRow), ServiceError> {
    if act.reach(transaction.actor.role).is_none() {
        return Err(ServiceError::Forbidden);
    }
    let (candidate, row) = candidates::find_with_season(transaction.connection, season, exam_no)?
        .ok_or(ServiceError::NotFound)?;
    let whose = Whose {
        season: season.to_owned(),
        exam_no: Some(exam_no.to_owned()),
        junior: Some(candidate.junior_code.clone()),
        senior: None,
        area: Some(candidate.area_code.clone()),
    };
    transaction.permit_in(&row, act, &whose)?;
    Ok((row, candidate))
}

/// The audit's name of a candidate.
pub fn subject(exam_no: &str) -> String {
    format!("candidate:{exam_no}")
}
