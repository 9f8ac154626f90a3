//! An office lists the candidates in its reach.

use crate::domain::access::{Act, Reach};
use crate::domain::actor::{Actor, Whose};
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::candidates::{self, CandidateRow, Of};

/// How far an office reaches with a list of pupils.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PupilsInReach {
    pub whose: Whose,
    pub of: Of,
    /// The audit's name of all of them.
    pub subject: String,
}

impl PupilsInReach {
    /// The pupils of the actor's school or area, or everybody.
    ///
    /// # Errors
    /// `Forbidden` for a role that has none.
    pub fn of(actor: &Actor, act: Act, season: &str) -> Result<PupilsInReach, ServiceError> {
        let whose = Whose { junior: actor.school.clone(), area: actor.area.clone(), ..Whose::season(season) };
        let (of, subject) = match (act.reach(actor.role), &actor.school, &actor.area) {
            (Some(Reach::School), Some(school), _) => {
                (Of::Junior(school.clone()), format!("junior:{school}"))
            }
            (Some(Reach::Area), _, Some(area)) => (Of::Area(area.clone()), format!("area:{area}")),
            (Some(Reach::All), ..) => (Of::Everybody, "season".to_owned()),
            _ => return Err(ServiceError::Forbidden),
        };
        Ok(PupilsInReach { whose, of, subject })
    }
}

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
        let act = Act::ListCandidates;
        let reach = PupilsInReach::of(&transaction.actor, act, &season)?;
        transaction.season_for(act, &reach.whose)?;
        let found = candidates::list_of(transaction.connection, &season, &reach.of, &after, limit)?;
        if let (Some(first), Some(last)) = (found.first(), found.last()) {
            let detail = format!("{} to {}", first.exam_no, last.exam_no);
            transaction.note(act, &season, &reach.subject, detail, Vec::new())?;
        }
        Ok(found)
    })
    .await
}
