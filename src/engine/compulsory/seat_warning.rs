//! Seat warnings: children of a zone against its places, before anyone registers (DP55).

use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_policy::SeatWarning;
use crate::engine::compulsory::candidacy::Candidacy;

/// How tight a zone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tightness {
    Enough,
    Amber,
    Red,
}

impl Tightness {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Tightness::Enough => "enough",
            Tightness::Amber => "amber",
            Tightness::Red => "red",
        }
    }

    /// Of so many children on so many places.
    pub fn of(children: u32, seats: u32, rule: SeatWarning) -> Tightness {
        let reaches = |percent: u32| u64::from(children) * 100 >= u64::from(seats) * u64::from(percent);
        match (children, reaches(rule.red_percent), reaches(rule.amber_percent)) {
            (0, _, _) | (_, false, false) => Tightness::Enough,
            (_, true, _) => Tightness::Red,
            (_, false, true) => Tightness::Amber,
        }
    }
}

/// One zone's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneLoad {
    /// By index.
    pub zone: u32,
    pub children: u32,
    /// Of those, who hold both household and home in the county (the first category).
    pub first_category: u32,
    pub seats: u32,
    pub tightness: Tightness,
}

/// The load of every zone. A school of several zones counts its places in each of them.
///
/// # Complexity
/// O(children + zones x schools).
pub fn zone_loads(entry: &Entry, candidacies: &[Candidacy]) -> Vec<ZoneLoad> {
    let mut loads: Vec<ZoneLoad> = (0..)
        .zip(&entry.zones)
        .map(|(at, zone)| {
            let seats =
                zone.schools.iter().map(|school| entry.schools[*school as usize].plan(zone.stage).seats);
            ZoneLoad {
                zone: at,
                children: 0,
                first_category: 0,
                seats: seats.sum(),
                tightness: Tightness::Enough,
            }
        })
        .collect();
    for candidacy in candidacies {
        if let Some((_, zone)) = candidacy.home {
            loads[zone as usize].children += 1;
            loads[zone as usize].first_category += u32::from(candidacy.category == Some(0));
        }
    }
    for load in &mut loads {
        load.tightness = Tightness::of(load.children, load.seats, entry.policy.seat_warning);
    }
    loads
}
