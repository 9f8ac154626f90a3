//! The ways into a school of compulsory education, each with its own order of children.

use serde::Deserialize;

/// How a child applies to a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// One person, one case: a place named by the county for a disabled child, with authority and reason.
    Case,
    /// The one private school of her choice (DP50).
    Private,
    /// Direct promotion inside a nine- or twelve-year school (DP53).
    Direct,
    /// Feeder promotion (对口直升) from her primary school (DP47).
    Feeder,
    /// The schools of her zone (DP47, DP48).
    Zone,
    /// The transfer round (调剂): what is left, for those left (DP54).
    Transfer,
}

impl Way {
    /// Every way.
    pub const ALL: [Way; 6] = [Way::Case, Way::Private, Way::Direct, Way::Feeder, Way::Zone, Way::Transfer];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Way::Case => "case",
            Way::Private => "private",
            Way::Direct => "direct",
            Way::Feeder => "feeder",
            Way::Zone => "zone",
            Way::Transfer => "transfer",
        }
    }
}
