//! The checker: other eyes on a finished matching, sharing no code with either engine.
//!
//! Rule: `mechanism.md` section 7. From the holders of each programme it reads the cut-offs, then
//! walks every list down to the place held: nobody who was refused may clear a cut-off, no seat may
//! be empty for someone who wants it, every seat must carry the right word.

use crate::domain::market::{Application, Market, NONE};
use crate::domain::points::Points;
use crate::domain::policy::{Precedence, Reversion};
use crate::domain::seat::Seat;
use crate::domain::ticket::Twins;

/// One thing wrong with a matching, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    pub student: Option<u32>,
    pub programme: u32,
    pub what: &'static str,
}

/// What the holders of a programme tell.
#[derive(Clone, Default)]
struct Held {
    total: u32,
    open: u32,
    pool: u32,
    quota: u32,
    last_open: Option<Place>,
    last_pool: Option<Place>,
}

/// What the holders of a cell tell.
#[derive(Clone, Default)]
struct HeldCell {
    number: u32,
    last: Option<Place>,
}

/// Level, place in the ranking, index, in the order of merit: the greater is better.
type Place = (u16, u64, i64);

/// Checks a matching; an empty answer means that it is feasible and stable.
///
/// # Complexity
/// O(total list length x log cells); programmes with a relative gate choose again among all who
/// would rather be there.
pub fn breaches(market: &Market, placed: &[u32], seats: &[Option<Seat>]) -> Vec<Breach> {
    let students = market.list_start.len().saturating_sub(1);
    if placed.len() != students || seats.len() != students {
        return vec![Breach { student: None, programme: NONE, what: "not every candidate is accounted for" }];
    }
    let mut found = Vec::new();
    let mut held = vec![Held::default(); market.programmes.len()];
    let mut cells = vec![HeldCell::default(); market.cells.len()];
    for student in 0..students as u32 {
        count_holder(market, student, placed, seats, &mut held, &mut cells, &mut found);
    }
    check_plans(market, &held, &cells, &mut found);
    let mut rather: Vec<Vec<u32>> = vec![Vec::new(); market.programmes.len()];
    for student in 0..students as u32 {
        let (from, to) = (market.list_start[student as usize], market.list_start[student as usize + 1]);
        for entry in from..to {
            let application = market.applications[entry as usize];
            let programme = application.programme();
            let rule = market.programmes[programme as usize].rule;
            let here = programme == placed[student as usize];
            if rule.relative_gate.is_some() || !market.heads.is_empty() {
                rather[programme as usize].push(entry);
            } else {
                let cell = cell_of(market, student, application);
                let view = View {
                    held: &held[programme as usize],
                    cell: cell.map(|cell| (&cells[cell as usize], market.cells[cell as usize])),
                    seats: market.programmes[programme as usize].seats,
                    reserved: reserved(market, programme),
                    precedence: rule.precedence,
                    reversion: rule.reversion,
                };
                let place = place_of(market, student, entry);
                let what = if here {
                    view.wrong_seat(application, place, seats[student as usize])
                } else {
                    view.wrongly_refused(application, place)
                };
                found.extend(what.map(|what| Breach { student: Some(student), programme, what }));
            }
            if here {
                break;
            }
        }
    }
    for (programme, entries) in (0..).zip(rather) {
        if !market.heads.is_empty() {
            check_heads(market, programme, &entries, placed, &mut found);
            continue;
        }
        check_events(market, programme, &entries, placed, seats, &mut found);
    }
    found
}

fn place_of(market: &Market, student: u32, entry: u32) -> Place {
    let programme = &market.programmes[market.applications[entry as usize].programme() as usize];
    (
        market.levels[entry as usize],
        market.rankings[programme.ranking as usize][student as usize],
        -i64::from(student),
    )
}

fn cell_of(market: &Market, student: u32, application: Application) -> Option<u32> {
    if !application.quota() {
        return None;
    }
    let junior = *market.juniors.get(student as usize)?;
    let rows = market.programmes[application.programme() as usize].feeders.clone();
    let rows = &market.feeders[rows.start as usize..rows.end as usize];
    rows.iter().find(|row| row.0 == junior).map(|row| row.1)
}

fn reserved(market: &Market, programme: u32) -> u32 {
    let cells = market.programmes[programme as usize].cells.clone();
    cells.map(|cell| market.cells[cell as usize]).sum()
}

fn worse(known: &mut Option<Place>, place: Place) {
    if known.is_none_or(|known| place < known) {
        *known = Some(place);
    }
}

fn count_holder(
    market: &Market,
    student: u32,
    placed: &[u32],
    seats: &[Option<Seat>],
    held: &mut [Held],
    cells: &mut [HeldCell],
    found: &mut Vec<Breach>,
) {
    let programme = placed[student as usize];
    let mut say = |what| found.push(Breach { student: Some(student), programme, what });
    if programme == NONE {
        if seats[student as usize].is_some() {
            say("a seat without a programme");
        }
        return;
    }
    let (from, to) = (market.list_start[student as usize], market.list_start[student as usize + 1]);
    let entry = (from..to).find(|&entry| market.applications[entry as usize].programme() == programme);
    let (Some(entry), Some(shape)) = (entry, held.get_mut(programme as usize)) else {
        say("admitted where she did not apply");
        return;
    };
    let application = market.applications[entry as usize];
    let place = place_of(market, student, entry);
    shape.total += 1;
    match seats[student as usize] {
        None => say("a programme without a seat"),
        Some(Seat::Open) => {
            if !application.open() {
                say("on an open seat without a claim: out of scope or below a gate");
            }
            shape.open += 1;
            worse(&mut shape.last_open, place);
        }
        Some(Seat::Pool) => {
            if !application.pool()
                || market.programmes[programme as usize].rule.reversion != Reversion::CountyPool
            {
                say("on a pool seat without a claim");
            }
            shape.pool += 1;
            worse(&mut shape.last_pool, place);
        }
        Some(Seat::Quota) => match cell_of(market, student, application) {
            None => say("on a quota seat without a claim: not eligible, or no cell"),
            Some(cell) => {
                shape.quota += 1;
                cells[cell as usize].number += 1;
                worse(&mut cells[cell as usize].last, place);
            }
        },
    }
}

fn check_plans(market: &Market, held: &[Held], cells: &[HeldCell], found: &mut Vec<Breach>) {
    for (programme, (shape, held)) in (0..).zip(market.programmes.iter().zip(held)) {
        let mut say = |what| found.push(Breach { student: None, programme, what });
        let reserved = reserved(market, programme);
        // Where heads are counted the whole order is played through instead.
        if market.heads.is_empty() && held.total > shape.seats {
            say("more admitted than the plan");
        }
        if shape.rule.reversion == Reversion::None && held.open > shape.seats - reserved {
            say("reserved quota seats given away");
        }
        if held.pool + held.quota > reserved {
            say("more pool seats than unused quota");
        }
        for cell in shape.cells.clone() {
            if cells[cell as usize].number > market.cells[cell as usize] {
                say("more on quota seats than the cell has");
            }
        }
    }
}

/// One programme as one candidate meets it.
struct View<'a> {
    held: &'a Held,
    /// Her cell: its holders and its seats.
    cell: Option<(&'a HeldCell, u32)>,
    seats: u32,
    reserved: u32,
    precedence: Precedence,
    reversion: Reversion,
}

impl View<'_> {
    fn open_full(&self) -> bool {
        match self.reversion {
            Reversion::None => self.held.open >= self.seats - self.reserved,
            _ => self.held.total >= self.seats,
        }
    }

    fn pool_full(&self) -> bool {
        self.held.pool + self.held.quota >= self.reserved
    }

    /// Why somebody who was refused should be in.
    fn wrongly_refused(&self, application: Application, place: Place) -> Option<&'static str> {
        if let Some((cell, seats)) = self.cell {
            if cell.number < seats {
                return Some("refused although a quota seat of her junior high is empty");
            }
            if cell.last.is_some_and(|last| place > last) {
                return Some("refused although she is before a quota holder of her junior high");
            }
        }
        if application.pool() && self.reversion == Reversion::CountyPool {
            if !self.pool_full() {
                return Some("refused although an unused quota seat is empty");
            }
            if self.held.last_pool.is_some_and(|last| place > last) {
                return Some("refused although she is before a pool holder");
            }
        }
        if application.open() {
            if !self.open_full() {
                return Some("refused although a seat is empty");
            }
            if self.held.last_open.is_some_and(|last| place > last) {
                return Some("refused although she is before an open holder");
            }
        }
        None
    }

    /// Why somebody who is in should sit on another kind of seat.
    fn wrong_seat(&self, application: Application, place: Place, seat: Option<Seat>) -> Option<&'static str> {
        match (self.precedence, seat?) {
            (Precedence::QuotaFirst, Seat::Quota) => None,
            (Precedence::QuotaFirst, seat) => {
                if let Some((cell, seats)) = self.cell
                    && (cell.number < seats || cell.last.is_some_and(|last| place > last))
                {
                    return Some("sits elsewhere although a quota seat is hers");
                }
                if seat == Seat::Open
                    && application.pool()
                    && self.reversion == Reversion::CountyPool
                    && (!self.pool_full() || self.held.last_pool.is_some_and(|last| place > last))
                {
                    return Some("sits on an open seat although a pool seat is hers");
                }
                None
            }
            (Precedence::OpenFirst, Seat::Quota) => {
                let all_merit = match self.reversion {
                    Reversion::None => self.held.open < self.seats - self.reserved,
                    _ => self.held.total < self.seats,
                };
                let before = self.held.last_open.is_some_and(|last| place > last);
                (application.open() && (before || all_merit))
                    .then_some("sits on a quota seat although an open seat is hers")
            }
            (Precedence::OpenFirst, _) => {
                let returned = self.held.open > self.seats - self.reserved;
                let last = self.held.last_open == Some(place);
                let room = self.cell.is_some_and(|(cell, seats)| cell.number < seats);
                (returned && last && room && self.held.total == self.seats)
                    .then_some("sits on a returned seat although her quota seat is empty")
            }
        }
    }
}

/// Seats given out one by one, from the first to the last of all who would rather be there (DP52).
fn check_heads(market: &Market, programme: u32, entries: &[u32], placed: &[u32], found: &mut Vec<Breach>) {
    let mut wishes: Vec<(Place, u32)> = entries
        .iter()
        .map(|&entry| {
            let student = market.list_start.partition_point(|&start| start <= entry) as u32 - 1;
            (place_of(market, student, entry), student)
        })
        .collect();
    wishes.sort_by_key(|wish| std::cmp::Reverse(wish.0));
    let mut left = i64::from(market.programmes[programme as usize].seats);
    for (_, student) in wishes {
        let heads = i64::from(market.heads[student as usize]);
        let fits = match market.twins {
            Twins::AdmitBoth => left > 0,
            Twins::NextSingle => left >= heads,
        };
        let here = placed[student as usize] == programme;
        if here != fits {
            let what = if here {
                "admitted although no seat is left"
            } else {
                "refused although a seat is left for her"
            };
            found.push(Breach { student: Some(student), programme, what });
        }
        if here {
            left -= heads;
        }
    }
}

/// The event rule, played through level by level among all who would rather be there.
fn check_events(
    market: &Market,
    programme: u32,
    entries: &[u32],
    placed: &[u32],
    seats: &[Option<Seat>],
    found: &mut Vec<Breach>,
) {
    let shape = &market.programmes[programme as usize];
    let Some(distance) = shape.rule.relative_gate else { return };
    struct Wish {
        student: u32,
        place: Place,
        total: Points,
        open: bool,
        cell: Option<u32>,
        seat: Option<Seat>,
    }
    let mut wishes: Vec<Wish> = entries
        .iter()
        .map(|&entry| {
            let student = market.list_start.partition_point(|&start| start <= entry) as u32 - 1;
            let application = market.applications[entry as usize];
            Wish {
                student,
                place: place_of(market, student, entry),
                total: market.totals[student as usize],
                open: application.open(),
                cell: cell_of(market, student, application),
                seat: None,
            }
        })
        .collect();
    wishes.sort_by_key(|wish| std::cmp::Reverse(wish.place));
    let mut levels: Vec<Points> =
        wishes.iter().flat_map(|wish| [wish.total, wish.total + distance]).collect();
    levels.sort();
    levels.dedup();
    let quota_first = shape.rule.precedence == Precedence::QuotaFirst;
    let mut inside = 0;
    let mut used = vec![0; market.cells.len()];
    'down: for &level in levels.iter().rev() {
        for turn in 0..2 {
            for at in 0..wishes.len() {
                if inside == shape.seats {
                    break 'down;
                }
                let wish = &wishes[at];
                if turn == 0 && wish.open && wish.total == level {
                    match (wish.seat, wish.cell) {
                        (None, cell) => {
                            inside += 1;
                            if let Some(cell) = cell
                                && quota_first
                                && used[cell as usize] < market.cells[cell as usize]
                            {
                                used[cell as usize] += 1;
                            }
                            wishes[at].seat = Some(Seat::Open);
                        }
                        (Some(Seat::Quota), Some(cell)) if !quota_first => {
                            wishes[at].seat = Some(Seat::Open);
                            // Whose event has passed at this moment: a higher level, nothing of this one.
                            let heir = wishes.iter_mut().find(|other| {
                                other.seat.is_none()
                                    && other.cell == Some(cell)
                                    && other.total + distance > level
                            });
                            match heir {
                                Some(heir) => {
                                    heir.seat = Some(Seat::Quota);
                                    inside += 1;
                                }
                                None => used[cell as usize] -= 1,
                            }
                        }
                        _ => {}
                    }
                } else if turn == 1
                    && wish.seat.is_none()
                    && wish.total + distance == level
                    && let Some(cell) = wish.cell
                    && used[cell as usize] < market.cells[cell as usize]
                {
                    used[cell as usize] += 1;
                    inside += 1;
                    wishes[at].seat = Some(Seat::Quota);
                }
            }
        }
    }
    for wish in wishes {
        let here = placed[wish.student as usize] == programme;
        let what = match (here, wish.seat) {
            (true, None) => "admitted although the event rule refuses her",
            (false, Some(_)) => "refused although the event rule takes her",
            (true, seat) if seat != seats[wish.student as usize] => "the event rule gives another seat",
            _ => continue,
        };
        found.push(Breach { student: Some(wish.student), programme, what });
    }
}
