//! A child's arrival at the school that admitted her (报到): did she come, are her papers in order, is she on leave.

use jiff::civil::Date;

use crate::domain::compulsory::register_no::RegisterNo;
use crate::domain::compulsory::register_spell::RegisterStatus;

/// What the check of her documents found (材料核验).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Documents {
    Ok,
    Faulty,
    Missing,
}

impl Documents {
    /// Every finding.
    pub const ALL: [Documents; 3] = [Documents::Ok, Documents::Faulty, Documents::Missing];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Documents::Ok => "ok",
            Documents::Faulty => "faulty",
            Documents::Missing => "missing",
        }
    }

    /// The finding of a word.
    pub fn from_word(word: &str) -> Option<Documents> {
        Documents::ALL.into_iter().find(|documents| documents.word() == word)
    }
}

/// Leave that the guardians asked for and were granted (SX22 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leave {
    /// Begins later (延缓入学).
    Deferred,
    /// Began, and is away for a time (休学).
    Suspended,
}

impl Leave {
    /// Every kind.
    pub const ALL: [Leave; 2] = [Leave::Deferred, Leave::Suspended];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        self.status().word()
    }

    /// The leave of a word.
    pub fn from_word(word: &str) -> Option<Leave> {
        Leave::ALL.into_iter().find(|leave| leave.word() == word)
    }

    /// How her register stands meanwhile.
    pub const fn status(self) -> RegisterStatus {
        match self {
            Leave::Deferred => RegisterStatus::Deferred,
            Leave::Suspended => RegisterStatus::Suspended,
        }
    }
}

/// A row of the sheet of arrivals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrivalRow {
    /// The line of the sheet.
    pub row: u64,
    /// Her number on the entry's lists.
    pub child: String,
    pub arrived: bool,
    /// The day she came.
    pub on: Option<Date>,
    /// None where nobody saw any, because she did not come.
    pub documents: Option<Documents>,
    pub leave: Option<Leave>,
    /// The number she brings from an earlier school; it stays hers.
    pub register_no: Option<RegisterNo>,
    /// What tells her from everybody else over the years; her number on the entry's lists where an office has none.
    pub person: String,
    pub note: String,
}

/// What the entry's list of children tells of a child's identity; only the opening of the register reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChildIdentity {
    /// The number of an identity card (GB 11643); empty where she has none.
    pub card: String,
    pub born: Option<Date>,
}
