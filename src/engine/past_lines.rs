//! The facts that a finished season leaves to the years after it.

use std::collections::BTreeMap;

use crate::domain::past_line::PastLine;
use crate::domain::points::Points;
use crate::domain::policy::SeatKinds;
use crate::domain::season::Season;
use crate::domain::seat::Seat;
use crate::engine::merit_order::MeritOrder;
use crate::engine::season_run::SeasonRun;

/// Holders of a kind of seat.
#[derive(Clone, Copy, Default)]
struct Holders {
    taken: u32,
    /// The lowest total among them.
    last: Option<Points>,
}

impl Holders {
    fn add(&mut self, total: Points) {
        self.taken += 1;
        self.last = Some(self.last.map_or(total, |last| last.min(total)));
    }
}

/// The lines of every programme: open seats and, where there were any, pool seats and the seats of each junior high.
/// What supplementary rounds filled is among them: seats are left for them only where nobody was refused for want
/// of one. Junior highs that share a cell share its line.
///
/// # Complexity
/// O(candidates log cells).
pub fn past_lines(season: &Season, run: &SeasonRun) -> Vec<PastLine> {
    let order = MeritOrder::new(&run.totals);
    let programmes = season.city.programmes.len();
    let cells = run.quota.plan.as_ref().map_or(&[][..], |plan| &plan.cells);
    let cell_of: BTreeMap<(u32, u32), usize> = (0..)
        .zip(cells)
        .flat_map(|(at, cell)| cell.juniors.iter().map(move |&junior| ((cell.programme, junior), at)))
        .collect();
    let mut open = vec![Holders::default(); programmes];
    let mut pool = vec![Holders::default(); programmes];
    let mut quota = vec![Holders::default(); cells.len()];
    for (candidate, admission) in run.left.admissions.iter().enumerate() {
        let Some(admission) = admission else { continue };
        let (programme, total) = (admission.programme, run.totals[candidate].total());
        match admission.seat {
            Seat::Open => open[programme as usize].add(total),
            Seat::Pool => pool[programme as usize].add(total),
            Seat::Quota => {
                let cell = cell_of[&(programme, season.candidates.junior[candidate])];
                quota[cell].add(total);
            }
        }
    }
    let mut pool_seats = vec![0_u32; programmes];
    for batch in &run.batches {
        let is_pool = season.policy.batches[batch.shape.batch].seats == SeatKinds::Pool;
        let lines = if is_pool { &batch.lines.open } else { &batch.lines.pool };
        for (&programme, line) in batch.shape.programmes.iter().zip(lines) {
            pool_seats[programme as usize] += line.seats;
        }
    }
    let line = |programme: usize, seat: Seat, junior: &str, seats: u32, holders: Holders| PastLine {
        programme: season.city.programmes[programme].code.clone(),
        seat,
        junior: junior.to_owned(),
        year: season.policy.year,
        seats,
        taken: holders.taken,
        last_rank: holders.last.map_or(0, |last| order.rank(last)),
        ranked: order.ranked(),
    };
    let mut lines = Vec::new();
    for (at, shape) in season.city.programmes.iter().enumerate() {
        let on_quota: u32 =
            run.quota.cells_of(at as u32).map(|cell| quota[cell].taken).sum::<u32>() + pool[at].taken;
        lines.push(line(at, Seat::Open, "", shape.seats - on_quota, open[at]));
        if pool_seats[at] > 0 {
            lines.push(line(at, Seat::Pool, "", pool_seats[at], pool[at]));
        }
    }
    for (cell, holders) in cells.iter().zip(&quota) {
        for &junior in cell.juniors.iter() {
            let junior = &season.city.juniors[junior as usize].code;
            lines.push(line(cell.programme as usize, Seat::Quota, junior, cell.seats, *holders));
        }
    }
    lines.sort();
    lines
}
