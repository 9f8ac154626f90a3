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
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Seat::Quota => "quota",
            Seat::Pool => "pool",
            Seat::Open => "open",
        }
    }
}
