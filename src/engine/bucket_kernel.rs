//! The quick kernel of deferred acceptance: compact lists, best first, and buckets of levels.
//!
//! For areas whose programmes choose quota_first with reversion `open` or `none`. Four ideas keep
//! it near the speed of reading the lists (`performance.md` section 3): each area's lists are
//! copied once into small rows, best candidate first, so that few are ever displaced; a refused
//! proposal costs two reads; the candidates a programme holds lie in one chain per level, of which
//! only the lowest, the boundary, is ever sorted; quota cells are small heaps built when full.

use std::cmp::Ordering;
use std::ops::Range;

use crate::domain::market::{Area, Market, NONE};
use crate::domain::policy::Reversion;

/// Above every level: nothing more is taken.
const CLOSED: u32 = u32::MAX;

/// How a row marks an entry without an open claim; the rest of the mark is the cell.
const NO_OPEN: u32 = 1 << 31;
/// The cell part of a mark, and what stands there for "no cell".
const CELL: u32 = NO_OPEN - 1;

/// A small unsigned number: programmes and students of an area are counted in the narrowest type
/// that holds them, to keep the rows in the cache.
trait Narrow: Copy + Default + PartialEq {
    const NIL: Self;
    fn narrow(wide: usize) -> Self;
    fn wide(self) -> usize;
}

macro_rules! narrow {
    ($($kind:ty),*) => {$(
        impl Narrow for $kind {
            const NIL: $kind = <$kind>::MAX;
            #[inline(always)]
            fn narrow(wide: usize) -> $kind {
                wide as $kind
            }
            #[inline(always)]
            fn wide(self) -> usize {
                self as usize
            }
        }
    )*};
}
narrow!(u8, u16, u32);

/// Working memory, kept from area to area.
#[derive(Default)]
pub struct Scratch {
    small: Tables<u8, u16>,
    middle: Tables<u16, u32>,
    large: Tables<u32, u32>,
}

/// Levels in use in an area: the highest plus one.
pub fn levels(market: &Market, area: &Area) -> usize {
    let entries = market.list_start[area.students.start as usize] as usize
        ..market.list_start[area.students.end as usize] as usize;
    market.levels[entries].iter().copied().max().map_or(0, usize::from) + 1
}

/// The cells of an area lie together; the first of them.
fn first_cell(market: &Market, area: &Area) -> u32 {
    market.programmes[area.programmes.start as usize].cells.start
}

/// The junior highs that have cells in an area, as the range of their indices.
pub fn cell_juniors(market: &Market, area: &Area) -> Range<u32> {
    let programmes = &market.programmes[area.programmes.start as usize..area.programmes.end as usize];
    let juniors = programmes
        .iter()
        .flat_map(|programme| {
            &market.feeders[programme.feeders.start as usize..programme.feeders.end as usize]
        })
        .map(|feeder| feeder.0);
    let (low, high) =
        juniors.fold((u32::MAX, 0), |(low, high), junior| (low.min(junior), high.max(junior + 1)));
    low.min(high)..high
}

/// Places the students of one area; `out` gets a programme or `NONE` for each.
pub fn place_area(market: &Market, area: &Area, out: &mut [u32], scratch: &mut Scratch) {
    let programmes = area.programmes.len();
    if programmes < 255 && area.students.len() < 65_535 {
        scratch.small.place(market, area, out);
    } else if programmes < 65_535 {
        scratch.middle.place(market, area, out);
    } else {
        scratch.large.place(market, area, out);
    }
}

/// What one programme holds on open seats.
#[derive(Clone, Copy, Default)]
struct Gate {
    /// Below this level nobody is taken; `CLOSED` when no open seat is left.
    lowest: u32,
    /// Seats nobody holds yet.
    free: u32,
    /// The lowest level held so far, until the programme is full.
    held_from: u32,
    /// Quota seats lie apart from the open ones (reversion `none`).
    apart: bool,
}

/// P counts programmes, S students of the area.
#[derive(Default)]
struct Tables<P, S> {
    /// Row d: the programmes of the d-th best student, closed by a programme that takes everyone.
    programmes: Vec<P>,
    /// Row d: her levels there.
    levels: Vec<u16>,
    /// Row d: her cells there; only where the area has cells.
    marks: Vec<u32>,
    /// d -> student
    student: Vec<u32>,
    /// d -> where in her row she stands.
    at: Vec<u16>,
    /// Heads of the chains (programme, level), and the chains.
    head: Vec<S>,
    next: Vec<S>,
    gates: Vec<Gate>,
    /// The boundary chain of each programme, best first.
    boundary: Vec<Vec<S>>,
    cells: Vec<HeldCell>,
    /// The marks of (programme, junior high) pairs, with the open claim still missing.
    cell_of: Vec<u32>,
    order: Vec<u32>,
}

/// What one quota cell holds: unsorted until full, then a heap with the worst on top.
#[derive(Clone, Default)]
struct HeldCell {
    seats: u32,
    lowest: u32,
    /// (level, d)
    held: Vec<(u32, u32)>,
}

impl<P: Narrow, S: Narrow> Tables<P, S> {
    fn place(&mut self, market: &Market, area: &Area, out: &mut [u32]) {
        let programmes = area.programmes.start as usize..area.programmes.end as usize;
        let has_cells = market.programmes[programmes].iter().any(|programme| !programme.cells.is_empty());
        let levels = levels(market, area);
        let width = self.fill_rows(market, area, levels, has_cells);
        self.open_gates(market, area, levels);
        if has_cells {
            self.open_cells(market, area);
            self.propose_with_cells(market, area, width, levels);
        } else {
            self.propose(market, area, width, levels);
        }
        for d in 0..out.len() {
            let programme = self.programmes[d * width + usize::from(self.at[d]) - 1].wide();
            let student = (self.student[d] - area.students.start) as usize;
            out[student] = if programme == area.programmes.len() {
                NONE
            } else {
                area.programmes.start + programme as u32
            };
        }
    }

    /// Copies the lists into rows of equal width, best first choice first; returns the width.
    fn fill_rows(&mut self, market: &Market, area: &Area, levels: usize, has_cells: bool) -> usize {
        let count = area.students.len();
        let longest = area.students.clone().map(|student| market.list(student).len()).max().unwrap_or(0);
        let width = longest + 1;
        self.programmes.resize(count * width, P::default());
        self.levels.resize(count * width, 0);
        self.student.resize(count, 0);
        if has_cells {
            self.marks.resize(count * width, 0);
        }
        // Counting sort by the level of the first choice, highest first.
        self.order.clear();
        self.order.resize(levels + 1, 0);
        let starts = &market.list_start[area.students.start as usize..=area.students.end as usize];
        let first_level =
            |pair: &[u32]| if pair[0] < pair[1] { usize::from(market.levels[pair[0] as usize]) } else { 0 };
        for pair in starts.windows(2) {
            self.order[levels - first_level(pair)] += 1;
        }
        for place in 1..self.order.len() {
            self.order[place] += self.order[place - 1];
        }
        let sentinel = P::narrow(area.programmes.len());
        let juniors = if has_cells { self.spread_cells(market, area) } else { 0..0 };
        let span = juniors.len();
        for (student, pair) in (area.students.start..).zip(starts.windows(2)) {
            let slot = &mut self.order[levels - first_level(pair) - 1];
            let d = *slot as usize;
            *slot += 1;
            self.student[d] = student;
            let entries = pair[0] as usize..pair[1] as usize;
            let row_programmes = &mut self.programmes[d * width..(d + 1) * width];
            let row_levels = &mut self.levels[d * width..(d + 1) * width];
            let list = market.applications[entries.clone()].iter().zip(&market.levels[entries]);
            let mut filled = 0;
            if has_cells {
                let row_marks = &mut self.marks[d * width..(d + 1) * width];
                let junior = market.juniors[student as usize].wrapping_sub(juniors.start) as usize;
                for (&application, &level) in list {
                    // An entry without any claim may name a programme of another area.
                    let programme = application.programme().wrapping_sub(area.programmes.start) as usize;
                    let cell = if application.quota() && junior < span {
                        self.cell_of[programme * span + junior]
                    } else {
                        CELL
                    };
                    let mark = if application.open() { cell } else { cell | NO_OPEN };
                    if mark != CELL | NO_OPEN {
                        row_programmes[filled] = P::narrow(programme);
                        row_levels[filled] = level;
                        row_marks[filled] = mark;
                        filled += 1;
                    }
                }
                row_marks[filled] = CELL;
            } else {
                for (&application, &level) in list {
                    if application.open() {
                        row_programmes[filled] =
                            P::narrow((application.programme() - area.programmes.start) as usize);
                        row_levels[filled] = level;
                        filled += 1;
                    }
                }
            }
            row_programmes[filled] = sentinel;
            row_levels[filled] = 0;
        }
        width
    }

    /// Spreads the area's cells into a table (programme, junior high); returns the juniors' range.
    fn spread_cells(&mut self, market: &Market, area: &Area) -> Range<u32> {
        let programmes = &market.programmes[area.programmes.start as usize..area.programmes.end as usize];
        let juniors = cell_juniors(market, area);
        self.cell_of.clear();
        self.cell_of.resize(programmes.len() * juniors.len(), CELL);
        let first = first_cell(market, area);
        for (row, programme) in self.cell_of.chunks_mut(juniors.len().max(1)).zip(programmes) {
            for &(junior, cell) in
                &market.feeders[programme.feeders.start as usize..programme.feeders.end as usize]
            {
                row[(junior - juniors.start) as usize] = cell - first;
            }
        }
        juniors
    }

    fn open_gates(&mut self, market: &Market, area: &Area, levels: usize) {
        let programmes = area.programmes.len();
        self.head.clear();
        self.head.resize(programmes * levels, S::NIL);
        self.next.resize(area.students.len(), S::default());
        self.at.clear();
        self.at.resize(area.students.len(), 0);
        self.gates.clear();
        for programme in area.programmes.clone() {
            let programme = &market.programmes[programme as usize];
            let apart = programme.rule.reversion == Reversion::None;
            let reserved: u32 = if apart {
                market.cells[programme.cells.start as usize..programme.cells.end as usize].iter().sum()
            } else {
                0
            };
            let free = programme.seats - reserved;
            let lowest = if free == 0 { CLOSED } else { 0 };
            self.gates.push(Gate { lowest, free, held_from: CLOSED, apart });
        }
        self.gates.push(Gate { lowest: 0, free: u32::MAX, held_from: 0, apart: false });
        self.boundary.resize(self.boundary.len().max(programmes), Vec::new());
        self.boundary.iter_mut().for_each(Vec::clear);
    }

    fn open_cells(&mut self, market: &Market, area: &Area) {
        self.cells.iter_mut().for_each(|cell| cell.held.clear());
        let first = first_cell(market, area) as usize;
        let last = market.programmes[area.programmes.end as usize - 1].cells.end as usize;
        self.cells.resize(self.cells.len().max(last - first), HeldCell::default());
        for (cell, &seats) in self.cells.iter_mut().zip(&market.cells[first..last]) {
            cell.seats = seats;
            cell.lowest = if seats == 0 { CLOSED } else { 0 };
        }
    }

    /// Everyone proposes down her row; the displaced go on at once.
    fn propose(&mut self, market: &Market, area: &Area, width: usize, levels: usize) {
        let sentinel = area.programmes.len();
        let all_programmes = std::mem::take(&mut self.programmes);
        let all_levels = std::mem::take(&mut self.levels);
        for first in 0..self.at.len() {
            let mut d = first;
            'student: loop {
                let row_programmes = &all_programmes[d * width..(d + 1) * width];
                let row_levels = &all_levels[d * width..(d + 1) * width];
                let mut entry = usize::from(self.at[d]);
                loop {
                    let programme = row_programmes[entry].wide();
                    let level = u32::from(row_levels[entry]);
                    entry += 1;
                    let gate = &mut self.gates[programme];
                    if level < gate.lowest {
                        continue;
                    }
                    if gate.free > 0 {
                        self.at[d] = entry as u16;
                        if programme == sentinel {
                            break 'student;
                        }
                        let slot = &mut self.head[programme * levels + level as usize];
                        self.next[d] = *slot;
                        *slot = S::narrow(d);
                        gate.held_from = gate.held_from.min(level);
                        gate.free -= 1;
                        if gate.free == 0 {
                            let from = gate.held_from;
                            self.draw_boundary(market, area, programme, from, levels);
                        }
                        break 'student;
                    }
                    if let Some(displaced) = self.exchange(market, area, programme, level, d, levels) {
                        self.at[d] = entry as u16;
                        d = displaced;
                        continue 'student;
                    }
                }
            }
        }
        self.programmes = all_programmes;
        self.levels = all_levels;
    }

    /// The same with quota cells: a candidate tries her cell first, and who is pushed out of a cell
    /// tries the open seats of the same programme before she goes on.
    fn propose_with_cells(&mut self, market: &Market, area: &Area, width: usize, levels: usize) {
        let sentinel = area.programmes.len();
        for first in 0..self.at.len() {
            let mut d = first;
            'student: loop {
                let row = d * width;
                let mut entry = usize::from(self.at[d]);
                loop {
                    let programme = self.programmes[row + entry].wide();
                    let level = u32::from(self.levels[row + entry]);
                    let mark = self.marks[row + entry];
                    entry += 1;
                    let mut contender = d;
                    let mut contender_level = level;
                    let mut contender_mark = mark;
                    if mark & CELL != CELL {
                        let cell = (mark & CELL) as usize;
                        if level >= self.cells[cell].lowest {
                            if self.cells[cell].held.len() < self.cells[cell].seats as usize {
                                self.at[d] = entry as u16;
                                self.enter_cell(market, area, programme, cell, (level, d as u32));
                                if self.gates[programme].apart {
                                    break 'student;
                                }
                                match self.give_up_open_seat(market, area, programme, levels) {
                                    None => break 'student,
                                    Some(displaced) => {
                                        d = displaced;
                                        continue 'student;
                                    }
                                }
                            }
                            let worst = self.cells[cell].held[0];
                            if self.better(market, area, programme, (level, d as u32), worst) {
                                self.at[d] = entry as u16;
                                self.cells[cell].held[0] = (level, d as u32);
                                self.sift(market, area, programme, cell, 0);
                                self.cells[cell].lowest = self.cells[cell].held[0].0;
                                (contender_level, contender) = (worst.0, worst.1 as usize);
                                contender_mark =
                                    self.marks[contender * width + usize::from(self.at[contender]) - 1];
                            }
                        }
                    }
                    let seated = contender != d;
                    if contender_mark & NO_OPEN == 0 {
                        let gate = &mut self.gates[programme];
                        if contender_level >= gate.lowest {
                            if gate.free > 0 {
                                if !seated {
                                    self.at[d] = entry as u16;
                                }
                                if programme == sentinel {
                                    break 'student;
                                }
                                let slot = &mut self.head[programme * levels + contender_level as usize];
                                self.next[contender] = *slot;
                                *slot = S::narrow(contender);
                                gate.held_from = gate.held_from.min(contender_level);
                                gate.free -= 1;
                                if gate.free == 0 {
                                    let from = gate.held_from;
                                    self.draw_boundary(market, area, programme, from, levels);
                                }
                                break 'student;
                            }
                            let out =
                                self.exchange(market, area, programme, contender_level, contender, levels);
                            if let Some(displaced) = out {
                                if !seated {
                                    self.at[d] = entry as u16;
                                }
                                d = displaced;
                                continue 'student;
                            }
                        }
                    }
                    if seated {
                        d = contender;
                        continue 'student;
                    }
                }
            }
        }
    }

    /// A full programme weighs a newcomer against its last open holder; the loser of an exchange
    /// is returned, and nobody where the newcomer is refused.
    #[inline]
    fn exchange(
        &mut self,
        market: &Market,
        area: &Area,
        programme: usize,
        level: u32,
        d: usize,
        levels: usize,
    ) -> Option<usize> {
        let lowest = self.gates[programme].lowest;
        if level > lowest {
            let slot = &mut self.head[programme * levels + level as usize];
            self.next[d] = *slot;
            *slot = S::narrow(d);
            return self.boundary[programme].pop().map(|last| {
                if self.boundary[programme].is_empty() {
                    self.draw_boundary(market, area, programme, lowest + 1, levels);
                }
                last.wide()
            });
        }
        if level < lowest {
            return None;
        }
        let last = self.boundary[programme].last()?.wide();
        if self.finer(market, area, programme, d, last) == Ordering::Less {
            return None;
        }
        self.boundary[programme].pop();
        let place = self.boundary[programme].partition_point(|other| {
            self.finer(market, area, programme, other.wide(), d) == Ordering::Greater
        });
        self.boundary[programme].insert(place, S::narrow(d));
        Some(last)
    }

    /// A new quota seat takes one of the programme's seats: a free one, else the last open holder's.
    fn give_up_open_seat(
        &mut self,
        market: &Market,
        area: &Area,
        programme: usize,
        levels: usize,
    ) -> Option<usize> {
        if self.gates[programme].free > 0 {
            self.gates[programme].free -= 1;
            if self.gates[programme].free == 0 {
                let from = self.gates[programme].held_from;
                self.draw_boundary(market, area, programme, from, levels);
            }
            return None;
        }
        let last = self.boundary[programme].pop();
        if self.boundary[programme].is_empty() {
            let above = self.gates[programme].lowest.saturating_add(1);
            self.draw_boundary(market, area, programme, above, levels);
        }
        last.map(S::wide)
    }

    /// Makes the lowest chain from level `from` upward the boundary, sorted best first; closes the
    /// programme where nobody holds an open seat.
    fn draw_boundary(&mut self, market: &Market, area: &Area, programme: usize, from: u32, levels: usize) {
        let chains = &mut self.head[programme * levels..(programme + 1) * levels];
        let from = (from as usize).min(levels);
        let Some(level) = chains[from..].iter().position(|&head| head != S::NIL) else {
            self.gates[programme].lowest = CLOSED;
            return;
        };
        let level = from + level;
        let mut d = std::mem::replace(&mut chains[level], S::NIL);
        let mut boundary = std::mem::take(&mut self.boundary[programme]);
        while d != S::NIL {
            boundary.push(d);
            d = self.next[d.wide()];
        }
        boundary.sort_unstable_by(|a, b| self.finer(market, area, programme, b.wide(), a.wide()));
        self.boundary[programme] = boundary;
        self.gates[programme].lowest = level as u32;
    }

    /// Compares two students at equal level: the ranking, then the lower index.
    #[inline]
    fn finer(&self, market: &Market, area: &Area, programme: usize, a: usize, b: usize) -> Ordering {
        let ranking = market.programmes[area.programmes.start as usize + programme].ranking as usize;
        let fine = &market.rankings[ranking];
        let (a, b) = (self.student[a], self.student[b]);
        fine[a as usize].cmp(&fine[b as usize]).then(b.cmp(&a))
    }

    /// Compares two (level, student).
    #[inline]
    fn better(&self, market: &Market, area: &Area, programme: usize, a: (u32, u32), b: (u32, u32)) -> bool {
        let level = a.0.cmp(&b.0);
        level.then_with(|| self.finer(market, area, programme, a.1 as usize, b.1 as usize))
            == Ordering::Greater
    }

    fn enter_cell(
        &mut self,
        market: &Market,
        area: &Area,
        programme: usize,
        cell: usize,
        newcomer: (u32, u32),
    ) {
        let held = &mut self.cells[cell];
        held.held.push(newcomer);
        if held.held.len() == held.seats as usize {
            for top in (0..self.cells[cell].held.len() / 2).rev() {
                self.sift(market, area, programme, cell, top);
            }
            self.cells[cell].lowest = self.cells[cell].held[0].0;
        }
    }

    /// Restores the heap of a cell (worst on top) below `top`.
    fn sift(&mut self, market: &Market, area: &Area, programme: usize, cell: usize, mut top: usize) {
        let mut held = std::mem::take(&mut self.cells[cell].held);
        loop {
            let mut child = 2 * top + 1;
            if child >= held.len() {
                break;
            }
            if child + 1 < held.len() && self.better(market, area, programme, held[child], held[child + 1]) {
                child += 1;
            }
            if !self.better(market, area, programme, held[top], held[child]) {
                break;
            }
            held.swap(top, child);
            top = child;
        }
        self.cells[cell].held = held;
    }
}
