//! Who may use a quota seat: the rule's keys and the words a refusal is told with (DP13-DP16).

use jiff::civil::Date;
use serde::Deserialize;

/// `[quota.eligibility]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EligibilityRule {
    /// On the register of the same junior high since this day at the latest (DP13).
    pub register_by: Option<Date>,
    /// The later day that counts for candidates flagged `legal_transfer` (DP13).
    pub transfer_register_by: Option<Date>,
    /// Who came to the junior high after this day is a late transfer (DP13).
    pub late_transfer_after: Option<Date>,
    /// Must have attended (default true).
    pub attended: bool,
    /// Must not repeat the year (往届; default true).
    pub no_repeat: bool,
    /// Must be of local household (DP15; default false).
    pub local_only: bool,
    /// Flags of `candidates.csv` that exclude, such as `chosen_school` (DP14).
    pub refuse_flags: Vec<String>,
    /// Lowest quality grade (DP16).
    pub quality_at_least: Option<String>,
}

impl Default for EligibilityRule {
    fn default() -> EligibilityRule {
        EligibilityRule {
            register_by: None,
            transfer_register_by: None,
            late_transfer_after: None,
            attended: true,
            no_repeat: true,
            local_only: false,
            refuse_flags: Vec::new(),
            quality_at_least: None,
        }
    }
}

/// The flag of a candidate whose transfer was lawful.
pub const LEGAL_TRANSFER: &str = "legal_transfer";

/// The flag of a candidate who may use quota seats though the rule refuses her: found so by two people, with evidence.
pub const EXCEPTED: &str = "quota_exception";

/// The flag of a candidate who may not use quota seats though the rule lets her: upheld after an objection.
pub const EXCLUDED: &str = "quota_excluded";

/// Why a candidate may not use quota seats; several may hold at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No junior high is named.
    NoJunior = 1,
    /// On the register there for too short a time, or since an unknown day.
    RegisterShort = 2,
    /// Came after the last day for transfers.
    LateTransfer = 4,
    NotAttending = 8,
    Repeat = 16,
    NotLocal = 32,
    /// Below the quality grade needed, or without one.
    QualityGrade = 64,
    /// Carries an excluding flag.
    RefusedFlag = 128,
}

/// Every refusal and its word in files, in the order they are listed.
pub const REFUSALS: [(Refusal, &str); 8] = [
    (Refusal::NoJunior, "no_junior"),
    (Refusal::RegisterShort, "register_short"),
    (Refusal::LateTransfer, "late_transfer"),
    (Refusal::NotAttending, "not_attending"),
    (Refusal::Repeat, "repeat"),
    (Refusal::NotLocal, "not_local"),
    (Refusal::QualityGrade, "quality_grade"),
    (Refusal::RefusedFlag, "refused_flag"),
];

/// All refusals of one candidate; none means eligible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusals(u8);

impl Refusals {
    pub fn add(&mut self, refusal: Refusal) {
        self.0 |= refusal as u8;
    }

    /// May use quota seats.
    pub fn eligible(self) -> bool {
        self.0 == 0
    }

    /// Each one with its word, in listed order.
    pub fn listed(self) -> impl Iterator<Item = (Refusal, &'static str)> {
        REFUSALS.into_iter().filter(move |(refusal, _)| self.0 & *refusal as u8 != 0)
    }

    /// The words joined by `;`, in listed order.
    pub fn words(self) -> String {
        let words: Vec<&str> = self.listed().map(|(_, word)| word).collect();
        words.join(";")
    }
}
