//! What became of a child, and why: a closed list of reasons.

use crate::domain::compulsory::way::Way;

/// A child's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryPlace {
    /// By index.
    pub school: u32,
    pub way: Way,
    /// The category of the zone, by index, where the way asks for one.
    pub category: Option<u32>,
}

/// Why a child has no part in the placing, or not by a way she asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryRefusal {
    /// Too young, or too old, for the stage (DP57).
    Age,
    /// No proved address lies in a zone.
    NoZone,
    /// She belongs to no category of the policy.
    NoCategory,
    /// Direct promotion asks for years in the school that she has not.
    NotLongEnough,
    /// Her school does not promote.
    NoPromotion,
}

impl EntryRefusal {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            EntryRefusal::Age => "age",
            EntryRefusal::NoZone => "no_zone",
            EntryRefusal::NoCategory => "no_category",
            EntryRefusal::NotLongEnough => "not_long_enough",
            EntryRefusal::NoPromotion => "no_promotion",
        }
    }
}
