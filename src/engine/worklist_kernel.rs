//! The general kernel of deferred acceptance: any rule, any number of programmes.
//!
//! Free students wait in a queue, first in first out, so that a chain of displacements is walked
//! by many at once and memory is asked for in parallel (`performance.md` section 3.5). Programmes
//! without cells hold a heap; programmes with cells gather newcomers and choose now and then by the
//! rule itself (`choice`).

use std::cmp::Reverse;
use std::collections::VecDeque;

use crate::domain::market::{Area, Key, Market, NONE};
use crate::engine::choice::{Applicant, choose};

/// How many students propose after one look ahead.
const BATCH: usize = 32;

/// What one programme holds.
#[derive(Clone, Copy, Default)]
struct Room {
    /// Its worst holder, once it is full: what most proposals are compared with.
    worst: Held,
    /// Where its heap begins in the common store; for a programme with cells, which chooser it is.
    start: u32,
    seats: u32,
    held: u32,
    /// `CHOOSER` for a programme with cells, and for all where heads are counted.
    ranking: u32,
}

/// Stands in a room's `ranking` where the programme has cells or counts heads.
const CHOOSER: u32 = u32::MAX;

/// Where a student stands in her list, and the fine part of her key in the first ranking.
#[derive(Clone, Copy)]
struct Walker {
    fine: u64,
    at: u32,
    end: u32,
}

/// A student as a heap holds her, with her key beside her: one read decides.
#[derive(Clone, Copy, Default)]
struct Held {
    fine: u64,
    student: u32,
    level: u16,
}

impl Held {
    fn key(self) -> Key {
        (self.level, self.fine, Reverse(self.student))
    }
}

/// A programme with cells, or one that counts heads: whom it chose, and who came since.
#[derive(Default)]
struct Chooser {
    programme: u32,
    students: Vec<u32>,
    waiting: bool,
}

/// Places the students of one area; `out` gets a programme or `NONE` for each.
pub fn place_area(market: &Market, area: &Area, out: &mut [u32]) {
    Worklist::new(market, area).run(out);
}

/// How many apply to each programme, where the plans promise more seats than there are applications
/// ("as many as come"): heaps need no room for those. Empty where the plans are in proportion.
fn applicants_where_seats_abound(market: &Market, area: &Area) -> Vec<u32> {
    let programmes = &market.programmes[area.programmes.start as usize..area.programmes.end as usize];
    let entries = market.list_start[area.students.start as usize] as usize
        ..market.list_start[area.students.end as usize] as usize;
    let seats: u64 = programmes.iter().map(|programme| u64::from(programme.seats)).sum();
    if seats <= entries.len() as u64 {
        return Vec::new();
    }
    let mut applicants = vec![0; programmes.len()];
    for application in market.applications[entries].iter().filter(|application| application.open()) {
        applicants[(application.programme() - area.programmes.start) as usize] += 1;
    }
    applicants
}

struct Worklist<'m> {
    market: &'m Market,
    first_student: u32,
    first_programme: u32,
    rooms: Vec<Room>,
    /// The heaps of the rooms without cells, one behind the other: the worst on top.
    heaps: Vec<Held>,
    choosers: Vec<Chooser>,
    walkers: Vec<Walker>,
    free: VecDeque<u32>,
    /// Choosers with newcomers they have not weighed.
    unweighed: VecDeque<u32>,
}

impl<'m> Worklist<'m> {
    fn new(market: &'m Market, area: &Area) -> Worklist<'m> {
        let mut rooms = Vec::with_capacity(area.programmes.len());
        let mut choosers = Vec::new();
        let mut total = 0u32;
        let applicants = applicants_where_seats_abound(market, area);
        for programme in area.programmes.clone() {
            let shape = &market.programmes[programme as usize];
            let local = (programme - area.programmes.start) as usize;
            let seats = applicants.get(local).map_or(shape.seats, |&count| shape.seats.min(count));
            let mut room = Room { start: total, seats, ranking: shape.ranking, ..Room::default() };
            if shape.cells.is_empty() && market.heads.is_empty() {
                total += seats;
            } else {
                (room.start, room.ranking) = (choosers.len() as u32, CHOOSER);
                choosers.push(Chooser { programme, ..Chooser::default() });
            }
            rooms.push(room);
        }
        Worklist {
            market,
            first_student: area.students.start,
            first_programme: area.programmes.start,
            rooms,
            heaps: vec![Held::default(); total as usize],
            choosers,
            walkers: area
                .students
                .clone()
                .map(|student| Walker {
                    fine: market.rankings[0][student as usize],
                    at: market.list_start[student as usize],
                    end: market.list_start[student as usize + 1],
                })
                .collect(),
            free: area.students.clone().collect(),
            unweighed: VecDeque::new(),
        }
    }

    fn run(mut self, out: &mut [u32]) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            batch.extend(self.free.drain(..BATCH.min(self.free.len())));
            if batch.is_empty() {
                match self.unweighed.pop_front() {
                    Some(chooser) => self.weigh(chooser),
                    None => break,
                }
            }
            self.touch(&batch);
            for student in batch.drain(..) {
                self.propose(student);
            }
        }
        out.fill(NONE);
        for (programme, room) in (self.first_programme..).zip(&self.rooms) {
            if room.ranking != CHOOSER {
                for held in &self.heaps[room.start as usize..(room.start + room.held) as usize] {
                    out[(held.student - self.first_student) as usize] = programme;
                }
            }
        }
        for chooser in &self.choosers {
            for student in &chooser.students {
                out[(student - self.first_student) as usize] = chooser.programme;
            }
        }
    }

    /// Reads what the next proposals of a batch will read: independent loads, so that the memory
    /// answers them together instead of one after the other.
    fn touch(&self, batch: &[u32]) {
        let market = self.market;
        let (mut entries, mut rooms) = ([0; BATCH], [0; BATCH]);
        let mut seen = 0;
        for (entry, &student) in entries.iter_mut().zip(batch) {
            let walker = self.walkers[(student - self.first_student) as usize];
            *entry = walker.at.min(walker.end.saturating_sub(1)) as usize;
        }
        for (room, &entry) in rooms.iter_mut().zip(&entries[..batch.len()]) {
            if let (Some(application), Some(&level)) =
                (market.applications.get(entry), market.levels.get(entry))
            {
                *room = application.programme().wrapping_sub(self.first_programme) as usize;
                seen ^= u64::from(level);
            }
        }
        for &room in &rooms[..batch.len()] {
            seen ^= self.rooms.get(room).map_or(0, |room| room.worst.fine);
        }
        std::hint::black_box(seen);
    }

    fn propose(&mut self, student: u32) {
        let local = (student - self.first_student) as usize;
        while self.walkers[local].at < self.walkers[local].end {
            let entry = self.walkers[local].at;
            self.walkers[local].at += 1;
            let application = self.market.applications[entry as usize];
            if !application.open() && !application.quota() {
                continue;
            }
            let room = (application.programme() - self.first_programme) as usize;
            if self.rooms[room].ranking == CHOOSER {
                self.gather(self.rooms[room].start, student);
                return;
            }
            if application.open() && self.enter(room, entry, student) {
                return;
            }
        }
    }

    /// Takes the student into a room without cells, or refuses her.
    fn enter(&mut self, room: usize, entry: u32, student: u32) -> bool {
        let Room { worst, start, seats, held, ranking } = self.rooms[room];
        let (start, held) = (start as usize, held as usize);
        let fine = match ranking {
            0 => self.walkers[(student - self.first_student) as usize].fine,
            other => self.market.rankings[other as usize][student as usize],
        };
        let newcomer = Held { fine, student, level: self.market.levels[entry as usize] };
        if held < seats as usize {
            self.heaps[start + held] = newcomer;
            self.rooms[room].held += 1;
            if held + 1 == seats as usize {
                for top in (0..held.div_ceil(2)).rev() {
                    self.sift(start, held + 1, top);
                }
                self.rooms[room].worst = self.heaps[start];
            }
            return true;
        }
        if seats == 0 || newcomer.key() < worst.key() {
            return false;
        }
        self.heaps[start] = newcomer;
        self.sift(start, held, 0);
        self.rooms[room].worst = self.heaps[start];
        self.free.push_back(worst.student);
        true
    }

    fn sift(&mut self, start: usize, length: usize, mut top: usize) {
        loop {
            let mut child = 2 * top + 1;
            if child >= length {
                return;
            }
            let right = child + 1;
            if right < length && self.heaps[start + right].key() < self.heaps[start + child].key() {
                child = right;
            }
            if self.heaps[start + child].key() > self.heaps[start + top].key() {
                return;
            }
            self.heaps.swap(start + top, start + child);
            top = child;
        }
    }

    fn gather(&mut self, chooser: u32, student: u32) {
        let state = &mut self.choosers[chooser as usize];
        state.students.push(student);
        if !state.waiting {
            state.waiting = true;
            self.unweighed.push_back(chooser);
        }
    }

    fn weigh(&mut self, chooser: u32) {
        let state = &mut self.choosers[chooser as usize];
        state.waiting = false;
        let programme = state.programme;
        let students = std::mem::take(&mut state.students);
        let applicants = students
            .iter()
            .map(|&student| {
                let entry = self.walkers[(student - self.first_student) as usize].at - 1;
                Applicant::of(self.market, student, entry as usize)
            })
            .collect();
        let mut kept: Vec<u32> =
            choose(self.market, programme, applicants).into_iter().map(|pair| pair.0).collect();
        kept.sort_unstable();
        for student in students {
            if kept.binary_search(&student).is_err() {
                self.free.push_back(student);
            }
        }
        let state = &mut self.choosers[chooser as usize];
        state.students = kept;
    }
}
