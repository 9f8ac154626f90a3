//! Totals: marks, weights, grades, states, rounding and the bonus, in exact decimals.

use rayon::prelude::*;

use crate::domain::marks::{Mark, MarkColumn, PackedMark, mark_columns};
use crate::domain::points::Points;
use crate::domain::policy::{ExamRecord, Policy, Rounding, Subject};
use crate::domain::season::Season;

/// What a candidate's marks come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub without_bonus: Points,
    pub bonus: Points,
    /// There is a valid record of this year's exam (SX22 6.6).
    pub record: bool,
}

impl Total {
    /// What decides.
    pub fn total(&self) -> Points {
        self.without_bonus + self.bonus
    }
}

/// Reads points off rows of marks.
pub struct Scorer<'p> {
    policy: &'p Policy,
    /// Per subject: its columns of the sheet.
    columns: Vec<Vec<(usize, MarkColumn)>>,
    /// Per subject: the points of its grades, in byte order of the grades.
    grades: Vec<Vec<Points>>,
}

/// The states of a subject's cells, taken together.
struct State {
    scored: bool,
    missed: bool,
    exempt: bool,
    whole: bool,
}

impl<'p> Scorer<'p> {
    pub fn new(policy: &'p Policy) -> Scorer<'p> {
        let mut columns = vec![Vec::new(); policy.subjects.len()];
        for (at, (column, _)) in mark_columns(policy).into_iter().enumerate() {
            columns[column.subject].push((at, column));
        }
        let grades =
            policy.subjects.iter().map(|subject| subject.grades.values().copied().collect()).collect();
        Scorer { policy, columns, grades }
    }

    /// Points of a subject as they enter a total: `mark x weight`, the grade's points x weight, the
    /// subject's exempt points, nothing for absent and void (DP30, DP33).
    pub fn points(&self, row: &[PackedMark], subject: usize) -> Points {
        let shape = &self.policy.subjects[subject];
        let columns = &self.columns[subject];
        if columns.iter().any(|&(at, _)| row[at].mark() == Mark::Exempt) {
            return shape.exempt.unwrap_or_default();
        }
        columns
            .iter()
            .map(|&(at, column)| {
                let plain = match row[at].mark() {
                    Mark::Scored(points) => points,
                    Mark::Graded(place) => self.grades[subject][usize::from(place)],
                    _ => return Points::ZERO,
                };
                let weight = column.part.map_or(shape.weight, |part| shape.parts[part].weight);
                plain.times(weight).expect("three places times three places are six")
            })
            .sum()
    }

    /// The total of a row; `bonuses` are all a candidate has: the highest counts (DP35).
    pub fn total(&self, row: &[PackedMark], bonuses: &[Points]) -> Total {
        let rule = &self.policy.score;
        let sum: Points = (0..self.policy.subjects.len())
            .filter(|&subject| self.policy.subjects[subject].counts)
            .map(|subject| self.points(row, subject))
            .sum();
        let without_bonus = match rule.rounding {
            Rounding::None => sum,
            Rounding::HalfUp => sum.half_up(rule.decimals),
        };
        let highest = bonuses.iter().copied().max().unwrap_or_default();
        let bonus = rule.bonus_cap.map_or(highest, |cap| highest.min(cap));
        Total { without_bonus, bonus, record: self.record(row) }
    }

    fn record(&self, row: &[PackedMark]) -> bool {
        let states: Vec<(&Subject, State)> = self
            .policy
            .subjects
            .iter()
            .enumerate()
            .map(|(at, subject)| (subject, self.state(row, at)))
            .collect();
        let counting = || states.iter().filter(|(subject, _)| subject.counts);
        let enough = match self.policy.score.exam_record {
            ExamRecord::Any => counting().any(|(_, state)| state.scored),
            ExamRecord::All => counting().all(|(_, state)| state.whole || state.exempt),
        };
        let sat = row.iter().all(|cell| *cell != PackedMark::MISSING);
        enough && sat && states.iter().all(|(subject, state)| !(subject.required && state.missed))
    }

    fn state(&self, row: &[PackedMark], subject: usize) -> State {
        let marks = || self.columns[subject].iter().map(|&(at, _)| row[at].mark());
        let is_scored = |mark: Mark| matches!(mark, Mark::Scored(_) | Mark::Graded(_));
        State {
            scored: marks().any(is_scored),
            missed: marks().any(|mark| matches!(mark, Mark::Absent | Mark::Void)),
            exempt: marks().any(|mark| mark == Mark::Exempt),
            whole: marks().all(is_scored),
        }
    }
}

/// The totals of all candidates.
///
/// # Complexity
/// O(cells of the score sheet), in parallel.
pub fn totals(season: &Season) -> Vec<Total> {
    let scorer = Scorer::new(&season.policy);
    let none = Vec::new();
    (0..season.candidates.len())
        .into_par_iter()
        .map(|candidate| {
            let bonuses = season.candidates.bonuses.get(&(candidate as u32)).unwrap_or(&none);
            scorer.total(season.marks.row(candidate), bonuses)
        })
        .collect()
}
