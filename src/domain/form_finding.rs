//! What a check of a preference form finds: faults that refuse it, and remarks that do not.

/// One finding: where it stands, a stable code for programs, and the words for families.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormFinding {
    /// JSON pointer into the form: `/choices/2` is the third slot, `/choices` the whole list.
    pub pointer: String,
    /// Stable; clients may rely on it.
    pub code: &'static str,
    /// The code as it stands in the slot; absent for a finding about the whole list.
    pub programme: Option<String>,
    pub zh: String,
    pub en: String,
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
