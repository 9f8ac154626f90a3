//! The nine-year demonstration: a county's schools and one cohort of invented children.

use jiff::civil::Date;

use crate::domain::compulsory::coordinates::Coordinates;
use crate::domain::compulsory::school_place::{Plan, SchoolKind};

/// A school of compulsory education.
#[derive(Clone, Debug)]
pub struct CohortSchool {
    pub code: String,
    pub kind: SchoolKind,
    /// Counted inside its kind, from 1.
    pub number: usize,
    pub primary: Plan,
    pub junior: Plan,
    pub at: Coordinates,
}

/// How a child came to the cohort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// Entered primary school with it, at six.
    FirstYear,
    /// From elsewhere to a primary school, on this day.
    Primary(Date),
    /// From elsewhere to a junior high, on this day.
    Junior(Date),
    /// From the class above, after a year's leave.
    ClassAbove,
}

/// A child of the cohort.
#[derive(Clone, Debug)]
pub struct CohortChild {
    /// The same on every list of nine years.
    pub person: String,
    /// Pieces of the name; written one after the other.
    pub name: [&'static str; 3],
    pub female: bool,
    pub id_no: [u8; 18],
    pub born: Date,
    pub came: Came,
    /// Her zone, by index, and the address inside it.
    pub zone: usize,
    pub address: usize,
    /// Household in the county.
    pub local: bool,
    /// Whether the home is her guardians' own.
    pub owned: bool,
    pub since: Date,
}

/// The county. Zone `z` of the primary stage is that of the school at index `z`; `junior_zone` tells its junior high.
#[derive(Clone, Debug)]
pub struct CohortCounty {
    pub seed: u64,
    /// Schools of the primary stage first, one per zone, then the junior highs.
    pub schools: Vec<CohortSchool>,
    pub zones: usize,
    pub children: Vec<CohortChild>,
}

/// Zones of primary schools that share a junior high.
const ZONES_OF_A_JUNIOR: usize = 3;

impl CohortCounty {
    /// The junior high of a zone, by index of `schools`.
    pub fn junior_of(&self, zone: usize) -> usize {
        self.zones + (zone / ZONES_OF_A_JUNIOR).min(self.schools.len() - self.zones - 1)
    }
}

/// A child who enters junior high, as the register tells.
#[derive(Clone, Debug)]
pub struct Entrant {
    /// By index of `children`.
    pub child: usize,
    pub primary: String,
    pub since: Date,
    /// Goes on inside her nine-year school if there is a place.
    pub direct: bool,
}

/// A candidate of the senior-high season.
#[derive(Clone, Debug)]
pub struct CohortCandidate {
    /// By index of `children`.
    pub child: usize,
    pub exam_no: String,
    /// Marks in whole points, in the order of [`COHORT_SUBJECTS`].
    pub marks: [u32; COHORT_SUBJECTS.len()],
    /// Programmes by index of [`COHORT_PROGRAMMES`], best first.
    pub list: Vec<usize>,
}

/// Subjects of the demonstration's season with their full marks.
pub const COHORT_SUBJECTS: [(&str, u32); 5] =
    [("chinese", 150), ("math", 150), ("english", 150), ("science", 200), ("sport", 60)];

/// Programmes: code, senior high, per mille of the cohort, whether the school is of high quality.
pub const COHORT_PROGRAMMES: [(&str, &str, usize, bool); 4] =
    [("P1", "S1", 220, true), ("P2", "S2", 180, true), ("P3", "S3", 150, false), ("P4", "S4", 120, false)];

/// The division (GB/T 2260) of the county and that of all others; neither exists.
pub const DIVISIONS: [&str; 2] = ["149901", "149801"];
