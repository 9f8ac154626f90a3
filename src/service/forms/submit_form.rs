//! A list is submitted: checked, decided by the database's clock, kept as a new version, told to the family.

use std::fmt::Display;

use serde::Serialize;

use crate::domain::access::Act;
use crate::domain::form::{Choices, FormVersion, Stage};
use crate::domain::hexadecimal::unhex;
use crate::domain::language::Language;
use crate::domain::phase::Phase;
use crate::engine::form_check::faults;
use crate::faults::planted_bug::planted;
use crate::service::app::{App, Caller, OnceKey, Transaction};
use crate::service::error::ServiceError;
use crate::service::forms::stored_form::{fault, slots, to_row};
use crate::service::forms::stored_terms::{StoredTerms, stored_terms};
use crate::service::notices::tell_family::tell_family;
use crate::service::people::show_candidate::{concerned, subject};
use crate::service::precondition::Precondition;
use crate::service::runs::show_own_result::has_place;
use crate::service::season::windows::{Gate, close_past, decide, stage_of};
use crate::storage::form_versions;
pub use crate::storage::form_versions::FormVersionRow;
use crate::words::texts::Words;

/// Inside: the time is over and not yet on record, so the transaction leaves nothing behind.
const PAST: &str = "past";

/// A list to be submitted.
#[derive(Clone, Debug, Serialize)]
pub struct Submission {
    pub season: String,
    pub exam_no: String,
    /// The code of the list.
    pub batch: String,
    /// Programme codes, best first; an empty text is a blank slot.
    pub choices: Vec<String>,
}

/// Keeps the list as the version that counts. All of it, the notices and the kept answer of `once` are
/// one transaction; a list cannot be withdrawn but by another.
///
/// # Errors
/// `Conflict` `closed`, `not_open`, `has_place`, `in_flight`; `PreconditionRequired`, `Stale` with the present version;
/// `Invalid` with every fault of the list; `KeyReused`.
pub async fn submit_form(
    app: &App,
    caller: &Caller,
    submission: Submission,
    precondition: Precondition,
    once: OnceKey,
) -> Result<FormVersionRow, ServiceError> {
    let season = submission.season.clone();
    loop {
        let (submission, precondition) = (submission.clone(), precondition.clone());
        let (receipts, door) = (app.receipts().clone(), app.clone());
        let attempt = app
            .act_once(caller, Some(once.clone()), move |transaction| {
                submit(&door, transaction, submission, &precondition, receipts.bytes())
            })
            .await;
        match attempt {
            // The first refusal puts the end on record, then asks again: once anybody has been refused,
            // everybody is. Where the clock stepped back in between, the form is still in time.
            Err(ServiceError::Conflict { code: PAST, .. }) => {
                close_past(app, season.clone()).await?;
            }
            answer => return answer,
        }
    }
}

fn submit(
    app: &App,
    transaction: &mut Transaction<'_>,
    submission: Submission,
    precondition: &Precondition,
    receipt_key: &[u8],
) -> Result<FormVersionRow, ServiceError> {
    let Submission { season, exam_no, batch, choices } = submission;
    let (season, candidate) = concerned(transaction, Act::SubmitForm, &season, &exam_no)?;
    let phase = season.phase()?;
    let stage = stage_of(phase).and_then(Stage::of).ok_or(ServiceError::WrongPhase { phase })?;
    let choices = slots(choices)?;
    let stored = stored_terms(transaction.connection, app.kept(), &season, Some(&candidate))?;
    let batches = stored.terms().batches(&batch);
    if batches.is_empty() {
        return Err(ServiceError::NotFound);
    }
    if stored.season.policy.only_supplementary(&batches) && phase == Phase::Filling {
        let detail = "this list is for what the first rounds leave; it is taken in a later round";
        return Err(ServiceError::conflict("not_open", detail));
    }
    if phase == Phase::Supplementary && has_place(app, transaction, &season.code, &exam_no)? {
        let detail = "you have a place: the later rounds are for those who have none";
        return Err(ServiceError::conflict("has_place", detail));
    }
    let gate = decide(transaction, &season, stage.word(), &batch, &candidate.area_code)?;
    let Gate::Open { at_ms } = gate else { return Err(ServiceError::conflict(PAST, "the time is over")) };
    let key = (season.code.as_str(), stage.word(), exam_no.as_str(), batch.as_str());
    let latest = form_versions::latest_to_submit(transaction.connection, key)?;
    if !planted("bug-if-match-ignored") {
        precondition.hold_or_absent(latest.as_ref().map(|row| row.version.to_string()).as_deref())?;
    }
    refuse_faults(&stored, &batch, &choices)?;
    let form = FormVersion {
        season: season.code.clone(),
        stage,
        exam_no,
        batch,
        version: latest.as_ref().map_or(1, |row| row.version as u32 + 1),
        at_ms,
        choices,
        // Zeros before the first version, and where the row was altered, which the check of hashes finds.
        previous: latest.and_then(|row| unhex(&row.hash)).unwrap_or_default(),
    };
    let row = to_row(form, receipt_key);
    let change = form_versions::add(transaction.connection, &row)?;
    let told = if stage == Stage::Rehearsal { "notice-submitted-rehearsal" } else { "notice-submitted" };
    let places: [(&str, &dyn Display); 3] =
        [("batch", &row.batch), ("version", &row.version), ("receipt", &row.receipt)];
    let text = Words(Language::Chinese).with(told, &places);
    tell_family(transaction, &row.season, &row.exam_no, &text)?;
    let detail = format!("batch {} version {}", row.batch, row.version);
    transaction.note(Act::SubmitForm, &row.season, &subject(&row.exam_no), detail, vec![change])?;
    Ok(row)
}

fn refuse_faults(stored: &StoredTerms, batch: &str, choices: &Choices) -> Result<(), ServiceError> {
    let applicant = stored.applicant.as_ref().ok_or(ServiceError::NotFound)?;
    let faults = faults(&stored.terms(), applicant, batch, choices.slots());
    if faults.is_empty() {
        return Ok(());
    }
    Err(ServiceError::Invalid(faults.into_iter().map(fault).collect()))
}
