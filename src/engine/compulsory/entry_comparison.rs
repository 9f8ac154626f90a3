//! What an entry's rule costs: the same children under two policies, child by child.
//!
//! The senior-high season has the same in `engine/comparison.rs`. Its lists are filed and its order is one of merit; here
//! lists follow from policy and evidence, and every school has an order of its own, so that no code is shared.

use std::collections::BTreeMap;

use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_outcome::EntryPlace;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::way::Way;
use crate::engine::compulsory::candidacy::metres;
use crate::engine::compulsory::placed_entry::EntryRun;

/// A child who would stand at another school, or at none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryChange {
    /// By index.
    pub child: u32,
    pub from: Option<EntryPlace>,
    pub to: Option<EntryPlace>,
    pub fate: Fate,
}

/// What a change is to the child, as far as it can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Gains,
    Loses,
    /// Neither school is named or known to be nearer.
    Neither,
}

impl Fate {
    /// The word in answers.
    pub const fn word(self) -> &'static str {
        match self {
            Fate::Gains => "gains",
            Fate::Loses => "loses",
            Fate::Neither => "neither",
        }
    }
}

/// Costs of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryCost {
    pub placed: u64,
    pub unplaced: u64,
    /// Children refused by a school that took somebody behind them, by way, category, order and lot (justified envy).
    /// The checker lets it happen only where twins of one ticket were let in together, or passed over.
    pub envious: u64,
    /// Children at each school, by stage and school.
    pub load: [Vec<u32>; 2],
}

/// Two runs side by side.
#[derive(Clone, Debug, Default)]
pub struct EntryComparison {
    /// In the order of children.
    pub changes: Vec<EntryChange>,
    pub first: EntryCost,
    pub second: EntryCost,
}

impl EntryComparison {
    /// How many changes are of a fate.
    pub fn count(&self, fate: Fate) -> usize {
        self.changes.iter().filter(|change| change.fate == fate).count()
    }
}

/// Compares two runs over the same sheets. Both entries hold the same children, schools and addresses.
///
/// # Complexity
/// O(applications + children x length of their lists).
pub fn compare_entries(first: (&Entry, &EntryRun), second: (&Entry, &EntryRun)) -> EntryComparison {
    let mut changes = Vec::new();
    for (at, (from, to)) in (0..).zip(first.1.places.iter().copied().zip(second.1.places.iter().copied())) {
        if from.map(|place| place.school) == to.map(|place| place.school) {
            continue;
        }
        // The address that decides may differ with the policy; the same one measures both ways.
        let home = [first.1, second.1].into_iter().find_map(|run| run.candidacies[at as usize].home);
        let worth = |place| worth(first.0, at, home.map(|home| home.0), place);
        let fate = match worth(to).cmp(&worth(from)) {
            std::cmp::Ordering::Less => Fate::Gains,
            std::cmp::Ordering::Greater => Fate::Loses,
            std::cmp::Ordering::Equal => Fate::Neither,
        };
        changes.push(EntryChange { child: at, from, to, fate });
    }
    EntryComparison { changes, first: cost(first.0, first.1), second: cost(second.0, second.1) }
}

/// How good a place is to a child, the smaller the better: what she asked for in her order, then other schools by
/// distance, then what the transfer round has for her, as she named it and by distance, then none.
fn worth(entry: &Entry, child: u32, home: Option<u32>, place: Option<EntryPlace>) -> (u8, usize, u32) {
    let Some(place) = place else { return (3, 0, 0) };
    let child = &entry.children[child as usize];
    let direct = child.primary.filter(|_| child.direct);
    let mut asked =
        [child.case, child.private, direct].into_iter().flatten().chain(child.choices.iter().copied());
    if let Some(position) = asked.position(|school| school == place.school) {
        return (0, position, 0);
    }
    let far = home.map_or(0, |home| metres(entry, home, place.school));
    if place.way != Way::Transfer {
        return (1, 0, far);
    }
    let named = child.transfer_choices.iter().position(|school| *school == place.school);
    (2, named.unwrap_or(child.transfer_choices.len()), far)
}

fn cost(entry: &Entry, run: &EntryRun) -> EntryCost {
    let mut cost = EntryCost { load: [(); 2].map(|()| vec![0; entry.schools.len()]), ..EntryCost::default() };
    for (child, place) in entry.children.iter().zip(&run.places) {
        match place {
            Some(place) => {
                cost.placed += 1;
                cost.load[child.stage.index()][place.school as usize] += 1;
            }
            None => cost.unplaced += 1,
        }
    }
    let mut envious = vec![false; run.bundles.len()];
    for round in [&run.admission, &run.transfer] {
        let rows =
            || run.bundles.iter().zip(&run.lots).zip(round.wishes.iter().zip(&round.granted)).enumerate();
        // By stage and school, the last one who was taken: her order there, then her lot.
        let mut last: BTreeMap<(EntryStage, u32), (&[u32], u64)> = BTreeMap::new();
        for (_, ((bundle, lot), (wishes, granted))) in rows() {
            if let Some(wish) = granted.map(|wish| &wishes[wish as usize]) {
                let known = last.entry((bundle.stage, wish.school)).or_insert((&wish.key, *lot));
                *known = (wish.key.as_slice(), *lot).max(*known);
            }
        }
        for (at, ((bundle, lot), (wishes, granted))) in rows() {
            let refused = &wishes[..granted.map_or(wishes.len(), |wish| wish as usize)];
            envious[at] |= refused.iter().any(|wish| {
                last.get(&(bundle.stage, wish.school)).is_some_and(|last| *last > (wish.key.as_slice(), *lot))
            });
        }
    }
    let heads = run.bundles.iter().zip(envious).filter(|(_, envious)| *envious);
    cost.envious = heads.map(|(bundle, _)| bundle.children.len() as u64).sum();
    cost
}
