//! An address of the county's list: an estate, a village group, a building.

use crate::domain::compulsory::coordinates::Coordinates;

/// An address and the zones it lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub code: String,
    pub text: String,
    /// Zones by index, by stage; by the list, or by the map where the list is silent.
    pub zones: [Option<u32>; 2],
    pub at: Option<Coordinates>,
}
