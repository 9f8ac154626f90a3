//! Score segments (一分一段表): how many stand at and above every whole score, per area.

use crate::domain::season::Season;
use crate::engine::totals::Total;

/// One row; the rank at a cut-off equals the cumulative count (W14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    pub area: u32,
    pub score: i64,
    pub count: u64,
    pub cumulative: u64,
}

/// The tables of all areas: candidates with a record, by the whole part of their total, from the
/// highest that occurs down to the lowest, empty rows kept.
///
/// # Complexity
/// O(candidates + rows).
pub fn segments(season: &Season, totals: &[Total]) -> Vec<Segment> {
    let mut counts: Vec<std::collections::BTreeMap<i64, u64>> =
        vec![Default::default(); season.city.areas.len()];
    for (total, &area) in totals.iter().zip(&season.candidates.area).filter(|(total, _)| total.record) {
        *counts[area as usize].entry(total.total().floor()).or_default() += 1;
    }
    let mut table = Vec::new();
    for (area, counts) in (0..).zip(counts) {
        let (Some((&low, _)), Some((&high, _))) = (counts.first_key_value(), counts.last_key_value()) else {
            continue;
        };
        let mut cumulative = 0;
        for score in (low..=high).rev() {
            let count = counts.get(&score).copied().unwrap_or(0);
            cumulative += count;
            table.push(Segment { area, score, count, cumulative });
        }
    }
    table
}
