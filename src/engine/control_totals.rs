//! Counts and sums of a season's data, for comparison with what an office has on paper.

use crate::domain::control_totals::{ControlTotals, HeadCount, SubjectTotal};
use crate::domain::eligibility::REFUSALS;
use crate::domain::market::NONE;
use crate::domain::marks::{Mark, mark_columns};
use crate::domain::points::Points;
use crate::domain::season::Season;
use crate::engine::eligibility::refusals;

/// All totals of what the season holds.
///
/// # Complexity
/// O(candidates x columns of the score sheet).
pub fn control_totals(season: &Season) -> ControlTotals {
    let candidates = &season.candidates;
    let count = |places: usize, of: &[u32]| {
        let mut counts = vec![0_u64; places];
        of.iter().filter(|at| **at != NONE).for_each(|at| counts[*at as usize] += 1);
        counts
    };
    let head = |code: &str, name: &str, candidates| HeadCount {
        code: code.to_owned(),
        name: name.to_owned(),
        candidates,
    };
    let city = &season.city;
    let mut totals = ControlTotals {
        candidates: candidates.len() as u64,
        areas: city
            .areas
            .iter()
            .zip(count(city.areas.len(), &candidates.area))
            .map(|(area, count)| head(&area.code, &area.name, count))
            .collect(),
        juniors: city
            .juniors
            .iter()
            .zip(count(city.juniors.len(), &candidates.junior))
            .map(|(school, count)| head(&school.code, &school.name, count))
            .collect(),
        no_junior: candidates.junior.iter().filter(|junior| **junior == NONE).count() as u64,
        subjects: subjects(season),
        seats: city.programmes.iter().map(|programme| u64::from(programme.seats)).sum(),
        ..ControlTotals::default()
    };
    for refused in refusals(season).into_iter().filter(|refused| !refused.eligible()) {
        totals.not_eligible += 1;
        let words = refused.words();
        for (_, word) in REFUSALS.iter().filter(|(_, word)| words.split(';').any(|found| found == *word)) {
            *totals.refused.entry((*word).to_owned()).or_default() += 1;
        }
    }
    totals
}

/// The totals of every column of the score sheet; none where nobody has a row.
fn subjects(season: &Season) -> Vec<SubjectTotal> {
    let mut totals: Vec<SubjectTotal> = mark_columns(&season.policy)
        .into_iter()
        .map(|(place, column)| {
            let subject = &season.policy.subjects[place.subject];
            let full = place.part.map_or(subject.full, |part| subject.parts[part].full);
            let (scored, absent, void, exempt) = (0, 0, 0, 0);
            let (sum, highest) = (Points::ZERO, Points::ZERO);
            SubjectTotal { column, full, scored, sum, highest, absent, void, exempt }
        })
        .collect();
    let mut has_rows = false;
    for row in season.marks.cells.chunks(season.marks.columns.max(1)) {
        for (total, cell) in totals.iter_mut().zip(row) {
            has_rows |= cell.mark() != Mark::Missing;
            match cell.mark() {
                Mark::Scored(points) => {
                    total.scored += 1;
                    total.sum = total.sum + points;
                    total.highest = total.highest.max(points);
                }
                Mark::Graded(_) => total.scored += 1,
                Mark::Absent => total.absent += 1,
                Mark::Void => total.void += 1,
                Mark::Exempt => total.exempt += 1,
                Mark::Missing => {}
            }
        }
    }
    if has_rows { totals } else { Vec::new() }
}
