//! Whether the zones leave nobody out: gaps, overlaps, schools without a zone (SX22 2.1).

use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::engine::compulsory::zone_map::ZoneMap;

/// One thing about the zones that an office must look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ZoneFinding {
    /// An address lies in no zone of a stage that is entered: nobody may be left out.
    Gap { address: u32, stage: EntryStage },
    /// An address lies in several zones of the map.
    Overlap { address: u32, stage: EntryStage, zones: Vec<u32> },
    /// The list names another zone than the map shows.
    ListAndMap { address: u32, stage: EntryStage, list: u32, map: u32 },
    /// A public school stands in no zone, takes over from no primary school, and is no replacement.
    SchoolWithoutZone { school: u32, stage: EntryStage },
}

impl ZoneFinding {
    /// Whether it forbids the placing: a gap does.
    pub const fn is_gap(&self) -> bool {
        matches!(self, ZoneFinding::Gap { .. })
    }
}

/// Every finding, in the order of the sheets.
///
/// # Complexity
/// O(addresses x zones that may hold them + schools x zones).
pub fn zone_findings(entry: &Entry) -> Vec<ZoneFinding> {
    let map = ZoneMap::of(&entry.zones);
    let mut found = Vec::new();
    for stage in EntryStage::ALL.into_iter().filter(|stage| entry.policy.stage(*stage).is_some()) {
        for (address, row) in (0..).zip(&entry.addresses) {
            let shown = row.at.map_or(Vec::new(), |at| map.zones_at(stage, at));
            match (row.zones[stage.index()], shown.as_slice()) {
                (None, _) => found.push(ZoneFinding::Gap { address, stage }),
                (Some(list), [map]) if list != *map => {
                    found.push(ZoneFinding::ListAndMap { address, stage, list, map: *map });
                }
                (_, [_, _, ..]) => found.push(ZoneFinding::Overlap { address, stage, zones: shown }),
                _ => {}
            }
        }
        for (school, row) in (0..).zip(&entry.schools) {
            let zoned = entry.zones.iter().any(|zone| zone.stage == stage && zone.schools.contains(&school));
            let fed = stage == EntryStage::Junior && entry.feeders.iter().any(|row| row.1 == school);
            if row.kind.has(stage) && !row.private && !row.replacement && !zoned && !fed {
                found.push(ZoneFinding::SchoolWithoutZone { school, stage });
            }
        }
    }
    found
}
