//! Zones (学区): which schools stand open to whom lives there (DP47).

use crate::domain::compulsory::coordinates::Coordinates;
use crate::domain::compulsory::entry_stage::EntryStage;

/// A zone: single-school with one school, multi-school with several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    pub code: String,
    pub name: String,
    pub stage: EntryStage,
    /// Schools by index, in the order of the sheet.
    pub schools: Vec<u32>,
    /// Its bounds as the notice words them.
    pub text: String,
    /// Its area on the map: rings of places, the outer one first; several areas may belong to one zone.
    pub areas: Vec<Vec<Vec<Coordinates>>>,
}
