//! A spell of a register: from when to when a pupil stood on the register of a school, and how.

use jiff::civil::Date;

use crate::domain::compulsory::register_no::RegisterNo;

/// How a spell stands, or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegisterStatus {
    /// At school (在读).
    Enrolled,
    /// Out of school for a time, by leave (休学); the register stays.
    Suspended,
    /// Not begun yet, by leave (延缓入学); the place is kept.
    Deferred,
    /// Away without leave (辍学); the register stays for the years of compulsory education.
    Dropped,
    /// Ended: the register went to another school (转学).
    Transferred,
    /// Ended: the last year is done (毕业).
    Graduated,
}

impl RegisterStatus {
    /// Every status.
    pub const ALL: [RegisterStatus; 6] = [
        RegisterStatus::Enrolled,
        RegisterStatus::Suspended,
        RegisterStatus::Deferred,
        RegisterStatus::Dropped,
        RegisterStatus::Transferred,
        RegisterStatus::Graduated,
    ];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            RegisterStatus::Enrolled => "enrolled",
            RegisterStatus::Suspended => "suspended",
            RegisterStatus::Deferred => "deferred",
            RegisterStatus::Dropped => "dropped",
            RegisterStatus::Transferred => "transferred",
            RegisterStatus::Graduated => "graduated",
        }
    }

    /// The status of a word.
    pub fn from_word(word: &str) -> Option<RegisterStatus> {
        RegisterStatus::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether the spell is over.
    pub const fn is_over(self) -> bool {
        matches!(self, RegisterStatus::Transferred | RegisterStatus::Graduated)
    }

    /// Whether the pupil is at school while the spell lasts.
    pub const fn attends(self) -> bool {
        !matches!(self, RegisterStatus::Suspended | RegisterStatus::Deferred | RegisterStatus::Dropped)
    }
}

/// One row of a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterSpell {
    pub number: RegisterNo,
    /// The same for every row of one person, never empty; no name and no number of identity.
    pub person: String,
    /// The school's code.
    pub school: String,
    pub status: RegisterStatus,
    pub from: Date,
    /// The day it ended, which belongs to the next spell already; none while it lasts.
    pub until: Option<Date>,
}

impl RegisterSpell {
    /// The first day that is no longer its own.
    pub fn end(&self) -> Date {
        self.until.unwrap_or(Date::MAX)
    }
}
