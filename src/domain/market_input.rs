//! A market as one file tells it (`market/1`): no names, no policy of a city, only the bare choice.

use crate::domain::market::Rule;
use crate::domain::points::Points;
use crate::domain::policy::Placing;

/// A whole `market/1` file, its references resolved to indices.
#[derive(Clone, Debug, Default)]
pub struct MarketInput {
    pub rule: Rule,
    pub placing: Placing,
    pub students: Vec<StudentInput>,
    pub schools: Vec<SchoolInput>,
}

/// One student of a `market/1` file.
#[derive(Clone, Debug, Default)]
pub struct StudentInput {
    pub id: String,
    pub county: Option<String>,
    pub junior: Option<String>,
    pub score: Option<Points>,
    /// Compared in order, bigger first.
    pub tiebreak: Vec<Points>,
    pub quota_eligible: Eligible,
    /// Schools by index, best first.
    pub prefs: Vec<u32>,
}

/// Where a student may use quota seats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Eligible {
    #[default]
    Everywhere,
    Nowhere,
    /// At these schools, by index.
    At(Vec<u32>),
}

/// One school of a `market/1` file.
#[derive(Clone, Debug, Default)]
pub struct SchoolInput {
    pub id: String,
    pub capacity: u32,
    /// (junior high, seats), in the order of the file.
    pub quota: Vec<(String, u32)>,
    /// Counties; none: all.
    pub scope: Option<Vec<String>>,
    pub gate_open: Option<Points>,
    pub gate_quota: Option<Points>,
    /// Students by index, best first, in place of the score order.
    pub priority: Option<Vec<u32>>,
}
