//! A junior high prints what its pupils submitted, to be signed (志愿确认表): never before the time for it is over.

use std::collections::BTreeSet;

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::stage_shown;
use crate::service::people::show_candidate::subject;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::candidates::{self, CandidateRow, Of};
use crate::storage::form_versions::{self, FormVersionRow};
use crate::storage::{junior_schools, windows};

/// Pupils of a school at most.
const MOST: i64 = 3000;

/// A pupil with the versions that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PupilForms {
    pub candidate: CandidateRow,
    pub junior_name: String,
    /// In the order of the policy's lists; empty for somebody who submitted nothing.
    pub forms: Vec<FormVersionRow>,
}

/// What the pupils of a class submitted, of every list whose end is on record in their area; the look at each pupil is
/// noted as one at her.
///
/// # Errors
/// `Forbidden` to everybody but junior highs; `NotFound` without such a class; `WrongPhase`; `Conflict` `window_open`
/// while every list may still change.
pub async fn list_confirmation_forms(
    app: &App,
    caller: &Caller,
    code: String,
    class: String,
) -> Result<Vec<PupilForms>, ServiceError> {
    app.act(caller, move |transaction| {
        let act = Act::ListConfirmationForms;
        let school = transaction.actor.school.clone().unwrap_or_default();
        let whose = Whose { junior: transaction.actor.school.clone(), ..Whose::season(&code) };
        let season = transaction.season_for(act, &whose)?;
        let stage = stage_shown(season.phase()?);
        let of = Of::Junior(school.clone());
        let mut pupils = candidates::list_of(transaction.connection, &code, &of, "", MOST)?;
        pupils.retain(|pupil| pupil.class == class);
        if pupils.is_empty() {
            return Err(ServiceError::NotFound);
        }
        // An extension takes the end off the record again, and with it the right to look.
        let ended: BTreeSet<(String, String)> = windows::list(transaction.connection, &code)?
            .into_iter()
            .filter(|window| window.stage == stage && window.closed_at_ms.is_some())
            .map(|window| (window.batch, window.area))
            .collect();
        if !ended.iter().any(|(_, area)| pupils.iter().any(|pupil| pupil.area_code == *area)) {
            let detail = "the lists may still change: until then families print their own";
            return Err(ServiceError::conflict("window_open", detail));
        }
        let named = junior_schools::find(transaction.connection, &code, &school)?;
        let junior_name = named.map_or_else(String::new, |school| school.name);
        let policy = stored_policy(&season)?;
        let mut listed = Vec::with_capacity(pupils.len());
        for candidate in pupils {
            let mut forms = Vec::new();
            for list in policy.lists() {
                if ended.contains(&(list.to_owned(), candidate.area_code.clone())) {
                    let key = (code.as_str(), stage, candidate.exam_no.as_str(), list);
                    forms.extend(form_versions::latest(transaction.connection, key)?);
                }
            }
            listed.push(PupilForms { candidate, junior_name: junior_name.clone(), forms });
        }
        for pupil in listed.iter().filter(|pupil| !pupil.forms.is_empty()) {
            transaction.note(act, &code, &subject(&pupil.candidate.exam_no), "to be signed", Vec::new())?;
        }
        Ok(listed)
    })
    .await
}
