//! One batch of a season: who takes part with which claims, and the market that comes of it.

use crate::domain::eligibility::Refusals;
use crate::domain::market::{Application, Area, Market, NONE, Programme, Rule};
use crate::domain::points::Points;
use crate::domain::policy::{Batch, Precedence, Reversion, SeatKinds};
use crate::domain::reason::BatchGate;
use crate::domain::season::Season;
use crate::domain::seat::Seat;
use crate::engine::admission_lines::Lines;
use crate::engine::areas::sorted_by_area;
use crate::engine::keys::{Entries, TooManyLevels, fine, levels};
use crate::engine::season_quota::SeasonQuota;
use crate::engine::totals::{Scorer, Total};

/// What the whole season computes before any batch.
pub struct Basis<'s> {
    pub season: &'s Season,
    pub totals: &'s [Total],
    /// `NONE` without a record.
    pub ranks: &'s [u32],
    /// Empty without a quota table.
    pub refusals: &'s [Refusals],
    pub quota: &'s SeasonQuota,
}

impl Basis<'_> {
    /// May use quota seats.
    pub fn eligible(&self, candidate: usize) -> bool {
        self.refusals.get(candidate).is_some_and(|refusals| refusals.eligible())
    }

    /// The control line that binds a candidate in a batch (SX22 6.8).
    pub fn control_line(&self, batch: &Batch, candidate: usize) -> Points {
        let area = &self.season.city.areas[self.season.candidates.area[candidate] as usize];
        *batch.control_line_by_area.get(&area.code).unwrap_or(&batch.control_line)
    }

    /// Whether a programme recruits in a candidate's area (SX22 6.1).
    pub fn in_scope(&self, programme: u32, candidate: usize) -> bool {
        self.season.city.programmes[programme as usize].recruits_in(self.season.candidates.area[candidate])
    }

    /// The first gate of a batch that a candidate misses.
    pub fn missed_gate(&self, scorer: &Scorer<'_>, batch: &Batch, candidate: usize) -> Option<BatchGate> {
        let total = &self.totals[candidate];
        if !total.record {
            return Some(BatchGate::ExamRecord);
        }
        let line = self.control_line(batch, candidate);
        if total.total() < line {
            return Some(BatchGate::ControlLine(line));
        }
        if let Some(grade) = &batch.quality_at_least {
            let worst = self.season.policy.quality_place(grade).unwrap_or(0);
            if usize::from(self.season.candidates.quality[candidate]) > worst {
                return Some(BatchGate::Quality);
            }
        }
        let row = self.season.marks.row(candidate);
        let missed = batch.subject_gates.iter().position(|gate| {
            let subject = self.season.policy.subject(&gate.subject).expect("the policy was checked");
            scorer.points(row, subject) < gate.at_least
        });
        missed.map(BatchGate::Subject)
    }
}

/// Where a candidate was admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// By index.
    pub batch: u8,
    pub position: u8,
    pub seat: Seat,
    /// Of the city, by index.
    pub programme: u32,
}

/// What the batches so far left.
#[derive(Clone, Debug, Default)]
pub struct Left {
    /// Per candidate.
    pub admissions: Vec<Option<Admission>>,
    /// Per programme.
    pub seats: Vec<u32>,
    /// Per cell of the quota plan.
    pub cells: Vec<u32>,
}

impl Left {
    /// Before the first batch.
    pub fn whole(season: &Season, quota: &SeasonQuota) -> Left {
        let cells = quota.plan.as_ref().map_or(&[][..], |plan| &plan.cells);
        Left {
            admissions: vec![None; season.candidates.len()],
            seats: season.city.programmes.iter().map(|programme| programme.seats).collect(),
            cells: cells.iter().map(|cell| cell.seats).collect(),
        }
    }
}

/// A batch as a market, and how its indices read in the season.
pub struct BatchMarket {
    /// By index.
    pub batch: usize,
    pub market: Market,
    /// Student of the market -> candidate.
    pub candidates: Vec<u32>,
    /// Candidate -> student of the market, or `NONE`.
    pub student_of: Vec<u32>,
    /// Programme of the market -> programme of the city.
    pub programmes: Vec<u32>,
    /// Programme of the city -> of the market, or `NONE`.
    pub programme_of: Vec<u32>,
}

impl BatchMarket {
    /// The filed row behind an entry of a student's list.
    pub fn row(&self, season: &Season, student: u32, entry: usize) -> usize {
        let candidate = self.candidates[student as usize] as usize;
        season.preferences.list(candidate, self.batch).start + (entry - self.market.list(student).start)
    }
}

/// A batch that was placed.
pub struct PlacedBatch {
    pub shape: BatchMarket,
    /// Per student of the market.
    pub placed: Vec<u32>,
    pub seats: Vec<Option<Seat>>,
    pub lines: Lines,
}

/// The programmes a batch offers, by index (DP27: a supplementary round offers what others left).
pub fn offered(season: &Season, batch: usize) -> Vec<u32> {
    let of = season.policy.offers(batch);
    (0..)
        .zip(&season.city.programmes)
        .filter(|(_, programme)| programme.offered_by(&of))
        .map(|(index, _)| index)
        .collect()
}

/// Builds the market of a batch.
///
/// Hard rules (`mechanism.md` section 3): only candidates with a record and a filed list take part,
/// nobody below the control line or a gate, nobody out of scope but by an override.
///
/// # Errors
/// When the placing rule tells apart more bands and positions than the engine does.
pub fn batch_market(basis: &Basis<'_>, left: &Left, batch: usize) -> Result<BatchMarket, TooManyLevels> {
    let season = basis.season;
    let rule = &season.policy.batches[batch];
    let offered = offered(season, batch);
    let mut programme_of = vec![NONE; season.city.programmes.len()];
    for (local, &programme) in (0..).zip(&offered) {
        programme_of[programme as usize] = local;
    }
    let scorer = Scorer::new(&season.policy);
    let mut market = Market { list_start: vec![0], ..Market::default() };
    let (mut candidates, mut positions, mut totals, mut ranks) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for candidate in 0..season.candidates.len() {
        let list = season.preferences.list(candidate, batch);
        if list.is_empty()
            || left.admissions[candidate].is_some()
            || basis.missed_gate(&scorer, rule, candidate).is_some()
        {
            continue;
        }
        for row in list {
            let programme = season.preferences.programme[row];
            let (open, quota) = claims(basis, rule, programme, candidate);
            let application = Application::new(programme_of[programme as usize], open, quota);
            let bound = quota && !basis.in_scope(programme, candidate);
            market.applications.push(if bound { application.cell_only() } else { application });
            positions.push(u16::from(season.preferences.position[row]));
        }
        market.list_start.push(market.applications.len() as u32);
        market.juniors.push(season.candidates.junior[candidate]);
        totals.push(basis.totals[candidate].total());
        ranks.push(basis.ranks[candidate]);
        candidates.push(candidate as u32);
    }
    let entries = Entries {
        start: &market.list_start,
        positions: &positions,
        totals: &totals,
        ranks: &ranks,
        count: season.candidates.len() as u32,
    };
    market.levels = levels(rule.placing, &entries)?;
    market.rankings.push(ranks.iter().map(|&rank| fine(rank)).collect());
    if rule.relative_gate.is_some() {
        market.totals = totals;
    }
    for &programme in &offered {
        add_programme(basis, left, batch, programme, &mut market);
    }
    market.areas = vec![Area { students: 0..candidates.len() as u32, programmes: 0..offered.len() as u32 }];
    let sorted = sorted_by_area(market);
    let candidates: Vec<u32> = sorted.students.iter().map(|&student| candidates[student as usize]).collect();
    let programmes: Vec<u32> =
        sorted.programmes.iter().map(|&programme| offered[programme as usize]).collect();
    let mut student_of = vec![NONE; season.candidates.len()];
    for (student, &candidate) in (0..).zip(&candidates) {
        student_of[candidate as usize] = student;
    }
    for (local, &programme) in (0..).zip(&programmes) {
        programme_of[programme as usize] = local;
    }
    Ok(BatchMarket { batch, market: sorted.market, candidates, student_of, programmes, programme_of })
}

/// Open and quota claim of a candidate who passed the batch's gates.
fn claims(basis: &Basis<'_>, batch: &Batch, programme: u32, candidate: usize) -> (bool, bool) {
    let shape = &basis.season.city.programmes[programme as usize];
    let total = basis.totals[candidate].total();
    let reaches = |gate: Option<Points>| gate.is_none_or(|gate| total >= gate);
    let junior = basis.season.candidates.junior[candidate];
    let claims = batch.seats.claims(basis.in_scope(programme, candidate), basis.eligible(candidate), || {
        basis.season.city.overridden(programme, junior)
    });
    // A seat of the pool is a quota seat, and asks for the marks of one.
    let gate = if batch.seats == SeatKinds::Pool { shape.gate_quota } else { shape.gate_open };
    (claims.open && reaches(gate), claims.quota && reaches(shape.gate_quota))
}

fn add_programme(basis: &Basis<'_>, left: &Left, batch: usize, programme: u32, market: &mut Market) {
    let rule = &basis.season.policy.batches[batch];
    let plan_cells = basis.quota.cells_of(programme);
    let free = &left.cells[plan_cells.clone()];
    let reserved: u32 = free.iter().sum();
    let own = left.seats[programme as usize];
    let with_cells = matches!(rule.seats, SeatKinds::Integrated | SeatKinds::Quota);
    let seats = match rule.seats {
        SeatKinds::Integrated => own,
        SeatKinds::Quota | SeatKinds::Pool => reserved,
        SeatKinds::Open if quota_later(basis.season, batch, programme) => own - reserved,
        SeatKinds::Open => own,
    };
    let first = market.cells.len() as u32;
    let start = market.feeders.len() as u32;
    if with_cells && reserved > 0 {
        market.cells.extend_from_slice(free);
        let cells = &basis.quota.plan.as_ref().expect("cells come from a plan").cells[plan_cells];
        let mut feeders: Vec<(u32, u32)> = cells
            .iter()
            .zip(first..)
            .flat_map(|(cell, at)| cell.juniors.iter().map(move |&junior| (junior, at)))
            .collect();
        feeders.sort_unstable();
        market.feeders.extend(feeders);
    }
    let placing_rule = match rule.seats {
        SeatKinds::Integrated => {
            Rule { precedence: rule.precedence, reversion: rule.reversion, relative_gate: rule.relative_gate }
        }
        // Nothing reverts inside a batch of quota seats; what stays empty flows on.
        _ => Rule { precedence: Precedence::QuotaFirst, reversion: Reversion::None, relative_gate: None },
    };
    market.programmes.push(Programme {
        seats,
        ranking: 0,
        rule: placing_rule,
        cells: first..market.cells.len() as u32,
        feeders: start..market.feeders.len() as u32,
    });
}

/// Whether a later batch still gives the programme's quota seats.
fn quota_later(season: &Season, batch: usize, programme: u32) -> bool {
    let shape = &season.city.programmes[programme as usize];
    (batch + 1..season.policy.batches.len()).any(|later| {
        season.policy.batches[later].seats != SeatKinds::Open
            && shape.offered_by(&season.policy.offers(later))
    })
}

/// Takes what a placed batch gave away off what is left.
pub fn take(basis: &Basis<'_>, left: &mut Left, batch: &PlacedBatch) {
    let season = basis.season;
    let rule = &season.policy.batches[batch.shape.batch];
    for (student, (&programme, seat)) in (0u32..).zip(batch.placed.iter().zip(&batch.seats)) {
        let Some(seat) = *seat else { continue };
        let candidate = batch.shape.candidates[student as usize] as usize;
        let entry = batch.shape.market.entry(student, programme).expect("holders are on their lists");
        let row = batch.shape.row(season, student, entry);
        let city_programme = batch.shape.programmes[programme as usize];
        left.admissions[candidate] = Some(Admission {
            batch: batch.shape.batch as u8,
            position: season.preferences.position[row],
            seat: seat_word(rule.seats, seat),
            programme: city_programme,
        });
        left.seats[city_programme as usize] -= 1;
        if seat == Seat::Quota {
            let application = batch.shape.market.applications[entry];
            let cell =
                batch.shape.market.claimed_cell(student, application).expect("quota seats have a cell");
            let first = batch.shape.market.programmes[programme as usize].cells.start;
            left.cells[basis.quota.cells_of(city_programme).start + (cell - first) as usize] -= 1;
        }
    }
    // What reverted inside the batch, or was offered to everyone, is no quota seat any more.
    let reverts = match rule.seats {
        SeatKinds::Integrated => rule.reversion != Reversion::None,
        SeatKinds::Pool => true,
        SeatKinds::Quota | SeatKinds::Open => false,
    };
    if reverts {
        for &programme in &batch.shape.programmes {
            left.cells[basis.quota.cells_of(programme)].fill(0);
        }
    }
}

/// The seat as the season names it: a pool batch fills its seats like open ones.
fn seat_word(kinds: SeatKinds, seat: Seat) -> Seat {
    if kinds == SeatKinds::Pool { Seat::Pool } else { seat }
}
