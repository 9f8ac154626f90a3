//! A school of compulsory education and its approved places.

use crate::domain::compulsory::coordinates::Coordinates;
use crate::domain::compulsory::entry_stage::EntryStage;

/// Children of a class of the starting grade at most (YC21 3: never above 55).
pub const LARGEST_CLASS: u32 = 55;

/// Which stages a school has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SchoolKind {
    Primary,
    Junior,
    /// Primary and junior (九年一贯制).
    NineYear,
    /// Primary, junior and senior (十二年一贯制).
    TwelveYear,
}

impl SchoolKind {
    /// Every kind.
    pub const ALL: [SchoolKind; 4] =
        [SchoolKind::Primary, SchoolKind::Junior, SchoolKind::NineYear, SchoolKind::TwelveYear];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            SchoolKind::Primary => "primary",
            SchoolKind::Junior => "junior",
            SchoolKind::NineYear => "nine_year",
            SchoolKind::TwelveYear => "twelve_year",
        }
    }

    /// Whether it takes children of a stage.
    pub const fn has(self, stage: EntryStage) -> bool {
        match self {
            SchoolKind::Primary => matches!(stage, EntryStage::Primary),
            SchoolKind::Junior => matches!(stage, EntryStage::Junior),
            SchoolKind::NineYear | SchoolKind::TwelveYear => true,
        }
    }

    /// Whether its own pupils may go on from sixth to seventh grade inside (DP53).
    pub const fn promotes(self) -> bool {
        matches!(self, SchoolKind::NineYear | SchoolKind::TwelveYear)
    }
}

/// The approved plan of a starting grade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub classes: u32,
    pub seats: u32,
}

/// A school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntrySchool {
    pub code: String,
    pub name: String,
    pub private: bool,
    pub kind: SchoolKind,
    /// By [`EntryStage::index`]; nothing where the school has no such stage.
    pub plans: [Plan; 2],
    /// Named for children whom their own schools have no place for (DP54).
    pub replacement: bool,
    pub at: Option<Coordinates>,
}

impl EntrySchool {
    /// Its plan of a stage.
    pub const fn plan(&self, stage: EntryStage) -> Plan {
        self.plans[stage.index()]
    }
}
