//! A junior high sees how far each of its pupils is: none, draft, submitted, confirmed; never content.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::stage_shown;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::candidates::{self, Of};
use crate::storage::{confirmations, drafts, form_versions};

/// How far a pupil is with one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormStatus {
    None,
    Draft,
    Submitted,
    /// The signed print of the version that counts is on record.
    Confirmed,
}

/// A pupil on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardLine {
    pub exam_no: String,
    pub name: String,
    pub class: String,
    /// Per list of the season.
    pub lists: Vec<(String, FormStatus)>,
}

/// Pupils of the caller's school after an exam number; the look is noted.
///
/// # Errors
/// `Forbidden` to everybody but junior highs.
pub async fn show_status_board(
    app: &App,
    caller: &Caller,
    code: String,
    after: String,
    limit: i64,
) -> Result<Vec<BoardLine>, ServiceError> {
    app.act(caller, move |transaction| {
        let act = Act::ShowStatusBoard;
        let school = transaction.actor.school.clone().unwrap_or_default();
        let whose = Whose { junior: transaction.actor.school.clone(), ..Whose::season(&code) };
        let season = transaction.season_for(act, &whose)?;
        let stage = stage_shown(season.phase()?);
        let of = Of::Junior(school);
        let pupils = candidates::list_of(transaction.connection, &code, &of, &after, limit)?;
        let exam_nos: Vec<&str> = pupils.iter().map(|pupil| pupil.exam_no.as_str()).collect();
        let drafted: BTreeSet<(String, String)> =
            drafts::owners(transaction.connection, &code, &exam_nos)?.into_iter().collect();
        let submitted: BTreeMap<(String, String), Option<i64>> =
            form_versions::numbers(transaction.connection, &code, stage, &exam_nos)?
                .into_iter()
                .map(|(exam_no, batch, version)| ((exam_no, batch), version))
                .collect();
        let confirmed: BTreeSet<(String, String, i64)> =
            confirmations::numbers(transaction.connection, &code, stage, &exam_nos)?.into_iter().collect();
        let status = |exam_no: &str, list: &str| {
            let key = (exam_no.to_owned(), list.to_owned());
            match submitted.get(&key).copied().flatten() {
                Some(version) if confirmed.contains(&(key.0.clone(), key.1.clone(), version)) => {
                    FormStatus::Confirmed
                }
                Some(_) => FormStatus::Submitted,
                None if drafted.contains(&key) => FormStatus::Draft,
                None => FormStatus::None,
            }
        };
        let policy = stored_policy(&season)?;
        let board = pupils
            .iter()
            .map(|pupil| BoardLine {
                exam_no: pupil.exam_no.clone(),
                name: pupil.name.clone(),
                class: pupil.class.clone(),
                lists: policy
                    .lists()
                    .into_iter()
                    .map(|list| (list.to_owned(), status(&pupil.exam_no, list)))
                    .collect(),
            })
            .collect();
        if let (Some(first), Some(last)) = (exam_nos.first(), exam_nos.last()) {
            let detail = format!("{first} to {last}");
            transaction.note(act, &code, &of.subject(), detail, Vec::new())?;
        }
        Ok(board)
    })
    .await
}
