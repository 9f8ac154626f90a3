//! Rows of the demonstration city as they stand in its sheets: invented schools and people.

use jiff::civil::Date;

/// A row of `areas.csv`.
#[derive(Clone, Debug)]
pub struct AreaRow {
    pub code: String,
    pub name: String,
    /// GB/T 2260 divisions; those of a demonstration do not exist.
    pub divisions: Vec<String>,
}

/// A row of `junior_schools.csv`.
#[derive(Clone, Debug)]
pub struct JuniorRow {
    pub code: String,
    pub name: String,
    pub area_code: String,
    pub private: bool,
    pub nine_year: bool,
    /// Pupils taken in three years ago.
    pub intake: u64,
}

/// A row of `senior_schools.csv`.
#[derive(Clone, Debug)]
pub struct SeniorRow {
    pub code: String,
    pub name: String,
    pub area_code: String,
    pub private: bool,
    pub high_quality: bool,
}

/// Which areas a programme admits from.
#[derive(Clone, Debug)]
pub enum ScopeCell {
    /// Left empty: the school's own area.
    Own,
    /// Every area.
    Everywhere,
    Areas(Vec<String>),
}

/// A row of `programmes.csv`.
#[derive(Clone, Debug)]
pub struct ProgrammeRow {
    pub code: String,
    pub school_code: String,
    pub name: String,
    pub batch: &'static str,
    pub seats: u64,
    pub scope: ScopeCell,
    pub gate_open: Option<u64>,
    pub gate_quota: Option<u64>,
    /// The seats the quota is counted from, where they are fewer than all (DP2).
    pub quota_base: Option<u64>,
}

/// The sheets of a city that are small whatever its size.
#[derive(Clone, Debug, Default)]
pub struct CitySheets {
    pub areas: Vec<AreaRow>,
    pub juniors: Vec<JuniorRow>,
    pub seniors: Vec<SeniorRow>,
    pub programmes: Vec<ProgrammeRow>,
}

/// The columns of `scores.csv` after `exam_no`, as the demonstration's `season.toml` has them.
pub const SCORE_COLUMNS: [&str; 11] = [
    "chinese",
    "math",
    "english.written",
    "english.oral",
    "physics.paper",
    "physics.lab",
    "chemistry.paper",
    "sport",
    "ethics",
    "history",
    "computing",
];

/// A cell of `scores.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreCell {
    /// A mark in tenths of a point.
    Tenths(u16),
    Grade(&'static str),
    Absent,
    Void,
    Exempt,
}

/// An invented candidate: her rows in `candidates.csv`, `scores.csv` and `preferences.csv`.
#[derive(Clone, Debug)]
pub struct CandidateRow<'city> {
    pub exam_no: [u8; 12],
    /// Pieces of the name; written one after the other.
    pub name: [&'static str; 3],
    pub female: bool,
    /// An identity number with a right check digit (GB 11643) and a division that does not exist.
    pub id_no: [u8; 18],
    pub junior_code: Option<&'city str>,
    /// The number of her class there, from 1.
    pub class: Option<u64>,
    pub area_code: &'city str,
    pub register_from: Option<Date>,
    pub attended: bool,
    pub repeat: bool,
    pub local: bool,
    /// Bonuses in points, each with its reason.
    pub bonuses: &'static [(&'static str, &'static str)],
    pub quality_grade: &'static str,
    pub flags: Vec<&'static str>,
    /// No row in `scores.csv` where there is none.
    pub scores: Option<[ScoreCell; SCORE_COLUMNS.len()]>,
    /// Batch and programme code, best first within a batch.
    pub preferences: Vec<(&'static str, &'city str)>,
}
