//! Filed preference lists (志愿) as columns: by candidate, then batch, then position.

use std::ops::Range;

/// All lists of a season.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Candidate c's rows are `start[c]..start[c + 1]`.
    pub start: Vec<u32>,
    /// Batches of the policy by index.
    pub batch: Vec<u8>,
    /// From 1, as filed.
    pub position: Vec<u8>,
    /// Programmes of the city by index.
    pub programme: Vec<u32>,
}

impl Preferences {
    /// All rows of a candidate.
    pub fn rows(&self, candidate: usize) -> Range<usize> {
        self.start[candidate] as usize..self.start[candidate + 1] as usize
    }

    /// A candidate's rows for one batch.
    pub fn list(&self, candidate: usize, batch: usize) -> Range<usize> {
        let rows = self.rows(candidate);
        let batches = &self.batch[rows.clone()];
        let from = batches.iter().take_while(|&&other| usize::from(other) < batch).count();
        let length = batches[from..].iter().take_while(|&&other| usize::from(other) == batch).count();
        rows.start + from..rows.start + from + length
    }
}
