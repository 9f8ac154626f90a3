//! What a check of a preference form finds: faults that refuse it, and remarks that do not.

use crate::domain::eligibility::Refusals;

/// One finding: where it stands, and a stable code; `words` has the sentence of each code for families.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormFinding {
    /// JSON pointer into the form: `/choices/2` is the third slot, `/choices` the whole list.
    pub pointer: String,
    /// Stable; clients may rely on it.
    pub code: &'static str,
    /// The code as it stands in the slot; absent for a finding about the whole list.
    pub programme: Option<String>,
    /// What the sentence names, by the name of its place.
    pub places: Vec<(&'static str, Named)>,
}

/// What a sentence names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    Number(usize),
    Text(String),
    /// Names in a row.
    Texts(Vec<String>),
    /// Why somebody may not use quota seats.
    Refusals(Refusals),
}

/// All findings of one check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormFindings {
    /// Any of them refuses a submission, in the order of the slots.
    pub faults: Vec<FormFinding>,
    /// Remarks that refuse nothing.
    pub warnings: Vec<FormFinding>,
    /// How the list will be read, in words that follow the policy.
    pub guidance: Vec<FormFinding>,
}
