//! What a past year tells of a programme: its seats, how many were taken, and where the last holder stood.

use crate::domain::rank_band::RankBand;
use crate::domain::seat::Seat;

/// Fewer holders than this tell nothing that may be shown: the last rank would be a child's own.
pub const LEAST_TAKEN: u32 = 3;

/// A row of `history.csv`. Sorted by programme, seat, junior high and year.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PastLine {
    /// Its code; it need not be offered any more.
    pub programme: String,
    pub seat: Seat,
    /// The code of the junior high of a quota seat; empty for other seats.
    pub junior: String,
    pub year: i16,
    pub seats: u32,
    pub taken: u32,
    /// How many candidates of the city had at least the total of the last one admitted; 0 where nobody was.
    pub last_rank: u32,
    /// Candidates of the city with a valid exam record that year.
    pub ranked: u32,
}

impl PastLine {
    /// The last rank as it may be told; none where too few took a seat, or too few were ranked.
    pub fn last(&self) -> Option<RankBand> {
        if self.taken < LEAST_TAKEN { None } else { RankBand::of(self.last_rank, self.ranked) }
    }
}
