//! The market of an entry: tickets apply to the places of a stage, keys say who goes before whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::market::{Application, Area, Market, Programme};
use crate::domain::ticket::{Ticket, Twins};
use crate::engine::compulsory::candidacy::Wish;
use crate::engine::draw::{Lots, Seed};

/// Different orders before the lot that one school tells apart.
const MOST_LEVELS: usize = 65_534;

/// One ticket: a child, or twins bound together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// By index, ascending; the first one's number is the ticket's id.
    pub children: Vec<u32>,
    pub stage: EntryStage,
}

impl Bundle {
    /// The ticket's id.
    pub fn id<'e>(&self, entry: &'e Entry) -> &'e str {
        entry.children[self.children[0] as usize].number.as_str()
    }

    /// As it is drawn; numbers and twins were checked when the folder was read.
    pub fn ticket(&self, entry: &Entry) -> Ticket {
        let ticket = Ticket::new(self.id(entry), self.children.len() as u32);
        ticket.expect("a child's number is a ticket's id, and twins are at most nine")
    }

    /// Its line on the frozen list.
    pub fn line(&self, entry: &Entry) -> String {
        self.ticket(entry).line()
    }
}

/// The children as tickets, by stage, then by number.
///
/// Rule: DP52: *"twins bundled: one number, seats counted by heads"*.
///
/// # Complexity
/// O(n log n).
pub fn bundles(entry: &Entry) -> Vec<Bundle> {
    let mut groups: BTreeMap<(EntryStage, &str), Vec<u32>> = BTreeMap::new();
    let mut bundles = Vec::with_capacity(entry.children.len());
    for (at, child) in (0..).zip(&entry.children) {
        if child.twins.is_empty() {
            bundles.push(Bundle { children: vec![at], stage: child.stage });
        } else {
            groups.entry((child.stage, &child.twins)).or_default().push(at);
        }
    }
    bundles.extend(groups.into_iter().map(|((stage, _), children)| Bundle { children, stage }));
    bundles.sort_unstable_by_key(|bundle| (bundle.stage, bundle.children[0]));
    bundles
}

/// What is asked of a market.
pub struct Round<'e> {
    pub entry: &'e Entry,
    pub bundles: &'e [Bundle],
    /// Each bundle's applications; empty for who takes no part.
    pub wishes: &'e [Vec<Wish>],
    /// Each bundle's lot: the smaller goes first.
    pub lots: &'e [u64],
    /// Seats left, by stage and school.
    pub seats: &'e [Vec<u32>; 2],
}

/// More orders at one school than the engine tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyOrders;

/// The lot of every ticket.
///
/// # Complexity
/// O(n).
pub fn lots(entry: &Entry, bundles: &[Bundle], seed: Seed) -> Vec<u64> {
    let mut lots = Lots::new(seed, entry.policy.lot.round);
    bundles.iter().map(|bundle| lots.of(bundle.id(entry))).collect()
}

/// The market: students are the bundles in their order, programme `stage x schools + school`.
///
/// # Errors
/// [`TooManyOrders`].
///
/// # Complexity
/// O(applications x log applications of a school).
pub fn entry_market(round: &Round<'_>) -> Result<Market, TooManyOrders> {
    let schools = round.entry.schools.len() as u32;
    let programme = |stage: EntryStage, school: u32| stage.index() as u32 * schools + school;
    let mut orders: Vec<BTreeSet<&[u32]>> = vec![BTreeSet::new(); 2 * schools as usize];
    for (bundle, wishes) in round.bundles.iter().zip(round.wishes) {
        for wish in wishes {
            orders[programme(bundle.stage, wish.school) as usize].insert(&wish.key);
        }
    }
    if orders.iter().any(|order| order.len() > MOST_LEVELS) {
        return Err(TooManyOrders);
    }
    let levels: Vec<BTreeMap<&[u32], u16>> = orders
        .into_iter()
        .map(|order| order.into_iter().zip((1..=MOST_LEVELS as u16).rev()).collect())
        .collect();
    let mut market = Market {
        list_start: vec![0],
        // The higher place wins, and the smaller lot goes first.
        rankings: vec![round.lots.iter().map(|lot| !lot).collect()],
        twins: round.entry.policy.twins,
        ..Market::default()
    };
    for (bundle, wishes) in round.bundles.iter().zip(round.wishes) {
        for wish in wishes {
            let at = programme(bundle.stage, wish.school);
            market.applications.push(Application::new(at, true, false));
            market.levels.push(levels[at as usize][wish.key.as_slice()]);
        }
        market.list_start.push(market.applications.len() as u32);
    }
    let heads = round.bundles.iter().map(|bundle| bundle.children.len() as u8);
    if heads.clone().any(|heads| heads > 1) {
        market.heads = heads.collect();
    }
    let mut first = 0;
    for stage in EntryStage::ALL {
        for &seats in &round.seats[stage.index()] {
            market.programmes.push(Programme { seats, ..Programme::default() });
        }
        let own = round.bundles.iter().filter(|bundle| bundle.stage == stage).count() as u32;
        let from = programme(stage, 0);
        market.areas.push(Area { students: first..first + own, programmes: from..from + schools });
        first += own;
    }
    Ok(market)
}

/// A school where passing over twins would be no stable choice: twins apply there, and somebody names it below
/// another one, so that it would be asked more than once.
///
/// # Complexity
/// O(applications).
pub fn unsafe_for_twins(round: &Round<'_>) -> Option<u32> {
    let lists = || round.bundles.iter().zip(round.wishes);
    let twins: BTreeSet<u32> = lists()
        .filter(|(bundle, _)| bundle.children.len() > 1)
        .flat_map(|(_, wishes)| wishes.iter().map(|wish| wish.school))
        .collect();
    let mut lower = lists().flat_map(|(_, wishes)| wishes.iter().skip(1).map(|wish| wish.school));
    lower.find(|school| round.entry.policy.twins == Twins::NextSingle && twins.contains(school))
}
