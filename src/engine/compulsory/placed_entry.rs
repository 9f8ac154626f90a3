//! A placed entry: what every step found, for the checks, the reasons and the sheets.

use crate::domain::compulsory::entry_outcome::EntryPlace;
use crate::engine::compulsory::candidacy::{Candidacy, Wish};
use crate::engine::compulsory::entry_market::Bundle;
use crate::engine::compulsory::school_draws::SchoolList;
use crate::engine::draw::Seed;

/// What happened in one round.
#[derive(Clone, Debug, Default)]
pub struct PlacedRound {
    /// Each bundle's applications, best first.
    pub wishes: Vec<Vec<Wish>>,
    /// Each bundle's wish that was granted.
    pub granted: Vec<Option<u32>>,
    /// Seats before the round, by stage and school.
    pub seats: [Vec<u32>; 2],
}

/// A placed entry.
#[derive(Clone, Debug)]
pub struct EntryRun {
    /// The frozen list: one line per ticket.
    pub list_hash: [u8; 32],
    pub seed: Seed,
    pub candidacies: Vec<Candidacy>,
    pub bundles: Vec<Bundle>,
    /// Per bundle.
    pub lots: Vec<u64>,
    /// The lists of schools where children draw.
    pub school_lists: Vec<SchoolList>,
    pub admission: PlacedRound,
    pub transfer: PlacedRound,
    /// Per child.
    pub places: Vec<Option<EntryPlace>>,
}
