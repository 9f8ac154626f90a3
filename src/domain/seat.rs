//! The kinds of seat a programme gives.

/// How a seat was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seat {
    /// A seat of the candidate's junior high (指标到校).
    Quota,
    /// Unused quota, open to every quota-eligible candidate of the scope.
    Pool,
    /// Open to everyone in scope (统招).
    Open,
}

impl Seat {
    /// Every kind.
    pub const ALL: [Seat; 3] = [Seat::Quota, Seat::Pool, Seat::Open];

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Seat> {
        Seat::ALL.into_iter().find(|seat| seat.word() == word)
    }

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Seat::Quota => "quota",
            Seat::Pool => "pool",
            Seat::Open => "open",
        }
    }
}
