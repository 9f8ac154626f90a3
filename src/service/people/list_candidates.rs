//! An office lists the candidates in its reach.

use crate::domain::access::{Act, Reach};
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::storage::candidates::{self, CandidateRow, Of};
use crate::storage::seasons::SeasonRow;

/// Candidates after an exam number, as far as the actor reaches; the look is noted once for the list.
///
/// # Errors
/// Only those of every use case.
pub async fn list_candidates(
    app: &App,
    caller: &Caller,
    season: String,
    after: String,
    limit: i64,
) -> Result<Vec<CandidateRow>, ServiceError> {
    app.act(caller, move |transaction| {
        Ok(in_reach(transaction, Act::ListCandidates, &season, &after, limit)?.1)
    })
    .await
}

/// The season, and whose pupils the actor reaches with an act: the school's, the area's or everybody.
///
/// # Errors
/// As of `season_for`; `Forbidden` for a role that reaches nobody's list.
pub fn reach_of(
    transaction: &mut Transaction<'_>,
    act: Act,
    season: &str,
) -> Result<(SeasonRow, Of), ServiceError> {
    let actor = &transaction.actor;
    let whose = Whose { junior: actor.school.clone(), area: actor.area.clone(), ..Whose::season(season) };
    let of = match (act.reach(actor.role), &actor.school, &actor.area) {
        (Some(Reach::School), Some(school), _) => Of::Junior(school.clone()),
        (Some(Reach::Area), _, Some(area)) => Of::Area(area.clone()),
        (Some(Reach::All), ..) => Of::Everybody,
        _ => return Err(ServiceError::Forbidden),
    };
    Ok((transaction.season_for(act, &whose)?, of))
}

/// The season and the candidates in reach after an exam number; the look is noted.
///
/// # Errors
/// As of `reach_of`.
pub fn in_reach(
    transaction: &mut Transaction<'_>,
    act: Act,
    season: &str,
    after: &str,
    limit: i64,
) -> Result<(SeasonRow, Vec<CandidateRow>), ServiceError> {
    let (row, of) = reach_of(transaction, act, season)?;
    let found = candidates::list_of(transaction.connection, season, &of, after, limit)?;
    if let (Some(first), Some(last)) = (found.first(), found.last()) {
        let detail = format!("{} to {}", first.exam_no, last.exam_no);
        transaction.note(act, season, &of.subject(), detail, Vec::new())?;
    }
    Ok((row, found))
}
