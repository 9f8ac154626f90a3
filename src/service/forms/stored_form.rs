//! One candidate's form of one list: who may touch it, its choices as stored, and its stage.

use crate::domain::access::Act;
use crate::domain::form::{Choices, FormVersion};
use crate::domain::form_finding::FormFinding;
use crate::domain::hexadecimal::hex;
use crate::domain::language::Language;
use crate::domain::phase::Phase;
use crate::service::app::Transaction;
use crate::service::error::{FieldFault, ServiceError};
use crate::service::people::show_candidate::concerned;
use crate::service::season::stored_policy::stored_policy;
use crate::storage::candidates::CandidateRow;
use crate::storage::form_versions::FormVersionRow;
use crate::storage::seasons::SeasonRow;
use crate::words::texts::Words;

/// Slots of a list at most, whatever the policy: a policy's lists are no longer either.
pub const MOST_SLOTS: usize = 200;
/// Characters of a slot at most.
const LONGEST_SLOT: usize = 60;

/// Names a form: season, candidate, list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormName {
    pub season: String,
    pub exam_no: String,
    pub batch: String,
}

impl FormName {
    /// The season and the candidate, if the act is the actor's to do to her, and the list exists.
    ///
    /// # Errors
    /// As `concerned`; `NotFound` for a code under which no list is filed.
    pub fn concerned(
        &self,
        transaction: &mut Transaction<'_>,
        act: Act,
    ) -> Result<(SeasonRow, CandidateRow), ServiceError> {
        let (season, candidate) = concerned(transaction, act, &self.season, &self.exam_no)?;
        if !stored_policy(&season)?.lists().contains(&self.batch.as_str()) {
            return Err(ServiceError::NotFound);
        }
        Ok((season, candidate))
    }

    /// The audit's words for what was done to the form.
    pub fn detail(&self, what: &str) -> String {
        format!("batch {} {what}", self.batch)
    }
}

/// The stage whose forms are shown in a phase: the trial's while it lasts, else what counts.
pub fn stage_shown(phase: Phase) -> &'static str {
    if phase == Phase::Rehearsal { "rehearsal" } else { "official" }
}

/// Slots that a client sent, if they can be stored; what they name is not asked here.
///
/// # Errors
/// `Invalid` with every fault.
pub fn slots(choices: Vec<String>) -> Result<Choices, ServiceError> {
    let mut faults = Vec::new();
    if choices.len() > MOST_SLOTS {
        faults.push(FieldFault::new("/choices", "too_long", format!("at most {MOST_SLOTS} slots")));
    }
    let bad = |slot: &String| {
        slot.chars().count() > LONGEST_SLOT
            || slot.chars().any(|sign| sign.is_control() || sign.is_whitespace())
    };
    for (at, _) in choices.iter().enumerate().take(MOST_SLOTS).filter(|(_, slot)| bad(slot)) {
        let rule = format!("must be a code of at most {LONGEST_SLOT} characters without blanks, or empty");
        faults.push(FieldFault::new(format!("/choices/{at}"), "malformed", rule));
    }
    if faults.is_empty() { Ok(Choices::new(choices)) } else { Err(ServiceError::Invalid(faults)) }
}

/// As they are stored.
pub fn to_json(choices: &Choices) -> String {
    serde_json::to_string(choices.slots()).expect("texts are JSON")
}

/// As they were stored.
///
/// # Errors
/// `Internal` when the row was altered.
pub fn from_json(choices: &str) -> Result<Choices, ServiceError> {
    serde_json::from_str(choices)
        .map(Choices::new)
        .map_err(|error| ServiceError::Internal(format!("stored choices: {error}")))
}

/// A version as it is stored, with its receipt number under the service's key.
pub fn to_row(form: FormVersion, receipt_key: &[u8]) -> FormVersionRow {
    FormVersionRow {
        version: i64::from(form.version),
        choices: to_json(&form.choices),
        previous: hex(&form.previous),
        hash: hex(&form.hash()),
        receipt: form.receipt(receipt_key).to_string(),
        season: form.season,
        stage: form.stage.word().to_owned(),
        exam_no: form.exam_no,
        batch: form.batch,
        at_ms: form.at_ms,
    }
}

/// A finding as a fault of the request.
pub fn fault(finding: FormFinding) -> FieldFault {
    FieldFault {
        detail: Words(Language::English).finding(&finding),
        zh: Some(Words(Language::Chinese).finding(&finding)),
        pointer: finding.pointer,
        code: finding.code,
    }
}
