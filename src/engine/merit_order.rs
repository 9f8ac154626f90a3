//! The order of merit by totals alone: how many stand at or above a total.

use crate::domain::points::Points;
use crate::engine::totals::Total;

/// Totals of everybody with a valid exam record, the best first.
#[derive(Clone, Debug, Default)]
pub struct MeritOrder(Vec<Points>);

impl MeritOrder {
    /// Of all candidates of a season.
    ///
    /// # Complexity
    /// O(n log n).
    pub fn new(totals: &[Total]) -> MeritOrder {
        let mut ranked: Vec<Points> = totals.iter().filter(|total| total.record).map(Total::total).collect();
        ranked.sort_unstable_by(|a, b| b.cmp(a));
        MeritOrder(ranked)
    }

    /// How many are ranked.
    pub fn ranked(&self) -> u32 {
        self.0.len() as u32
    }

    /// How many have this total or more.
    pub fn rank(&self, total: Points) -> u32 {
        self.0.partition_point(|other| *other >= total) as u32
    }
}
