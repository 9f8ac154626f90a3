//! Chances from facts: a candidate's rank band beside the last rank bands of past years, in whole numbers.

use std::collections::BTreeMap;

use crate::domain::chance::{Chance, Margins};
use crate::domain::past_line::PastLine;
use crate::domain::rank_band::RankBand;
use crate::domain::seat::Seat;

/// The past of a programme on the kinds of seat that a candidate could take there, the oldest year first within a
/// kind. `sorted` holds lines in their own order.
///
/// # Complexity
/// O(log lines).
pub fn past_of<'h>(
    sorted: &'h [PastLine],
    programme: &str,
    junior: &str,
    kinds: &[Seat],
) -> impl Iterator<Item = &'h PastLine> {
    let ranges = kinds.iter().map(|&kind| {
        let junior = if kind == Seat::Quota { junior } else { "" };
        let key = (programme, kind, junior);
        let from = sorted.partition_point(|line| place(line) < key);
        let length = sorted[from..].partition_point(|line| place(line) == key);
        &sorted[from..from + length]
    });
    ranges.collect::<Vec<_>>().into_iter().flatten()
}

fn place(line: &PastLine) -> (&str, Seat, &str) {
    (&line.programme, line.seat, &line.junior)
}

/// How far a candidate stands from the lines of past years, in millionths of the ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distance {
    /// Above the hardest year's line; negative below it.
    pub above_all: i64,
    /// Below the easiest year's line; negative above it.
    pub below_all: i64,
}

/// The distance; none where nothing may be told of the past. Each year counts with the line that lay furthest down
/// among the kinds of seat she could take.
pub fn distance<'h>(own: RankBand, past: impl Iterator<Item = &'h PastLine>) -> Option<Distance> {
    let mut years: BTreeMap<i16, i64> = BTreeMap::new();
    for line in past {
        if let Some(last) = line.last() {
            let furthest = years.entry(line.year).or_insert(last.share());
            *furthest = last.share().max(*furthest);
        }
    }
    let (hardest, easiest) = (years.values().min()?, years.values().max()?);
    Some(Distance { above_all: hardest - own.share(), below_all: own.share() - easiest })
}

/// The chance at a distance.
pub fn chance(distance: Option<Distance>, margins: Margins) -> Chance {
    match distance {
        None => Chance::Unknown,
        Some(distance) if distance.above_all >= margins.safe => Chance::Safe,
        Some(distance) if distance.below_all > margins.reach => Chance::Reach,
        Some(_) => Chance::Likely,
    }
}

/// Whether a list is to be warned of: something is known of it, and nothing on it is safe.
pub fn is_all_reaches(chances: &[Chance]) -> bool {
    chances.iter().any(|chance| *chance != Chance::Unknown) && !chances.contains(&Chance::Safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seat: Seat, junior: &str, year: i16, taken: u32, last_rank: u32) -> PastLine {
        let (programme, junior) = ("P".to_owned(), junior.to_owned());
        PastLine { programme, seat, junior, year, seats: 50, taken, last_rank, ranked: 10_000 }
    }

    #[test]
    fn a_chance_is_measured_by_the_hardest_and_the_easiest_year() {
        let mut lines = vec![
            line(Seat::Open, "", 2024, 50, 3_000),
            line(Seat::Open, "", 2025, 50, 4_000),
            line(Seat::Quota, "J1", 2025, 9, 5_000),
            line(Seat::Quota, "J2", 2025, 2, 9_000),
        ];
        lines.sort();
        let margins = Margins { safe: 20_000, reach: 10_000 };
        let told = |rank, junior, kinds: &[Seat]| {
            let own = RankBand::of(rank, 10_000).unwrap();
            chance(distance(own, past_of(&lines, "P", junior, kinds)), margins)
        };
        assert_eq!(told(2_800, "J1", &[Seat::Open]), Chance::Safe);
        assert_eq!(told(2_801, "J1", &[Seat::Open]), Chance::Likely);
        assert_eq!(told(4_100, "J1", &[Seat::Open]), Chance::Likely);
        assert_eq!(told(4_101, "J1", &[Seat::Open]), Chance::Reach);
        assert_eq!(told(5_100, "J1", &[Seat::Open, Seat::Quota]), Chance::Likely);
        // Two holders are too few to be told of.
        assert_eq!(told(5_100, "J2", &[Seat::Open, Seat::Quota]), Chance::Reach);
        assert_eq!(told(100, "J2", &[Seat::Quota]), Chance::Unknown);
        assert_eq!(told(100, "J1", &[Seat::Pool]), Chance::Unknown);
    }

    #[test]
    fn a_list_without_a_safe_choice_is_warned_of_where_something_is_known() {
        use Chance::{Likely, Reach, Safe, Unknown};
        assert!(is_all_reaches(&[Reach, Unknown]) && is_all_reaches(&[Likely]));
        assert!(!is_all_reaches(&[Reach, Safe]) && !is_all_reaches(&[Unknown]) && !is_all_reaches(&[]));
    }
}
