//! From evidence to applications: what a child proves, her zone, her category, the schools that stand open to her.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::domain::compulsory::child::Child;
use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_outcome::EntryRefusal;
use crate::domain::compulsory::entry_policy::{Category, Ground, OrderBy, StagePolicy};
use crate::domain::compulsory::fact::{Fact, Facts};
use crate::domain::compulsory::way::Way;
use crate::engine::compulsory::home_lock::{locks, without_home};

/// A figure that a child lacks: she comes after all who have it.
pub const NO_FIGURE: u32 = u32::MAX;

/// One application of a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// By index.
    pub school: u32,
    pub way: Way,
    /// Of the zone's categories, by index.
    pub category: Option<u32>,
    /// Before the lot, the smaller first: the way's place, the category's place, the category's figures.
    pub key: Vec<u32>,
}

/// Where a child stands before anyone is placed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidacy {
    pub facts: Facts,
    /// By index: the address that decides, and its zone.
    pub home: Option<(u32, u32)>,
    pub category: Option<u32>,
    /// The year whose use by another family locks her home.
    pub locked_by: Option<i16>,
    /// What she applies for, best first.
    pub wishes: Vec<Wish>,
    /// Ways that stay closed to her, each with the rule.
    pub refusals: Vec<EntryRefusal>,
}

/// Where every child stands.
///
/// Rule: YC21 6-8, 10 and DP47-DP57; the order of evidence, children and sheets changes nothing.
///
/// # Complexity
/// O(evidence + children x schools of their zones), in parallel.
pub fn candidacies(entry: &Entry) -> Vec<Candidacy> {
    let mut facts = vec![Facts::default(); entry.children.len()];
    for row in entry.evidence.iter().filter(|row| row.proves()) {
        facts[row.child as usize].add(row.fact);
    }
    let locks = locks(entry);
    (0..entry.children.len())
        .into_par_iter()
        .map(|at| candidacy(entry, &entry.children[at], facts[at], locks[at].map(|used| used.year)))
        .collect()
}

fn candidacy(entry: &Entry, child: &Child, proved: Facts, locked_by: Option<i16>) -> Candidacy {
    let facts = if locked_by.is_some() { without_home(proved) } else { proved };
    let mut found = Candidacy { facts, locked_by, ..Candidacy::default() };
    // A stage without a policy is refused when the folder is read.
    let Some(policy) = entry.policy.stage(child.stage) else { return found };
    if !of_age(child, policy) {
        found.refusals.push(EntryRefusal::Age);
        return found;
    }
    found.home = home(entry, child, facts);
    let in_zone = found.home.is_some_and(|(_, zone)| {
        facts.has(Fact::Household) && zone_of(entry, child, child.household) == Some(zone)
    });
    let belongs = |category: &Category| category.holds(facts, in_zone);
    found.category = policy.categories.iter().position(belongs).map(|place| place as u32);
    if let Some(school) = child.case {
        found.wishes.push(Wish { school, way: Way::Case, category: None, key: vec![0] });
        return found;
    }
    if let Some(school) = child.private {
        found.wishes.push(Wish { school, way: Way::Private, category: None, key: vec![0] });
    }
    for (place, way) in (1..).zip(&policy.ways) {
        match way {
            Way::Direct => direct(entry, child, policy, place, &mut found),
            Way::Feeder => feeder(entry, child, place, &mut found),
            _ => zone(entry, child, policy, place, &mut found),
        }
    }
    as_she_likes(child, &mut found.wishes);
    // By a later way she would only come later there.
    let mut seen = BTreeSet::new();
    found.wishes.retain(|wish| seen.insert(wish.school));
    found
}

/// Rule: DP57, W21: *"6 by 31 Aug (born on or before 31 Aug 2015 for 2021)"*.
fn of_age(child: &Child, policy: &StagePolicy) -> bool {
    let Some(born) = child.born else { return policy.born_from.is_none() && policy.born_until.is_none() };
    policy.born_from.is_none_or(|from| born >= from) && policy.born_until.is_none_or(|until| born <= until)
}

/// The first address of the policy's order that is proved and lies in a zone.
fn home(entry: &Entry, child: &Child, facts: Facts) -> Option<(u32, u32)> {
    entry.policy.zone_by.iter().find_map(|ground| {
        let address = match ground {
            Ground::Property => child.property,
            Ground::Household => child.household,
            Ground::Residence => child.residence,
        };
        let proved = ground.proved_by().iter().any(|fact| facts.has(*fact));
        let address = address.filter(|_| proved)?;
        Some((address, zone_of(entry, child, Some(address))?))
    })
}

fn zone_of(entry: &Entry, child: &Child, address: Option<u32>) -> Option<u32> {
    entry.addresses[address? as usize].zones[child.stage.index()]
}

/// Rule: DP53: *"six years continuous there"*; until 31 August of the year of entry.
fn direct(entry: &Entry, child: &Child, policy: &StagePolicy, place: u32, found: &mut Candidacy) {
    let (true, Some(school)) = (child.direct, child.primary) else { return };
    let long_enough = child.primary_since.is_some_and(|since| {
        let years = entry.policy.year - since.year();
        years > policy.direct_years || years == policy.direct_years && (since.month(), since.day()) <= (9, 1)
    });
    if !entry.schools[school as usize].kind.promotes() {
        found.refusals.push(EntryRefusal::NoPromotion);
    } else if !long_enough {
        found.refusals.push(EntryRefusal::NotLongEnough);
    } else {
        found.wishes.push(Wish { school, way: Way::Direct, category: None, key: vec![place] });
    }
}

/// Rule: DP47: feeder promotion; where a primary school feeds several junior highs, in the order of the sheet.
fn feeder(entry: &Entry, child: &Child, place: u32, found: &mut Candidacy) {
    let Some(primary) = child.primary else { return };
    let fed = entry.feeders.iter().filter(|row| row.0 == primary).map(|row| row.1);
    for school in fed {
        found.wishes.push(Wish { school, way: Way::Feeder, category: None, key: vec![place] });
    }
}

/// The schools of her zone, the nearest first.
fn zone(entry: &Entry, child: &Child, policy: &StagePolicy, place: u32, found: &mut Candidacy) {
    let Some((address, zone)) = found.home else { return found.refusals.push(EntryRefusal::NoZone) };
    let Some(category) = found.category else { return found.refusals.push(EntryRefusal::NoCategory) };
    let mut schools = entry.zones[zone as usize].schools.clone();
    schools.sort_by_key(|school| (metres(entry, address, *school), *school));
    for school in schools {
        let order = &policy.categories[category as usize].order;
        let mut key = vec![place, category];
        key.extend(order.iter().map(|by| figure(entry, child, found.facts, *by, address, school)));
        found.wishes.push(Wish { school, way: Way::Zone, category: Some(category), key });
    }
}

/// Of feeder and zone schools those that she named come first, as she named them, the others behind as they stand.
fn as_she_likes(child: &Child, wishes: &mut [Wish]) {
    let open = |wish: &Wish| matches!(wish.way, Way::Feeder | Way::Zone);
    let mut liked: Vec<Wish> = wishes.iter().filter(|wish| open(wish)).cloned().collect();
    let named = |wish: &Wish| child.choices.iter().position(|school| *school == wish.school);
    liked.sort_by_key(|wish| named(wish).unwrap_or(usize::MAX));
    for (place, wish) in wishes.iter_mut().filter(|wish| open(wish)).zip(liked) {
        *place = wish;
    }
}

/// Metres between an address and a school; nothing is known where one of them is not on the map.
pub fn metres(entry: &Entry, address: u32, school: u32) -> u32 {
    let (from, to) = (entry.addresses[address as usize].at, entry.schools[school as usize].at);
    from.zip(to).map_or(NO_FIGURE, |(from, to)| from.metres_to(to))
}

/// What a category orders by: the smaller first.
fn figure(entry: &Entry, child: &Child, facts: Facts, by: OrderBy, address: u32, school: u32) -> u32 {
    let day = |date: Option<jiff::civil::Date>| {
        let number = |date: jiff::civil::Date| {
            date.year().unsigned_abs() as u32 * 10_000
                + u32::from(date.month() as u8) * 100
                + date.day() as u8 as u32
        };
        date.map_or(NO_FIGURE, number)
    };
    match by {
        OrderBy::Distance => metres(entry, address, school),
        OrderBy::HouseholdSince => day(child.household_since),
        OrderBy::PropertySince => day(child.property_since),
        OrderBy::Sibling => u32::from(!facts.has(Fact::Sibling)),
    }
}
