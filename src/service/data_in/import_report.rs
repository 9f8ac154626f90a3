//! What a check of a file said, as it is kept (sealed) and shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::control_totals::{ControlTotals, Warning};
use crate::domain::fault::Fault;
use crate::service::error::ServiceError;
use crate::service::secrets::field_cipher::{FieldCipher, Place};

/// Faults that a report lists at most; the workbook that comes back has all.
const LISTED: usize = 1_000;

/// The report of a check.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ImportReport {
    /// As the sender called it.
    pub file_name: String,
    /// The sender's names of columns, and ours.
    pub mapping: BTreeMap<String, String>,
    /// The first thousand.
    pub faults: Vec<ReportedFault>,
    /// What was read otherwise than it stood; the first thousand.
    pub notices: Vec<ReportedFault>,
    pub totals: ReportedTotals,
    pub warnings: Vec<ReportedWarning>,
    /// Why it was committed in spite of a warning, by the warning's code.
    pub reasons: BTreeMap<String, String>,
}

/// A fault at its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportedFault {
    pub sheet: String,
    pub row: Option<u64>,
    pub column: Option<String>,
    pub value: String,
    pub rule: String,
}

/// Control totals; points as decimal texts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ReportedTotals {
    pub candidates: u64,
    pub seats: u64,
    pub not_eligible: u64,
    pub refused: BTreeMap<String, u64>,
    /// Candidates by area, then by junior high: code, name, count.
    pub areas: Vec<(String, String, u64)>,
    pub juniors: Vec<(String, String, u64)>,
    /// Column, candidates with a mark, sum, highest, absent, void, exempt.
    pub subjects: Vec<(String, u64, String, String, u64, u64, u64)>,
}

/// A warning that needs a reason.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportedWarning {
    pub code: String,
    pub subject: String,
    pub text: String,
    pub figures: BTreeMap<String, String>,
}

impl ReportedFault {
    fn first(faults: &[Fault]) -> Vec<ReportedFault> {
        let reported = |fault: &Fault| ReportedFault {
            sheet: fault.place.clone(),
            row: fault.row,
            column: fault.column.clone(),
            value: fault.value.clone(),
            rule: fault.rule.clone(),
        };
        faults.iter().take(LISTED).map(reported).collect()
    }
}

impl ImportReport {
    /// Of what a check found.
    pub fn new(
        file_name: &str,
        mapping: BTreeMap<String, String>,
        faults: &[Fault],
        notices: &[Fault],
        totals: &ControlTotals,
        warnings: Vec<Warning>,
    ) -> ImportReport {
        let heads = |heads: &[crate::domain::control_totals::HeadCount]| {
            heads.iter().map(|head| (head.code.clone(), head.name.clone(), head.candidates)).collect()
        };
        ImportReport {
            file_name: file_name.to_owned(),
            mapping,
            faults: ReportedFault::first(faults),
            notices: ReportedFault::first(notices),
            totals: ReportedTotals {
                candidates: totals.candidates,
                seats: totals.seats,
                not_eligible: totals.not_eligible,
                refused: totals.refused.clone(),
                areas: heads(&totals.areas),
                juniors: heads(&totals.juniors),
                subjects: totals
                    .subjects
                    .iter()
                    .map(|subject| {
                        let (sum, highest) = (subject.sum.to_string(), subject.highest.to_string());
                        let column = subject.column.clone();
                        (column, subject.scored, sum, highest, subject.absent, subject.void, subject.exempt)
                    })
                    .collect(),
            },
            warnings: warnings
                .into_iter()
                .map(|warning| ReportedWarning {
                    code: warning.code.to_owned(),
                    subject: warning.subject,
                    text: warning.text,
                    figures: warning
                        .figures
                        .into_iter()
                        .map(|(name, figure)| (name.to_owned(), figure))
                        .collect(),
                })
                .collect(),
            reasons: BTreeMap::new(),
        }
    }

    /// Sealed for its import.
    ///
    /// # Errors
    /// Never in fact: a report is JSON.
    pub fn seal(&self, fields: &FieldCipher, import: &str) -> Result<String, ServiceError> {
        let text = serde_json::to_string(self)
            .map_err(|error| ServiceError::Internal(format!("a report to keep: {error}")))?;
        Ok(fields.seal(place(import), &text))
    }

    /// Opened again.
    ///
    /// # Errors
    /// It was sealed under another key, altered, or written by another program.
    pub fn open(fields: &FieldCipher, import: &str, sealed: &str) -> Result<ImportReport, ServiceError> {
        let fail = || ServiceError::Internal(format!("the report of import {import} does not open"));
        let text = fields.open(place(import), sealed).map_err(|_| fail())?;
        serde_json::from_str(&text).map_err(|_| fail())
    }
}

fn place(import: &str) -> Place<'_> {
    Place { table: "imports", column: "report", row: import }
}
