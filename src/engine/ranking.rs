//! The strict order of merit: total, then the tie chain, then the verifiable lot.

use rayon::prelude::*;

use crate::domain::market::NONE;
use crate::domain::points::Points;
use crate::domain::policy::Comparator;
use crate::domain::season::Season;
use crate::engine::totals::{Scorer, Total};

/// Reads the links of the tie chain off a candidate (DP36).
pub struct TieChain<'s> {
    season: &'s Season,
    scorer: Scorer<'s>,
    /// Per link: the subjects it looks at, and the bit of its flag.
    subjects: Vec<Vec<usize>>,
    bits: Vec<u32>,
}

impl<'s> TieChain<'s> {
    pub fn new(season: &'s Season) -> TieChain<'s> {
        let policy = &season.policy;
        let place = |code: &String| policy.subject(code).expect("the policy was checked");
        let subjects = policy.ties.iter().map(|tie| match tie {
            Comparator::Subject { subject } => vec![place(subject)],
            Comparator::Sum { subjects } => subjects.iter().map(place).collect(),
            _ => Vec::new(),
        });
        let bits = policy.ties.iter().map(|tie| match tie {
            Comparator::Flag { flag, .. } => season.candidates.flag_bit(flag),
            _ => 0,
        });
        TieChain { season, scorer: Scorer::new(policy), subjects: subjects.collect(), bits: bits.collect() }
    }

    /// How many links, the lot not counted.
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Whether only the lot is left.
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// The value of a link, more is better: millionths of points, grades counted from the worst,
    /// flags as 0 and 1.
    pub fn value(&self, link: usize, candidate: usize, total: &Total) -> i64 {
        let candidates = &self.season.candidates;
        match &self.season.policy.ties[link] {
            Comparator::TotalWithoutBonus => total.without_bonus.millionths(),
            Comparator::Subject { .. } | Comparator::Sum { .. } => {
                let row = self.season.marks.row(candidate);
                self.subjects[link]
                    .iter()
                    .map(|&subject| self.scorer.points(row, subject))
                    .sum::<Points>()
                    .millionths()
            }
            Comparator::Grade => {
                let grades = self.season.policy.quality_grades.len() as i64;
                grades - i64::from(candidates.quality[candidate]).min(grades)
            }
            Comparator::Flag { last, .. } => {
                let carries = candidates.flags[candidate] & self.bits[link] != 0;
                i64::from(carries != *last)
            }
        }
    }
}

/// The place of every candidate with a record, from 0; `NONE` without.
///
/// # Complexity
/// O(n log n) on totals, the chain only inside equal totals; in parallel.
pub fn ranks(season: &Season, totals: &[Total], lots: &[u64]) -> Vec<u32> {
    let chain = TieChain::new(season);
    let links = chain.len();
    let values: Vec<i64> = (0..totals.len() * links)
        .into_par_iter()
        .with_min_len(1 << 12)
        .map(|at| chain.value(at % links, at / links, &totals[at / links]))
        .collect();
    // Sorted by what decides nearly always; the rest of the key is looked up.
    let mut order: Vec<(i64, u32)> = (0..totals.len() as u32)
        .filter(|&candidate| totals[candidate as usize].record)
        .map(|candidate| (-totals[candidate as usize].total().millionths(), candidate))
        .collect();
    let row = |candidate: u32| &values[candidate as usize * links..(candidate as usize + 1) * links];
    // Candidates are sorted by exam number, so the index is the last comparator.
    order.par_sort_unstable_by(|a, b| {
        a.0.cmp(&b.0)
            .then_with(|| row(b.1).cmp(row(a.1)))
            .then_with(|| lots[a.1 as usize].cmp(&lots[b.1 as usize]))
            .then(a.1.cmp(&b.1))
    });
    let mut ranks = vec![NONE; totals.len()];
    for (rank, (_, candidate)) in (0..).zip(order) {
        ranks[candidate as usize] = rank;
    }
    ranks
}
