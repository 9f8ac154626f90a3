//! The second engine: cut-offs that only rise, by the closed form of each programme's choice.
//!
//! Rule: `mechanism.md` section 2 (closed forms) and 7: everyone's place is the first listed
//! programme whose cut-off she clears (Azevedo & Leshno 2016; score limits: Biro & Kiselgof 2015).
//! It shares no step with `deferred_acceptance`: whole rounds instead of single proposals,
//! thresholds found by counting instead of heaps and buckets.

use rayon::prelude::*;

use crate::domain::market::{Key, Market, NONE, Programme};
use crate::domain::points::Points;
use crate::domain::policy::{Precedence, Reversion};
use crate::domain::ticket::Twins;

/// Someone who stands at a programme.
#[derive(Clone, Copy)]
struct Comer {
    key: Key,
    student: u32,
    open: bool,
    pool: bool,
    /// Her cell in the market, or `NONE`.
    cell: u32,
}

/// A programme's thresholds so far, and who stands there.
struct Stand {
    comers: Vec<Comer>,
    news: Vec<Comer>,
    /// Nobody with a smaller key gets an open seat any more.
    open_from: Option<Key>,
    /// No open seat for anyone below; nothing at all without a quota claim.
    closed: bool,
}

/// Places every student: the programme she gets, or `NONE`.
///
/// # Complexity
/// Rounds times the programmes that were asked in them; O(total list length) moves in all.
pub fn place(market: &Market) -> Vec<u32> {
    let mut at: Vec<u32> = market.list_start[..market.students()].to_vec();
    let mut placed = vec![NONE; market.students()];
    let mut stands: Vec<Stand> = market
        .programmes
        .iter()
        .map(|_| Stand { comers: Vec::new(), news: Vec::new(), open_from: None, closed: false })
        .collect();
    let mut moving: Vec<u32> = (0..market.students() as u32).collect();
    let mut asked: Vec<u32> = Vec::new();
    while !moving.is_empty() {
        for student in moving.drain(..) {
            placed[student as usize] = NONE;
            let end = market.list_start[student as usize + 1];
            while at[student as usize] < end {
                let entry = at[student as usize] as usize;
                at[student as usize] += 1;
                let application = market.applications[entry];
                let stand = &mut stands[application.programme() as usize];
                let cell = market.claimed_cell(student, application).unwrap_or(NONE);
                let comer = Comer {
                    key: market.key(student, entry),
                    student,
                    open: application.open(),
                    pool: application.pool(),
                    cell,
                };
                if !stand.may_clear(&comer) {
                    continue;
                }
                if stand.news.is_empty() {
                    asked.push(application.programme());
                }
                stand.news.push(comer);
                placed[student as usize] = application.programme();
                break;
            }
        }
        asked.sort_unstable();
        let mut turn: Vec<(u32, Stand)> = asked
            .drain(..)
            .map(|programme| {
                let empty = Stand { comers: Vec::new(), news: Vec::new(), open_from: None, closed: false };
                (programme, std::mem::replace(&mut stands[programme as usize], empty))
            })
            .collect();
        let refused: Vec<Vec<u32>> = turn
            .par_iter_mut()
            .map(|(programme, stand)| stand.raise(market, &market.programmes[*programme as usize]))
            .collect();
        for (programme, stand) in turn {
            stands[programme as usize] = stand;
        }
        moving.extend(refused.into_iter().flatten());
    }
    placed
}

impl Stand {
    /// Whether the thresholds seen so far leave her a chance.
    fn may_clear(&self, comer: &Comer) -> bool {
        let by_merit = comer.open && !self.closed && self.open_from.is_none_or(|from| comer.key >= from);
        by_merit || comer.pool || comer.cell != NONE
    }

    /// Raises the thresholds for those who came; returns who no longer clears them.
    fn raise(&mut self, market: &Market, programme: &Programme) -> Vec<u32> {
        self.comers.append(&mut self.news);
        self.comers.sort_unstable_by_key(|comer| std::cmp::Reverse(comer.key));
        let comers = &self.comers;
        let rule = programme.rule;
        let (inside, open_full) = match (rule.relative_gate, rule.precedence) {
            _ if !market.heads.is_empty() => (by_heads(market, programme.seats, comers), false),
            (Some(distance), precedence) => {
                (by_events(market, programme, comers, distance, precedence), false)
            }
            (None, Precedence::QuotaFirst) => quota_first(market, programme, comers, rule.reversion),
            (None, Precedence::OpenFirst) => open_first(market, programme, comers, rule.reversion),
        };
        if open_full {
            let last = comers.iter().zip(&inside).rfind(|(_, how)| **how == Some(true));
            self.open_from = last.map(|(comer, _)| comer.key);
            self.closed = last.is_none();
        }
        let mut refused = Vec::new();
        let mut kept = inside.iter();
        self.comers.retain(|comer| {
            let keep = kept.next().is_some_and(Option::is_some);
            if !keep {
                refused.push(comer.student);
            }
            keep
        });
        refused
    }
}

/// Who is in (`Some(true)`: on merit), and whether the open seats are all taken.
type Inside = (Vec<Option<bool>>, bool);

fn reserved(market: &Market, programme: &Programme) -> u32 {
    market.cells[programme.cells.start as usize..programme.cells.end as usize].iter().sum()
}

/// Marks the best `r` claimants of each cell among those not inside yet; returns how many.
fn fill_cells(market: &Market, programme: &Programme, comers: &[Comer], inside: &mut [Option<bool>]) -> u32 {
    let first = programme.cells.start;
    let mut left: Vec<u32> = market.cells[first as usize..programme.cells.end as usize].to_vec();
    let mut filled = 0;
    for (comer, how) in comers.iter().zip(inside) {
        if how.is_none() && comer.cell != NONE && left[(comer.cell - first) as usize] > 0 {
            left[(comer.cell - first) as usize] -= 1;
            *how = Some(false);
            filled += 1;
        }
    }
    filled
}

/// Whoever finds a seat left by those before her; of tickets that do not fit, `NextSingle` takes none.
fn by_heads(market: &Market, seats: u32, comers: &[Comer]) -> Vec<Option<bool>> {
    let mut taken = 0;
    let mut stands = |comer: &Comer| {
        let heads = market.heads(comer.student);
        let room = match market.twins {
            Twins::AdmitBoth => taken < seats,
            Twins::NextSingle => taken + heads <= seats,
        };
        taken += if room { heads } else { 0 };
        room.then_some(true)
    };
    comers.iter().map(&mut stands).collect()
}

/// S(c) = merit(c) and the best r of every cell.
fn quota_first(market: &Market, programme: &Programme, comers: &[Comer], reversion: Reversion) -> Inside {
    let mut inside = vec![None; comers.len()];
    let filled = fill_cells(market, programme, comers, &mut inside);
    let reserved = reserved(market, programme);
    let mut left = match reversion {
        Reversion::None => programme.seats - reserved,
        _ => programme.seats - filled,
    };
    if reversion == Reversion::CountyPool {
        let mut pool = reserved - filled;
        for (comer, how) in comers.iter().zip(&mut inside) {
            if pool > 0 && how.is_none() && comer.pool {
                *how = Some(false);
                pool -= 1;
                left -= 1;
            }
        }
    }
    for (comer, how) in comers.iter().zip(&mut inside) {
        if left > 0 && how.is_none() && comer.open {
            *how = Some(true);
            left -= 1;
        }
    }
    (inside, left == 0)
}

/// S(c) = merit(c) and the best r of every cell without merit(c); the largest merit set that fits.
fn open_first(market: &Market, programme: &Programme, comers: &[Comer], reversion: Reversion) -> Inside {
    let first = programme.cells.start as usize;
    let cells = &market.cells[first..programme.cells.end as usize];
    // Claimants of each cell that are not (yet) in on merit.
    let mut claimants = vec![0u32; cells.len()];
    for comer in comers.iter().filter(|comer| comer.cell != NONE) {
        claimants[comer.cell as usize - first] += 1;
    }
    let mut size: u32 = claimants.iter().zip(cells).map(|(&number, &seats)| number.min(seats)).sum();
    let bound =
        if reversion == Reversion::None { programme.seats - reserved(market, programme) } else { u32::MAX };
    let mut inside = vec![None; comers.len()];
    let mut full = false;
    let open = comers.iter().zip(&mut inside).filter(|(comer, _)| comer.open);
    for (merit, (comer, how)) in (0..).zip(open) {
        // Entering on merit adds one, unless her quota seat has nobody waiting for it.
        let vacates = comer.cell != NONE && {
            let cell = comer.cell as usize - first;
            claimants[cell] <= cells[cell]
        };
        let grown = size + u32::from(!vacates);
        if grown > programme.seats || merit == bound {
            full = true;
            break;
        }
        size = grown;
        if comer.cell != NONE {
            claimants[comer.cell as usize - first] -= 1;
        }
        *how = Some(true);
    }
    fill_cells(market, programme, comers, &mut inside);
    (inside, full)
}

/// The event rule: the earliest moment at which the seats are taken, found by bisection on S.
fn by_events(
    market: &Market,
    programme: &Programme,
    comers: &[Comer],
    distance: Points,
    precedence: Precedence,
) -> Vec<Option<bool>> {
    let total = |comer: &Comer| market.totals[comer.student as usize];
    // A moment: (level, merit before quota, key); everything at or above it has happened.
    type Moment = (Points, bool, Key);
    let merit_at = |comer: &Comer| -> Moment { (total(comer), true, comer.key) };
    let quota_at = |comer: &Comer| -> Moment { (total(comer) + distance, false, comer.key) };
    let state = |moment: Moment| -> Vec<Option<bool>> {
        let merit: Vec<bool> = comers.iter().map(|comer| comer.open && merit_at(comer) >= moment).collect();
        let mut inside: Vec<Option<bool>> = vec![None; comers.len()];
        if precedence == Precedence::OpenFirst {
            for (how, &merit) in inside.iter_mut().zip(&merit) {
                *how = merit.then_some(true);
            }
        }
        // Cells look only at those whose quota event has happened; on merit counts for quota_first.
        let happened: Vec<Comer> = comers
            .iter()
            .zip(&merit)
            .map(|(comer, &merit)| {
                let late = quota_at(comer) < moment && !merit;
                Comer { cell: if late { NONE } else { comer.cell }, ..*comer }
            })
            .collect();
        fill_cells(market, programme, &happened, &mut inside);
        for (how, &merit) in inside.iter_mut().zip(&merit) {
            if merit && how.is_none() {
                *how = Some(true);
            }
        }
        inside
    };
    let size = |inside: &[Option<bool>]| inside.iter().flatten().count();
    let mut moments: Vec<Moment> = Vec::with_capacity(2 * comers.len());
    for comer in comers {
        if comer.open {
            moments.push(merit_at(comer));
        }
        if comer.cell != NONE {
            moments.push(quota_at(comer));
        }
    }
    moments.sort_unstable_by(|a, b| b.cmp(a));
    let reached = moments.partition_point(|&moment| size(&state(moment)) < programme.seats as usize);
    match moments.get(reached).or(moments.last()) {
        Some(&moment) if programme.seats > 0 => state(moment),
        _ => vec![None; comers.len()],
    }
}
