//! A county's entry season: everything the placing of its children reads.

use crate::domain::compulsory::address::Address;
use crate::domain::compulsory::child::Child;
use crate::domain::compulsory::entry_policy::EntryPolicy;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::evidence::Evidence;
use crate::domain::compulsory::school_draw::SchoolDraw;
use crate::domain::compulsory::school_place::EntrySchool;
use crate::domain::compulsory::zone::Zone;

/// A home's use by an earlier child (DP56).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HomeUse {
    pub home: String,
    pub stage: EntryStage,
    /// The year of entry.
    pub year: i16,
    /// The family that used it.
    pub family: String,
}

/// The whole entry.
#[derive(Clone, Debug)]
pub struct Entry {
    pub policy: EntryPolicy,
    /// `entry.toml` as it stands.
    pub policy_text: String,
    /// In the order of codes.
    pub schools: Vec<EntrySchool>,
    pub zones: Vec<Zone>,
    pub addresses: Vec<Address>,
    /// Feeder promotion: (primary school, junior high), sorted, in the order of the sheet inside a primary school.
    pub feeders: Vec<(u32, u32)>,
    /// In the order of numbers, bytewise.
    pub children: Vec<Child>,
    /// In the order of children.
    pub evidence: Vec<Evidence>,
    pub home_uses: Vec<HomeUse>,
    /// Draws that people made in public, in the order of schools and stages; everywhere else the lot decides.
    pub draws: Vec<SchoolDraw>,
}
