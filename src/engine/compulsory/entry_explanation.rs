//! Why each application of a child was granted or not, from the last ticket that each school took.

use std::collections::BTreeMap;

use crate::domain::compulsory::entry_stage::EntryStage;
use crate::engine::compulsory::candidacy::Wish;
use crate::engine::compulsory::placed_entry::{EntryRun, PlacedRound};

/// Why an application ended as it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryReason {
    /// She has her place there.
    Admitted,
    /// She has a place that stands above it.
    PlacedAbove,
    /// No place was left for anyone.
    NoSeat,
    /// The school was full with children of earlier ways or categories.
    Category,
    /// Inside her category others came first by its order: distance, dates, brothers and sisters.
    Order,
    /// All else was equal; the lot decided.
    Lot,
    /// The last seats were fewer than the twins on her ticket.
    Twins,
}

impl EntryReason {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            EntryReason::Admitted => "admitted",
            EntryReason::PlacedAbove => "placed_above",
            EntryReason::NoSeat => "no_seat",
            EntryReason::Category => "category",
            EntryReason::Order => "order",
            EntryReason::Lot => "lot",
            EntryReason::Twins => "twins",
        }
    }
}

/// The last ticket a school took in a round: its key before the lot, and its lot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryLine {
    pub key: Vec<u32>,
    pub lot: u64,
}

/// By stage and school, the last ticket taken; schools that took nobody are missing.
pub type EntryLines = BTreeMap<(EntryStage, u32), EntryLine>;

/// The lines of a round.
///
/// # Complexity
/// O(bundles log schools).
pub fn entry_lines(run: &EntryRun, round: &PlacedRound) -> EntryLines {
    let mut lines = EntryLines::new();
    for (at, bundle) in run.bundles.iter().enumerate() {
        let Some(wish) = round.granted[at].map(|wish| &round.wishes[at][wish as usize]) else { continue };
        let line = EntryLine { key: wish.key.clone(), lot: run.lots[at] };
        let known = lines.entry((bundle.stage, wish.school)).or_insert_with(|| line.clone());
        if line > *known {
            *known = line;
        }
    }
    lines
}

/// The reason of one application: bundle and wish by index.
pub fn entry_reason(
    run: &EntryRun,
    round: &PlacedRound,
    lines: &EntryLines,
    at: usize,
    wish: usize,
) -> EntryReason {
    match round.granted[at] {
        Some(granted) if granted as usize == wish => return EntryReason::Admitted,
        Some(granted) if (granted as usize) < wish => return EntryReason::PlacedAbove,
        _ => {}
    }
    let bundle = &run.bundles[at];
    let Wish { school, key, .. } = &round.wishes[at][wish];
    let Some(line) = lines.get(&(bundle.stage, *school)) else { return EntryReason::NoSeat };
    let class = |key: &[u32]| (key[0], key.get(1).copied());
    if (class(key), key.as_slice(), run.lots[at]) < (class(&line.key), &line.key, line.lot) {
        // Only who needs more seats than were left is passed over by others behind.
        return EntryReason::Twins;
    }
    if class(key) != class(&line.key) {
        EntryReason::Category
    } else if *key != line.key {
        EntryReason::Order
    } else {
        EntryReason::Lot
    }
}
