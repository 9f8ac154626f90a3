//! Marks as columns: every cell is scored, absent, void, exempt, or there is no row at all.

use crate::domain::points::Points;
use crate::domain::policy::Policy;

/// One cell of the score sheet. Absent is never the number 0 (DP33).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A mark.
    Scored(Points),
    /// A grade, by its place among the subject's grades in byte order.
    Graded(u8),
    /// 缺考
    Absent,
    /// 作废
    Void,
    /// 免考
    Exempt,
    /// The candidate has no row in the score sheet.
    Missing,
}

/// A mark in four bytes: thousandths of a point, or a negative number for the other states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedMark(i32);

impl PackedMark {
    pub const MISSING: PackedMark = PackedMark(-4);

    /// Marks are at most 2,000,000 points with three places; the sheet's reader sees to it.
    pub fn pack(mark: Mark) -> PackedMark {
        PackedMark(match mark {
            Mark::Scored(points) => i32::try_from(points.millionths() / 1000).unwrap_or(i32::MAX),
            Mark::Graded(place) => -100 - i32::from(place),
            Mark::Absent => -1,
            Mark::Void => -2,
            Mark::Exempt => -3,
            Mark::Missing => -4,
        })
    }

    pub fn mark(self) -> Mark {
        match self.0 {
            -1 => Mark::Absent,
            -2 => Mark::Void,
            -3 => Mark::Exempt,
            -4 => Mark::Missing,
            thousandths @ 0.. => Mark::Scored(Points::from_millionths(i64::from(thousandths) * 1000)),
            grade => Mark::Graded(u8::try_from(-100 - grade).unwrap_or(u8::MAX)),
        }
    }
}

/// One column of the sheet: a subject, or one of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkColumn {
    pub subject: usize,
    pub part: Option<usize>,
}

/// The columns of a policy, in the order of the sheet, with their names.
pub fn mark_columns(policy: &Policy) -> Vec<(MarkColumn, String)> {
    let mut columns = Vec::new();
    for (subject, shape) in policy.subjects.iter().enumerate() {
        if shape.parts.is_empty() {
            columns.push((MarkColumn { subject, part: None }, shape.code.clone()));
        }
        for (part, piece) in shape.parts.iter().enumerate() {
            let name = format!("{}.{}", shape.code, piece.code);
            columns.push((MarkColumn { subject, part: Some(part) }, name));
        }
    }
    columns
}

/// The sheet: as many cells per candidate as there are columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub columns: usize,
    /// Candidate by candidate.
    pub cells: Vec<PackedMark>,
}

impl Marks {
    /// The cells of one candidate.
    pub fn row(&self, candidate: usize) -> &[PackedMark] {
        &self.cells[candidate * self.columns..(candidate + 1) * self.columns]
    }
}
