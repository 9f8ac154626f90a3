//! A whole season: the policy, the city, and what was filed and marked.

use crate::domain::candidates::Candidates;
use crate::domain::city::City;
use crate::domain::marks::Marks;
use crate::domain::past_line::PastLine;
use crate::domain::policy::Policy;
use crate::domain::preferences::Preferences;

/// Everything a result is computed from, and what families are told of past years.
#[derive(Clone, Debug)]
pub struct Season {
    pub policy: Policy,
    /// `season.toml` as it was written.
    pub policy_text: String,
    pub city: City,
    pub candidates: Candidates,
    pub marks: Marks,
    pub preferences: Preferences,
    /// What past years left, sorted; no result depends on it.
    pub history: Vec<PastLine>,
}
