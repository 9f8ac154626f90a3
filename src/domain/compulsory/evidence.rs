//! Evidence: what a register answered about one fact of one child, and what an official decided (DP49).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::compulsory::fact::Fact;

/// Who was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Police,
    Housing,
    Newborn,
    Market,
    SocialSecurity,
    /// Papers shown at the counter or photographed.
    Papers,
}

impl Source {
    /// Every source.
    pub const ALL: [Source; 6] = [
        Source::Police,
        Source::Housing,
        Source::Newborn,
        Source::Market,
        Source::SocialSecurity,
        Source::Papers,
    ];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Source::Police => "police",
            Source::Housing => "housing",
            Source::Newborn => "newborn",
            Source::Market => "market",
            Source::SocialSecurity => "social_security",
            Source::Papers => "papers",
        }
    }
}

/// What the source answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparison {
    Match,
    Mismatch,
    NotFound,
    /// The register was down: the human path stays open.
    Unavailable,
}

impl Comparison {
    /// Every answer.
    pub const ALL: [Comparison; 4] =
        [Comparison::Match, Comparison::Mismatch, Comparison::NotFound, Comparison::Unavailable];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Comparison::Match => "match",
            Comparison::Mismatch => "mismatch",
            Comparison::NotFound => "not_found",
            Comparison::Unavailable => "unavailable",
        }
    }
}

/// What an official decided after looking at papers; it goes before the register's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    Accepted,
    Refused,
}

impl Decision {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Decision::Accepted => "accepted",
            Decision::Refused => "refused",
        }
    }
}

/// One row of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The child, by index.
    pub child: u32,
    pub fact: Fact,
    pub source: Source,
    pub comparison: Comparison,
    pub decision: Option<Decision>,
    /// Why an official decided; never empty beside a decision.
    pub reason: String,
    /// The day of the register's data; it decides nothing.
    pub day: Option<Date>,
}

impl Evidence {
    /// Whether it proves its fact.
    pub fn proves(&self) -> bool {
        match self.decision {
            Some(decision) => decision == Decision::Accepted,
            None => self.comparison == Comparison::Match,
        }
    }
}
