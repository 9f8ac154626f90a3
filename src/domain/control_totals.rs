//! Control totals of a season's data: what an office compares with its paper before it commits.

use std::collections::BTreeMap;

use crate::domain::points::Points;

/// Candidates of an area or a junior high.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadCount {
    pub code: String,
    pub name: String,
    pub candidates: u64,
}

/// Marks of one column of the score sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectTotal {
    /// The column: a subject, or one of its parts.
    pub column: String,
    pub full: Points,
    /// Candidates with a mark (grades count too, but add nothing to the sum).
    pub scored: u64,
    pub sum: Points,
    pub highest: Points,
    pub absent: u64,
    pub void: u64,
    pub exempt: u64,
}

/// All totals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ControlTotals {
    pub candidates: u64,
    /// By code of the area.
    pub areas: Vec<HeadCount>,
    /// By code of the junior high; candidates without one stand in `no_junior`.
    pub juniors: Vec<HeadCount>,
    pub no_junior: u64,
    /// In the order of the sheet; empty without marks.
    pub subjects: Vec<SubjectTotal>,
    /// Planned seats of all programmes.
    pub seats: u64,
    /// Candidates whom the quota rule refuses.
    pub not_eligible: u64,
    /// The same by the word of the reason; one candidate may have several.
    pub refused: BTreeMap<String, u64>,
}

/// Figures of the year before, as far as an office has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastYear {
    pub candidates: Option<u64>,
    /// Candidates by code of the junior high.
    pub juniors: BTreeMap<String, u64>,
    /// Full mark, mean and highest mark by column of the score sheet.
    pub subjects: BTreeMap<String, LastMarks>,
}

/// Marks of one column in the year before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastMarks {
    pub full: Points,
    pub mean: Points,
    pub highest: Points,
}

/// Something that is not forbidden but seldom right: whoever commits it gives a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// A lasting word for programs, such as `scale_changed`.
    pub code: &'static str,
    /// What it is about: a column, a code of a school, or nothing.
    pub subject: String,
    /// In words.
    pub text: String,
    /// The numbers behind it by name.
    pub figures: Vec<(&'static str, String)>,
}
