//! How likely a candidate clears the line of a programme, in words that a backtest has earned.

/// What families are told (保, 稳, 冲), never with a number of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chance {
    /// Of all pairs told so in a backtest at least 90 % cleared the line.
    Safe,
    Likely,
    /// Of all pairs told so in a backtest at most 40 % cleared it.
    Reach,
    /// Her own rank is not known yet, or the programme has no past that may be told.
    Unknown,
}

impl Chance {
    /// Every chance, the best first.
    pub const ALL: [Chance; 4] = [Chance::Safe, Chance::Likely, Chance::Reach, Chance::Unknown];

    /// The word of the API and of texts.
    pub const fn word(self) -> &'static str {
        match self {
            Chance::Safe => "safe",
            Chance::Likely => "likely",
            Chance::Reach => "reach",
            Chance::Unknown => "unknown",
        }
    }
}

/// How far from past lines the bands of chances begin, in millionths of the ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margins {
    /// Safe: so much above the hardest year's line, at least.
    pub safe: i64,
    /// A reach: more than so much below the easiest year's line.
    pub reach: i64,
}
