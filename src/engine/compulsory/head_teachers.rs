//! The draw of head teachers (班主任抽签): which teacher gets which class, by lot.

use std::collections::BTreeSet;

use crate::domain::compulsory::class_policy::MOST_CLASSES;
use crate::engine::compulsory::class_groups::NotGroupable;
use crate::engine::draw::{Lots, Seed};

/// What the lots of this draw are addressed by; see the groups.
const TEACHER: &str = "head_teachers/1 teacher ";
const CLASS: &str = "head_teachers/1 class ";

/// A teacher and her class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeadTeacher {
    /// From 0.
    pub class: u32,
    /// By index.
    pub teacher: u32,
}

/// The list to be frozen before this draw's own seed: the groups, by their seed, and the teachers.
pub fn teacher_lines(groups: Seed, teachers: &[String], classes: u32) -> Vec<String> {
    let mut lines = vec![format!("groups {classes},{groups}")];
    lines.extend(teachers.iter().map(|teacher| format!("teacher {teacher}")));
    lines
}

/// Draws, by class. Where there are more classes than teachers or the other way round, the lot also decides who
/// stays without.
///
/// Rule: reference.md DP59: *"then head teachers draw class numbers, live + recording"*: the groups are published
/// before, so that this draw has a seed of its own, from chance that comes after [`teacher_lines`] were frozen.
///
/// # Errors
/// No class or too many; a teacher who stands twice.
///
/// # Complexity
/// O(n log n).
pub fn head_teachers(
    seed: Seed,
    round: u32,
    teachers: &[String],
    classes: u32,
) -> Result<Vec<HeadTeacher>, Vec<NotGroupable>> {
    let mut faults = Vec::new();
    if classes == 0 || classes > MOST_CLASSES {
        faults.push(NotGroupable::Classes);
    }
    let mut seen = BTreeSet::new();
    let twice = (0..).zip(teachers).filter(|(_, teacher)| !seen.insert(*teacher));
    faults.extend(twice.map(|(row, _)| NotGroupable::Twice { row }));
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut lots = Lots::new(seed, round);
    let mut drawn: Vec<(u64, &String, u32)> = (0..)
        .zip(teachers)
        .map(|(at, teacher)| (lots.of(&format!("{TEACHER}{teacher}")), teacher, at))
        .collect();
    drawn.sort_unstable();
    let mut numbers: Vec<u32> = (0..classes).collect();
    numbers.sort_by_cached_key(|class| lots.of(&format!("{CLASS}{class}")));
    let mut pairs: Vec<HeadTeacher> = drawn
        .into_iter()
        .zip(numbers)
        .map(|((_, _, teacher), class)| HeadTeacher { class, teacher })
        .collect();
    pairs.sort_unstable();
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(round: u32, teachers: &[&str], classes: u32) -> Result<Vec<(u32, String)>, Vec<NotGroupable>> {
        let teachers: Vec<String> = teachers.iter().map(|&teacher| teacher.to_owned()).collect();
        let pairs = head_teachers(Seed([5; 32]), round, &teachers, classes)?;
        Ok(pairs.into_iter().map(|pair| (pair.class, teachers[pair.teacher as usize].clone())).collect())
    }

    #[test]
    fn every_class_draws_a_teacher_and_the_order_of_names_changes_nothing() {
        // A golden draw: it must never change.
        let drawn = draw(1, &["t1", "t2", "t3"], 3).unwrap();
        assert_eq!(drawn, [(0, "t3".to_owned()), (1, "t2".to_owned()), (2, "t1".to_owned())]);
        assert_eq!(draw(1, &["t3", "t1", "t2"], 3), Ok(drawn.clone()));
        assert!((2..20).any(|round| draw(round, &["t1", "t2", "t3"], 3).unwrap() != drawn));
    }

    #[test]
    fn over_many_rounds_every_teacher_gets_every_class_alike() {
        let mut counts = [[0_u32; 3]; 3];
        for round in 0..3_000 {
            for (class, teacher) in draw(round, &["0", "1", "2"], 3).unwrap() {
                counts[class as usize][teacher.parse::<usize>().unwrap()] += 1;
            }
        }
        assert!(counts.as_flattened().iter().all(|count| count.abs_diff(1_000) < 100), "{counts:?}");
    }

    #[test]
    fn too_few_too_many_and_wrong() {
        assert_eq!(draw(1, &["a"], 5).unwrap().len(), 1);
        assert_eq!(draw(1, &["a", "b", "c"], 2).unwrap().len(), 2);
        assert_eq!(draw(1, &[], 2), Ok(vec![]));
        assert_eq!(draw(1, &["a", "a"], 0), Err(vec![NotGroupable::Classes, NotGroupable::Twice { row: 1 }]));
    }
}
