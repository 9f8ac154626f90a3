//! A candidate sees her marks, her total and the band of her rank, once lists are filed by them.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::domain::marks::mark_columns;
use crate::domain::phase::Phase;
use crate::domain::role::Role;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::people::merit::{OwnMerit, own_merit};
use crate::service::people::show_candidate::concerned;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::scores;

/// What her own page tells of the exam.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnScores {
    /// The subject's name, its part where it has parts, and the mark as the sheet has it.
    pub marks: Vec<(String, String, String)>,
    /// None without a valid exam record.
    pub merit: Option<OwnMerit>,
}

/// A candidate's own scores; none before filling, and where no marks of hers are in.
///
/// # Errors
/// `NotFound` for anybody but herself: an office has its lists.
pub async fn show_own_scores(
    app: &App,
    caller: &Caller,
    season: String,
    exam_no: String,
) -> Result<Option<OwnScores>, ServiceError> {
    let kept = app.kept().clone();
    app.look(caller, move |transaction| {
        let (season, candidate) = concerned(transaction, Act::ShowCandidate, &season, &exam_no)?;
        if transaction.actor.role != Role::Candidate {
            return Err(ServiceError::NotFound);
        }
        // An office may bring marks in before they are announced.
        if season.phase()? < Phase::Filling {
            return Ok(None);
        }
        let Some(row) = scores::find(transaction.connection, &season.code, &candidate.exam_no)? else {
            return Ok(None);
        };
        let cells: BTreeMap<String, String> = serde_json::from_str(&row.marks)
            .map_err(|error| ServiceError::Internal(format!("marks of a candidate: {error}")))?;
        let policy = stored_policy(&season)?;
        let marks = mark_columns(&policy).into_iter().map(|(column, name)| {
            let subject = &policy.subjects[column.subject];
            let part = column.part.map_or("", |part| &subject.parts[part].code);
            let called = if subject.name.is_empty() { &subject.code } else { &subject.name };
            (called.clone(), part.to_owned(), cells.get(&name).cloned().unwrap_or_default())
        });
        let marks = marks.collect();
        let merit = own_merit(transaction.connection, &kept, &season, &candidate.exam_no)?;
        Ok(Some(OwnScores { marks, merit }))
    })
    .await
}
