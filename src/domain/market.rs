//! The market of one batch, as columns: who applies where, with which claims and which key.

use std::ops::Range;

use crate::domain::points::Points;
use crate::domain::policy::{Precedence, Reversion};
use crate::domain::ticket::Twins;

/// Stands for "no programme" and "no cell".
pub const NONE: u32 = u32::MAX;

/// One entry of a preference list: a programme, and what the candidate may claim there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Application(u32);

impl Application {
    const OPEN: u32 = 1;
    const QUOTA: u32 = 2;
    const CELL_ONLY: u32 = 4;

    /// `programme` is below 2^29.
    pub const fn new(programme: u32, open: bool, quota: bool) -> Application {
        Application(programme << 3 | if quota { Self::QUOTA } else { 0 } | if open { Self::OPEN } else { 0 })
    }

    /// Bound to the cell of her junior high: an override lets her in there from out of scope, and
    /// nowhere else.
    pub const fn cell_only(self) -> Application {
        Application(self.0 | Self::CELL_ONLY)
    }

    /// The same claims on a programme of another number.
    pub const fn renumbered(self, programme: u32) -> Application {
        Application(programme << 3 | self.0 & 7)
    }

    pub const fn programme(self) -> u32 {
        self.0 >> 3
    }

    /// In O: may take an open seat.
    pub const fn open(self) -> bool {
        self.0 & Self::OPEN != 0
    }

    /// In E: may take a quota seat of her junior high.
    pub const fn quota(self) -> bool {
        self.0 & Self::QUOTA != 0
    }

    /// May take unused quota from the pool, where the rule has one.
    pub const fn pool(self) -> bool {
        self.0 & (Self::QUOTA | Self::CELL_ONLY) == Self::QUOTA
    }
}

/// How a programme chooses (`mechanism.md` section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    pub precedence: Precedence,
    pub reversion: Reversion,
    /// The event rule's distance in points.
    /// Keys must follow the totals then: a higher total means a higher key.
    pub relative_gate: Option<Points>,
}

/// One programme of the market.
#[derive(Clone, Debug, Default)]
pub struct Programme {
    /// q
    pub seats: u32,
    /// Which of the market's rankings orders equal levels.
    pub ranking: u32,
    pub rule: Rule,
    /// Its cells in `Market::cells`.
    pub cells: Range<u32>,
    /// Its rows in `Market::feeders`.
    pub feeders: Range<u32>,
}

/// Candidates and programmes that have nothing to do with those of other areas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    pub students: Range<u32>,
    pub programmes: Range<u32>,
}

/// A market. An application's key is (level, ranking, index): the higher level wins, then the
/// higher place in the programme's ranking, then the lower student index, so keys are strict.
#[derive(Clone, Debug, Default)]
pub struct Market {
    /// Disjoint, in order, covering all students and programmes; lists stay inside their area.
    pub areas: Vec<Area>,
    /// Student i's list is `applications[list_start[i]..list_start[i + 1]]`, best first.
    pub list_start: Vec<u32>,
    pub applications: Vec<Application>,
    /// The coarse part of each application's key, below 65,535.
    pub levels: Vec<u16>,
    /// Per student: her junior high, as `feeders` names it. Empty where no programme has cells.
    pub juniors: Vec<u32>,
    /// Per student: her total. Empty where no programme has a relative gate.
    pub totals: Vec<Points>,
    /// Per student: how many seats she takes (twins on one ticket). Empty where everybody takes one; where it is
    /// not, every application is open, no programme has cells or a relative gate, and each takes, in key order,
    /// whoever finds seats left.
    pub heads: Vec<u8>,
    /// What becomes of a student who takes more seats than are left. `NextSingle` is no choice that deferred
    /// acceptance can rest on (a refused pair may come back), unless the programme stands first on every list that
    /// names it: whoever builds the market sees to that.
    pub twins: Twins,
    /// The fine part of keys: one column over the students per ranking.
    pub rankings: Vec<Vec<u64>>,
    pub programmes: Vec<Programme>,
    /// Seats of each quota cell, r; a programme's cells lie together.
    pub cells: Vec<u32>,
    /// (junior, cell), sorted by junior inside each programme's range.
    pub feeders: Vec<(u32, u32)>,
}

impl Market {
    /// How many students.
    pub fn students(&self) -> usize {
        self.list_start.len().saturating_sub(1)
    }

    /// How many seats a student takes.
    pub fn heads(&self, student: u32) -> u32 {
        self.heads.get(student as usize).copied().map_or(1, u32::from)
    }

    /// The entries of a student's list.
    pub fn list(&self, student: u32) -> Range<usize> {
        self.list_start[student as usize] as usize..self.list_start[student as usize + 1] as usize
    }

    /// The cell of a junior high at a programme.
    pub fn cell(&self, programme: u32, junior: u32) -> Option<u32> {
        let range = &self.programmes[programme as usize].feeders;
        let feeders = &self.feeders[range.start as usize..range.end as usize];
        feeders.binary_search_by_key(&junior, |feeder| feeder.0).ok().map(|place| feeders[place].1)
    }

    /// The cell a student may claim through an application; none without a quota claim.
    pub fn claimed_cell(&self, student: u32, application: Application) -> Option<u32> {
        if application.quota() {
            self.cell(application.programme(), self.juniors[student as usize])
        } else {
            None
        }
    }

    /// The fine part of a student's key at a programme.
    pub fn fine(&self, programme: u32, student: u32) -> u64 {
        self.rankings[self.programmes[programme as usize].ranking as usize][student as usize]
    }

    /// The entry of a student's list that names a programme.
    pub fn entry(&self, student: u32, programme: u32) -> Option<usize> {
        self.list(student).find(|&entry| self.applications[entry].programme() == programme)
    }

    /// The whole key of an entry; the larger one wins.
    pub fn key(&self, student: u32, entry: usize) -> Key {
        let programme = self.applications[entry].programme();
        (self.levels[entry], self.fine(programme, student), std::cmp::Reverse(student))
    }
}

/// A strict key: level, place in the ranking, index. Larger wins.
pub type Key = (u16, u64, std::cmp::Reverse<u32>);
