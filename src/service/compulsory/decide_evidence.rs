//! An official decides about a fact that a register did not confirm: the human path is always open.

use crate::domain::access::Act;
use crate::domain::compulsory::entry_sheet::EVIDENCE;
use crate::domain::compulsory::evidence::{Comparison, Decision, Source};
use crate::domain::compulsory::fact::Fact;
use crate::files::compulsory::entry_sheets::{Cells, code_of};
use crate::service::app::{App, Caller};
use crate::service::compulsory::stored_entry::cells;
use crate::service::error::{FieldFault, ServiceError};
use crate::service::people::show_candidate::{concerned, subject};
use crate::storage::entry_rows::{self, EntryRowRow};
use crate::storage::seasons;

/// Characters of a reason at most.
const LONGEST_REASON: usize = 200;

/// A decision.
#[derive(Clone, Debug)]
pub struct EvidenceDecision {
    pub season: String,
    pub exam_no: String,
    /// A word of [`Fact`].
    pub fact: String,
    /// A word of [`Source`]; papers shown at the counter have none before.
    pub source: String,
    pub accepted: bool,
    pub reason: String,
}

/// Puts a decision beside what the source answered, or beside papers.
///
/// # Errors
/// `Invalid` with every fault.
pub async fn decide_evidence(
    app: &App,
    caller: &Caller,
    decision: EvidenceDecision,
) -> Result<(), ServiceError> {
    app.act(caller, move |transaction| {
        let EvidenceDecision { season, exam_no, fact, source, accepted, reason } = decision;
        let (season, _) = concerned(transaction, Act::DecideEvidence, &season, &exam_no)?;
        let mut faults = Vec::new();
        if Fact::from_word(&fact).is_none() {
            let rule = "is no ground of admission: exams, certificates, posts and incomes never are";
            faults.push(FieldFault::new("/fact", "unknown", rule));
        }
        if Source::ALL.iter().all(|known| known.word() != source) {
            let words = Source::ALL.map(Source::word).join(", ");
            faults.push(FieldFault::new("/source", "unknown", format!("must be one of {words}")));
        }
        let reason = reason.trim();
        if reason.is_empty()
            || reason.chars().count() > LONGEST_REASON
            || reason.chars().any(char::is_control)
        {
            let rule = format!("must have 1 to {LONGEST_REASON} characters");
            faults.push(FieldFault::new("/reason", "malformed", rule));
        }
        if !faults.is_empty() {
            return Err(ServiceError::Invalid(faults));
        }
        // Answers of registers, or a whole sheet, must not come between this look and what is written.
        seasons::hold(transaction.connection, &season.code)?;
        let mut row = Cells::new();
        for (name, text) in [("child_no", exam_no.as_str()), ("fact", &fact), ("source", &source)] {
            row.insert(name.to_owned(), text.into());
        }
        let code = [code_of(&EVIDENCE, &row)];
        let known =
            entry_rows::list_by_codes(transaction.connection, &season.code, EVIDENCE.name, &code)?.pop();
        let place = match &known {
            Some(known) => {
                row = cells(known)?;
                known.place
            }
            None => {
                row.insert("comparison".to_owned(), Comparison::NotFound.word().into());
                0
            }
        };
        let word = if accepted { Decision::Accepted } else { Decision::Refused }.word();
        row.insert("decision".to_owned(), word.into());
        row.insert("reason".to_owned(), reason.into());
        let [code] = code;
        let row = EntryRowRow {
            season: season.code.clone(),
            sheet: EVIDENCE.name.to_owned(),
            code,
            place,
            cells: serde_json::Value::Object(row).to_string(),
        };
        let change = entry_rows::put(transaction.connection, &row)?;
        let detail = format!("{fact} {source} {word}: {reason}");
        transaction.note(Act::DecideEvidence, &season.code, &subject(&exam_no), detail, vec![change])
    })
    .await
}
