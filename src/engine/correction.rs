//! A score corrected after the publication: the best place whose published lines she clears, and nobody else moves.
//!
//! Rule: `mechanism.md` section 7: after the final date the published cut-offs are the contract.

use crate::domain::market::NONE;
use crate::domain::policy::SeatKinds;
use crate::domain::season::Season;
use crate::domain::seat::Seat;
use crate::engine::admission_lines::Line;
use crate::engine::batch_placing::{Admission, Basis, BatchMarket, Left, PlacedBatch, batch_market, take};
use crate::engine::eligibility::refusals;
use crate::engine::ranking::ranks;
use crate::engine::season_run::SeasonRun;
use crate::engine::totals::totals;

/// The first choice of a candidate, with her corrected marks, that clears a line of the published run.
///
/// `corrected` is the published season but for the marks of this candidate. A seat found so is granted beside the
/// plan where the line is full.
///
/// # Complexity
/// O(candidates x log candidates) for the order of merit, then O(total list length) per batch.
pub fn best_by_lines(corrected: &Season, run: &SeasonRun, candidate: usize) -> Option<Admission> {
    let totals = totals(corrected);
    let ranks = ranks(corrected, &totals, &run.lots);
    let refusals = refusals(corrected);
    let basis =
        Basis { season: corrected, totals: &totals, ranks: &ranks, refusals: &refusals, quota: &run.quota };
    let mut left = Left::whole(corrected, &run.quota);
    for (batch, placed) in run.batches.iter().enumerate() {
        // Whether she was admitted before is what is in question.
        left.admissions[candidate] = None;
        let shape = batch_market(&basis, &left, batch).ok()?;
        if shape.student_of[candidate] != NONE
            && let Some(admission) = first_cleared(&basis, placed, &shape, candidate)
        {
            return Some(admission);
        }
        take(&basis, &mut left, placed);
    }
    None
}

/// Her first choice in one batch that clears a line.
fn first_cleared(
    basis: &Basis<'_>,
    placed: &PlacedBatch,
    shape: &BatchMarket,
    candidate: usize,
) -> Option<Admission> {
    let rule = &basis.season.policy.batches[shape.batch];
    let student = shape.student_of[candidate];
    shape.market.list(student).find_map(|entry| {
        let application = shape.market.applications[entry];
        let local = application.programme();
        let programme = shape.programmes[local as usize];
        // The published market may count its programmes and cells otherwise.
        let there = placed.shape.programme_of[programme as usize];
        let lines = &placed.lines;
        let open = &lines.open[there as usize];
        let cell = shape.market.claimed_cell(student, application).map(|cell| {
            let within = cell - shape.market.programmes[local as usize].cells.start;
            &lines.quota[(placed.shape.market.programmes[there as usize].cells.start + within) as usize]
        });
        let near = rule.relative_gate.is_none_or(|points| {
            let line = open.binding().map(|last| placed.shape.candidates[last as usize] as usize);
            line.is_none_or(|last| basis.totals[candidate].total() + points >= basis.totals[last].total())
        });
        let clears = |line: &Line| clears(placed, shape, line, student, entry, programme);
        let seat = if cell.is_some_and(|line| near && clears(line)) {
            Seat::Quota
        } else if application.pool() && clears(&lines.pool[there as usize]) {
            Seat::Pool
        } else if application.open() && clears(open) {
            if rule.seats == SeatKinds::Pool { Seat::Pool } else { Seat::Open }
        } else {
            return None;
        };
        let row = shape.row(basis.season, student, entry);
        let position = basis.season.preferences.position[row];
        Some(Admission { batch: shape.batch as u8, position, seat, programme })
    })
}

/// Whether an entry is not behind the last holder of a line, or the line has a free seat.
fn clears(
    placed: &PlacedBatch,
    shape: &BatchMarket,
    line: &Line,
    student: u32,
    entry: usize,
    programme: u32,
) -> bool {
    if line.taken < line.seats {
        return true;
    }
    let Some(last) = line.last else { return false };
    let holder = shape.student_of[placed.shape.candidates[last as usize] as usize];
    let local = shape.programme_of[programme as usize];
    if holder == NONE {
        return false;
    }
    let held = shape.market.entry(holder, local);
    held.is_some_and(|held| shape.market.key(student, entry) >= shape.market.key(holder, held))
}
