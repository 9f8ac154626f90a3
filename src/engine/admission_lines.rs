//! Admission lines (录取线): the last holder of every kind of seat, and how many seats there were.
//!
//! Rule: `mechanism.md` section 7: published as full keys, they let everyone check her own place.

use crate::domain::market::{Market, NONE};
use crate::domain::policy::Reversion;
use crate::domain::seat::Seat;

/// One kind of seat of one programme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub seats: u32,
    pub taken: u32,
    /// The holder with the worst key; `None` without holders.
    pub last: Option<u32>,
}

impl Line {
    /// The last holder where every seat is taken.
    pub fn binding(&self) -> Option<u32> {
        if self.taken >= self.seats { self.last } else { None }
    }
}

/// All lines of a market.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Per programme.
    pub open: Vec<Line>,
    /// Per programme; seats only with reversion `county_pool`.
    pub pool: Vec<Line>,
    /// Per cell.
    pub quota: Vec<Line>,
}

/// Reads the lines off a finished matching.
///
/// # Complexity
/// O(students x log cells).
pub fn lines(market: &Market, placed: &[u32], seats: &[Option<Seat>]) -> Lines {
    let mut lines = Lines {
        open: vec![Line::default(); market.programmes.len()],
        pool: vec![Line::default(); market.programmes.len()],
        quota: market.cells.iter().map(|&seats| Line { seats, ..Line::default() }).collect(),
    };
    for (student, (&programme, seat)) in (0..).zip(placed.iter().zip(seats)) {
        if programme == NONE {
            continue;
        }
        let entry = market.entry(student, programme).expect("holders are on the lists they came from");
        let line = match seat {
            Some(Seat::Quota) => market
                .claimed_cell(student, market.applications[entry])
                .map(|cell| &mut lines.quota[cell as usize]),
            Some(Seat::Pool) => Some(&mut lines.pool[programme as usize]),
            _ => Some(&mut lines.open[programme as usize]),
        };
        if let Some(line) = line {
            line.taken += 1;
            let worse = line.last.is_none_or(|last| {
                let other = market.entry(last, programme).expect("holders are on the lists they came from");
                market.key(student, entry) < market.key(last, other)
            });
            if worse {
                line.last = Some(student);
            }
        }
    }
    for (at, programme) in market.programmes.iter().enumerate() {
        let cells = programme.cells.start as usize..programme.cells.end as usize;
        let reserved: u32 = market.cells[cells.clone()].iter().sum();
        let on_quota: u32 = lines.quota[cells].iter().map(|line| line.taken).sum();
        if programme.rule.reversion == Reversion::CountyPool {
            lines.pool[at].seats = reserved - on_quota;
        }
        lines.open[at].seats = match programme.rule.reversion {
            Reversion::None => programme.seats - reserved,
            _ => programme.seats - on_quota - lines.pool[at].taken,
        };
    }
    lines
}
