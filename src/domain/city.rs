//! The city of a season: areas, schools and programmes, each sorted by code.

use crate::domain::points::Points;

/// An admission area (招生区域).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CityArea {
    pub code: String,
    pub name: String,
    /// GB/T 2260 codes.
    pub divisions: Vec<String>,
}

/// A junior high (初中).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JuniorSchool {
    pub code: String,
    pub name: String,
    pub area: u32,
    pub private: bool,
    pub nine_year: bool,
    /// All graduates of the year; absent: counted from the candidates.
    pub graduates: Option<u64>,
    /// Intake of grade seven three years before (DP5).
    pub intake: Option<u64>,
    /// Evaluation factor (DP6); 1 where absent.
    pub factor: Option<Points>,
    /// Gets direct seats before the split (DP7).
    pub direct: bool,
}

/// A senior high (高中).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeniorSchool {
    pub code: String,
    pub name: String,
    pub area: u32,
    pub private: bool,
    pub high_quality: bool,
}

/// What a senior high offers in a batch or several: the thing candidates list and fill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CityProgramme {
    pub code: String,
    pub school: u32,
    pub name: String,
    /// Batches of the policy by index, ascending.
    pub batches: Vec<u32>,
    /// The approved plan.
    pub seats: u32,
    /// Its own share; absent: the policy's for high-quality schools, none for others.
    pub quota_share: Option<Points>,
    /// Areas by index, ascending.
    pub scope: Vec<u32>,
    /// Whether the sheet said `*`.
    pub scope_all: bool,
    pub gate_open: Option<Points>,
    pub gate_quota: Option<Points>,
    /// What the share is counted from (DP2); absent: the seats.
    pub quota_base: Option<u32>,
}

impl CityProgramme {
    /// Whether a batch that offers the programmes of these batches offers this one.
    pub fn offered_by(&self, offers: &[u32]) -> bool {
        self.batches.iter().any(|batch| offers.contains(batch))
    }

    /// Whether it recruits in an area (SX22 6.1).
    pub fn recruits_in(&self, area: u32) -> bool {
        self.scope.binary_search(&area).is_ok()
    }
}

/// A cell fixed by hand (`quota.csv` as input), with its authority and reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellOverride {
    pub programme: u32,
    pub junior: u32,
    pub seats: u32,
    pub reason: String,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct City {
    pub areas: Vec<CityArea>,
    pub juniors: Vec<JuniorSchool>,
    pub seniors: Vec<SeniorSchool>,
    pub programmes: Vec<CityProgramme>,
    /// Sorted by programme, then junior high.
    pub overrides: Vec<CellOverride>,
}

impl City {
    /// Whether an override names this junior high for this programme.
    pub fn overridden(&self, programme: u32, junior: u32) -> bool {
        self.overrides
            .binary_search_by_key(&(programme, junior), |fixed| (fixed.programme, fixed.junior))
            .is_ok()
    }
}
