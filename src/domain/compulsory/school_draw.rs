//! A draw of one school by numbers that people drew in public (DP51).

use crate::domain::compulsory::entry_stage::EntryStage;

/// How two drawn numbers make an order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DrawProtocol {
    /// Start number and interval on a ring, winners removed (Nanchang 2023, W17).
    Ring,
    /// First number and difference (Fuzhou 2021).
    FirstAndDifference,
}

impl DrawProtocol {
    /// Every protocol.
    pub const ALL: [DrawProtocol; 2] = [DrawProtocol::Ring, DrawProtocol::FirstAndDifference];

    /// The word in files, as `zhaosheng draw` has it.
    pub const fn word(self) -> &'static str {
        match self {
            DrawProtocol::Ring => "ring",
            DrawProtocol::FirstAndDifference => "first_and_difference",
        }
    }
}

/// The numbers drawn for a private school, or for the direct promotion of a public one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchoolDraw {
    /// By index.
    pub school: u32,
    pub stage: EntryStage,
    pub protocol: DrawProtocol,
    /// The start, or the first number, from 1.
    pub first: u32,
    /// The interval, or the difference, from 1.
    pub step: u32,
}
