//! The key of an application: which placing rule puts what first (`mechanism.md` section 1).

use crate::domain::points::Points;
use crate::domain::policy::Placing;

/// Levels end below this: the last number stands for "closed" in the kernels.
const MOST_LEVELS: u64 = 65_534;

/// How finely the order of merit is cut into levels where nothing stands before it.
const MERIT_LEVELS: u64 = 1_024;

/// The applications of one order of merit, entry by entry.
pub struct Entries<'a> {
    /// Student i's entries are `start[i]..start[i + 1]`.
    pub start: &'a [u32],
    /// Position in the list as filed, from 1.
    pub positions: &'a [u16],
    /// Per student.
    pub totals: &'a [Points],
    /// Per student: place in the order of merit, from 0; below `count`.
    pub ranks: &'a [u32],
    pub count: u32,
}

/// More bands and positions than the engine tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyLevels;

/// The coarse part of every key (more is better); the fine part is always `fine(rank)`.
///
/// # Errors
/// When bands times positions exceed 65,534 distinct values.
pub fn levels(placing: Placing, entries: &Entries<'_>) -> Result<Vec<u16>, TooManyLevels> {
    let longest = u64::from(entries.positions.iter().copied().max().unwrap_or(0)) + 1;
    // The class of an entry: smaller is better.
    let class = |student: usize, entry: usize| -> u64 {
        let position = u64::from(entries.positions[entry]);
        match placing {
            Placing::Parallel => {
                u64::from(entries.ranks[student]) * MERIT_LEVELS.min(u64::from(entries.count))
                    / u64::from(entries.count.max(1))
            }
            Placing::Sequential => position,
            Placing::ChoiceBands { choices } => position.div_ceil(u64::from(choices.max(1))),
            Placing::Band { points, from } => {
                band(points, from, entries.totals[student]) * longest + position
            }
        }
    };
    let students = 0..entries.start.len().saturating_sub(1);
    let each = || {
        students
            .clone()
            .flat_map(|student| {
                (entries.start[student]..entries.start[student + 1])
                    .map(move |entry| (student, entry as usize))
            })
            .map(|(student, entry)| class(student, entry))
    };
    let highest = each().max().unwrap_or(0);
    if highest < MOST_LEVELS {
        return Ok(each().map(|class| (highest - class) as u16).collect());
    }
    let mut classes: Vec<u64> = each().collect();
    classes.sort_unstable();
    classes.dedup();
    if classes.len() as u64 > MOST_LEVELS {
        return Err(TooManyLevels);
    }
    let last = classes.len() - 1;
    Ok(each().map(|class| (last - classes.partition_point(|&known| known < class)) as u16).collect())
}

/// 段: floor((from - total) / points), never below 0; 0 is the best band.
pub fn band(points: Points, from: Points, total: Points) -> u64 {
    let behind = (from - total).millionths().max(0);
    (behind / points.millionths().max(1)).unsigned_abs()
}

/// The fine part of a key: the place in the order of merit, turned so that more is better.
pub const fn fine(rank: u32) -> u64 {
    u32::MAX as u64 - rank as u64
}
