//! The tracking of primary graduates (控辍保学): who left, who came, what is known of the others, who must act.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::domain::fault::Fault;
use crate::domain::policy_toml::read_policy;

/// A pupil who finished primary school.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Graduate {
    /// The same on every list of this tracking; no name and no number of identity.
    pub person: String,
    /// The primary school's code.
    pub primary: String,
    /// The county of domicile, by its division code.
    pub county: String,
    /// The junior high that expects her, by code; none where no place was given.
    pub expected_at: Option<String>,
}

/// A row of a junior high's register.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrival {
    pub person: String,
    /// The day she reported.
    pub on: Date,
    /// The junior high's code.
    pub junior: String,
}

/// What became of a graduate, or what is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutcomeKind {
    /// Begins later, on the guardians' application (延缓入学).
    Deferred,
    /// On leave, on the guardians' application (休学).
    Suspended,
    /// Another county's school has taken the register over.
    MovedAway,
    Deceased,
    /// Special schooling, at home too (送教上门).
    SpecialSchooling,
    /// The guardians wanted to teach her at home and were refused: she must come.
    HomeSchoolingRefused,
    /// Nobody knows where she is yet.
    Sought,
}

impl OutcomeKind {
    /// Every kind.
    pub const ALL: [OutcomeKind; 7] = [
        OutcomeKind::Deferred,
        OutcomeKind::Suspended,
        OutcomeKind::MovedAway,
        OutcomeKind::Deceased,
        OutcomeKind::SpecialSchooling,
        OutcomeKind::HomeSchoolingRefused,
        OutcomeKind::Sought,
    ];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            OutcomeKind::Deferred => "deferred",
            OutcomeKind::Suspended => "suspended",
            OutcomeKind::MovedAway => "moved_away",
            OutcomeKind::Deceased => "deceased",
            OutcomeKind::SpecialSchooling => "special_schooling",
            OutcomeKind::HomeSchoolingRefused => "home_schooling_refused",
            OutcomeKind::Sought => "sought",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<OutcomeKind> {
        OutcomeKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether it accounts for her.
    pub const fn settles(self) -> bool {
        !matches!(self, OutcomeKind::HomeSchoolingRefused | OutcomeKind::Sought)
    }
}

/// An outcome as recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    pub person: String,
    pub on: Date,
    pub kind: OutcomeKind,
    /// The application, the receiving school, the paper seen; without it an outcome does not count.
    pub note: String,
}

/// What must be done about a graduate who did not come, in this order (SX22 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrackingStep {
    /// The junior high reports her to the register office.
    Report,
    /// The county of domicile investigates.
    Investigate,
    /// The county of domicile writes to the guardians.
    Write,
}

impl TrackingStep {
    /// Every step, in order.
    pub const ALL: [TrackingStep; 3] = [TrackingStep::Report, TrackingStep::Investigate, TrackingStep::Write];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            TrackingStep::Report => "report",
            TrackingStep::Investigate => "investigate",
            TrackingStep::Write => "write",
        }
    }

    /// The step of a word.
    pub fn from_word(word: &str) -> Option<TrackingStep> {
        TrackingStep::ALL.into_iter().find(|step| step.word() == word)
    }
}

/// A step that was done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepDone {
    pub person: String,
    pub step: TrackingStep,
    pub on: Date,
}

/// When steps are due: each so many days after the one before was due, the first after the last day to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackingPolicy {
    /// The last day on which graduates report at their junior highs.
    pub reporting_ends: Date,
    pub report_days: u16,
    pub investigate_days: u16,
    pub write_days: u16,
}

impl TrackingPolicy {
    /// Reads `tracking.toml`.
    ///
    /// # Errors
    /// What is no TOML or not of this form.
    pub fn read(file: &str, text: &str) -> Result<TrackingPolicy, Vec<Fault>> {
        read_policy(file, text)
    }

    /// The last day for a step.
    pub fn due(&self, step: TrackingStep) -> Date {
        let days = [self.report_days, self.investigate_days, self.write_days];
        let days: i64 = days.into_iter().take(step as usize + 1).map(i64::from).sum();
        self.reporting_ends.saturating_add(days.days())
    }
}

/// Everything a ledger is made of.
#[derive(Clone, Debug)]
pub struct Tracking {
    pub policy: TrackingPolicy,
    pub graduates: Vec<Graduate>,
    pub arrivals: Vec<Arrival>,
    pub outcomes: Vec<Outcome>,
    pub steps: Vec<StepDone>,
}
