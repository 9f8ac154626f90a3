//! The choice of one programme, written as the rule is told (`mechanism.md` section 2).

use std::cmp::Reverse;

use crate::domain::market::{Key, Market, NONE};
use crate::domain::points::Points;
use crate::domain::policy::{Precedence, Reversion};
use crate::domain::seat::Seat;
use crate::engine::draw::seat;

/// One applicant as a programme sees her.
#[derive(Clone, Copy, Debug)]
pub struct Applicant {
    pub student: u32,
    /// Larger wins; strict.
    pub key: Key,
    /// In O.
    pub open: bool,
    /// May take from the pool.
    pub pool: bool,
    /// Her cell, counted inside the programme; `NONE` without one.
    pub cell: u32,
    /// Only the event rule looks at it.
    pub total: Points,
}

impl Applicant {
    /// The applicant behind an entry of a list.
    pub fn of(market: &Market, student: u32, entry: usize) -> Applicant {
        let application = market.applications[entry];
        let first = market.programmes[application.programme() as usize].cells.start;
        Applicant {
            student,
            key: market.key(student, entry),
            open: application.open(),
            pool: application.pool(),
            cell: market.claimed_cell(student, application).map_or(NONE, |cell| cell - first),
            total: market.totals.get(student as usize).copied().unwrap_or_default(),
        }
    }
}

/// Chooses among `applicants` and says on which seat each of the chosen sits.
///
/// The rule: `mechanism.md` section 2, quota_first, open_first and the event rule, literally.
/// Refused applicants are missing from the answer, which is in key order.
///
/// # Complexity
/// O(k log k), times the number of rounds in open_first (few).
pub fn choose(market: &Market, programme: u32, mut applicants: Vec<Applicant>) -> Vec<(u32, Seat)> {
    applicants.sort_unstable_by_key(|applicant| Reverse(applicant.key));
    let programme = &market.programmes[programme as usize];
    let cells = &market.cells[programme.cells.start as usize..programme.cells.end as usize];
    let seats = programme.seats as usize;
    let rule = programme.rule;
    let taken = match (rule.relative_gate, rule.precedence) {
        _ if !market.heads.is_empty() => by_heads(market, &applicants, programme.seats),
        (Some(distance), precedence) => by_events(&applicants, seats, cells, distance, precedence),
        (None, Precedence::QuotaFirst) => quota_first(&applicants, seats, cells, rule.reversion),
        (None, Precedence::OpenFirst) => open_first(&applicants, seats, cells, rule.reversion),
    };
    applicants.iter().zip(taken).filter_map(|(applicant, seat)| Some((applicant.student, seat?))).collect()
}

fn reserved(cells: &[u32]) -> usize {
    cells.iter().map(|&seats| seats as usize).sum()
}

/// Tickets in key order while seats are left, counted by heads (DP52).
fn by_heads(market: &Market, applicants: &[Applicant], seats: u32) -> Vec<Option<Seat>> {
    let heads: Vec<u32> = applicants.iter().map(|applicant| market.heads(applicant.student)).collect();
    let seatings = seat(&heads, seats, market.twins);
    seatings.into_iter().map(|seating| seating.admitted().then_some(Seat::Open)).collect()
}

fn quota_first(
    applicants: &[Applicant],
    seats: usize,
    cells: &[u32],
    reversion: Reversion,
) -> Vec<Option<Seat>> {
    let mut free = cells.to_vec();
    let mut taken = vec![None; applicants.len()];
    for (applicant, seat) in applicants.iter().zip(&mut taken) {
        if applicant.cell != NONE && free[applicant.cell as usize] > 0 {
            free[applicant.cell as usize] -= 1;
            *seat = Some(Seat::Quota);
        }
    }
    let unused = reserved(&free);
    let on_quota = reserved(cells) - unused;
    let mut left = match reversion {
        Reversion::None => seats - reserved(cells),
        Reversion::Open | Reversion::CountyPool => seats - on_quota,
    };
    if reversion == Reversion::CountyPool {
        let pooled =
            applicants.iter().zip(&mut taken).filter(|(applicant, seat)| applicant.pool && seat.is_none());
        for (_, seat) in pooled.take(unused) {
            *seat = Some(Seat::Pool);
            left -= 1;
        }
    }
    let open = applicants.iter().zip(&mut taken).filter(|(applicant, seat)| applicant.open && seat.is_none());
    for (_, seat) in open.take(left) {
        *seat = Some(Seat::Open);
    }
    taken
}

fn open_first(
    applicants: &[Applicant],
    seats: usize,
    cells: &[u32],
    reversion: Reversion,
) -> Vec<Option<Seat>> {
    let mut returned = 0;
    loop {
        let mut taken = vec![None; applicants.len()];
        let open = applicants.iter().zip(&mut taken).filter(|(applicant, _)| applicant.open);
        for (_, seat) in open.take(seats - reserved(cells) + returned) {
            *seat = Some(Seat::Open);
        }
        let mut free = cells.to_vec();
        for (applicant, seat) in applicants.iter().zip(&mut taken) {
            if seat.is_none() && applicant.cell != NONE && free[applicant.cell as usize] > 0 {
                free[applicant.cell as usize] -= 1;
                *seat = Some(Seat::Quota);
            }
        }
        let unused = reserved(&free);
        if unused <= returned || reversion == Reversion::None {
            return taken;
        }
        returned = unused;
    }
}

/// The event rule: merit events at level total, quota events at level total + distance, downward
/// until the seats are taken.
fn by_events(
    applicants: &[Applicant],
    seats: usize,
    cells: &[u32],
    distance: Points,
    precedence: Precedence,
) -> Vec<Option<Seat>> {
    // (level, merit before quota, key), all descending.
    let mut events: Vec<(Points, bool, Key, usize)> = Vec::with_capacity(applicants.len() * 2);
    for (place, applicant) in applicants.iter().enumerate() {
        if applicant.open {
            events.push((applicant.total, true, applicant.key, place));
        }
        if applicant.cell != NONE {
            events.push((applicant.total + distance, false, applicant.key, place));
        }
    }
    events.sort_unstable_by(|a, b| b.cmp(a));
    let mut taken = vec![None; applicants.len()];
    let mut used = vec![0u32; cells.len()];
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); cells.len()];
    let mut inside = 0;
    for (_, merit, _, place) in events {
        if inside == seats {
            break;
        }
        let cell = applicants[place].cell as usize;
        match (merit, taken[place]) {
            (true, None) => {
                taken[place] = Some(Seat::Open);
                inside += 1;
                if precedence == Precedence::QuotaFirst
                    && applicants[place].cell != NONE
                    && used[cell] < cells[cell]
                {
                    used[cell] += 1;
                }
            }
            (true, Some(Seat::Quota)) if precedence == Precedence::OpenFirst => {
                taken[place] = Some(Seat::Open);
                used[cell] -= 1;
                // The freed seat goes to the best of the cell whose event has passed.
                let next = waiting[cell].iter().position(|&other| taken[other].is_none());
                if let Some(next) = next {
                    let other = waiting[cell].remove(next);
                    taken[other] = Some(Seat::Quota);
                    used[cell] += 1;
                    inside += 1;
                }
            }
            (false, None) if used[cell] < cells[cell] => {
                taken[place] = Some(Seat::Quota);
                used[cell] += 1;
                inside += 1;
            }
            (false, None) => waiting[cell].push(place),
            _ => {}
        }
    }
    taken
}

/// The seat each placed student sits on: every programme chooses once more, among its own.
///
/// Choosing again among the chosen changes nobody's seat (independence of irrelevant applicants).
///
/// # Complexity
/// O(n log n) for programmes with cells, O(n) else.
pub fn seats(market: &Market, placed: &[u32]) -> Vec<Option<Seat>> {
    let mut seats: Vec<Option<Seat>> =
        placed.iter().map(|&programme| (programme != NONE).then_some(Seat::Open)).collect();
    for (programme, students) in holders(market.programmes.len(), placed).into_iter().enumerate() {
        if market.programmes[programme].cells.is_empty() {
            continue;
        }
        let programme = programme as u32;
        let applicants = students.iter().filter_map(|&student| {
            market.entry(student, programme).map(|entry| Applicant::of(market, student, entry))
        });
        for (student, seat) in choose(market, programme, applicants.collect()) {
            seats[student as usize] = Some(seat);
        }
    }
    seats
}

/// Who holds each programme, by index.
pub fn holders(programmes: usize, placed: &[u32]) -> Vec<Vec<u32>> {
    let mut holders = vec![Vec::new(); programmes];
    for (student, &programme) in (0..).zip(placed) {
        if programme != NONE {
            holders[programme as usize].push(student);
        }
    }
    holders
}
