//! The hard rules of an entry, checked on the finished places by counting alone.

use std::collections::BTreeMap;

use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::way::Way;
use crate::engine::compulsory::placed_entry::EntryRun;

/// What is wrong, in words; nothing where every rule holds.
///
/// Plans are kept but by twins on one ticket; nobody of an earlier way or category who wanted a school is left out
/// while somebody of a later one is in; twins stand together; nobody is in without a ground.
///
/// # Complexity
/// O(children x length of their lists).
pub fn breaches(entry: &Entry, run: &EntryRun) -> Vec<String> {
    let mut wrong = Vec::new();
    over_plan(entry, run, &mut wrong);
    categories_in_order(entry, run, &mut wrong);
    for bundle in &run.bundles {
        let places: Vec<_> = bundle.children.iter().map(|child| run.places[*child as usize]).collect();
        if places.windows(2).any(|pair| pair[0] != pair[1]) {
            wrong.push(format!("{}: twins on one ticket are apart", bundle.id(entry)));
        }
    }
    for ((child, place), candidacy) in entry.children.iter().zip(&run.places).zip(&run.candidacies) {
        let Some(place) = place else { continue };
        let school = &entry.schools[place.school as usize];
        let grounded = match place.way {
            Way::Case => child.case == Some(place.school),
            Way::Private => child.private == Some(place.school) && school.private,
            Way::Direct => child.primary == Some(place.school) && child.direct && school.kind.promotes(),
            Way::Feeder => child.primary.is_some_and(|from| entry.feeders.contains(&(from, place.school))),
            Way::Zone => candidacy.home.is_some_and(|(address, zone)| {
                entry.addresses[address as usize].zones[child.stage.index()] == Some(zone)
                    && entry.zones[zone as usize].schools.contains(&place.school)
            }),
            Way::Transfer => !school.private && candidacy.category.is_some(),
        };
        if !grounded || !school.kind.has(child.stage) {
            wrong.push(format!("{}: is placed at {} without a ground", child.number, school.code));
        }
    }
    wrong
}

fn over_plan(entry: &Entry, run: &EntryRun, wrong: &mut Vec<String>) {
    let mut taken: BTreeMap<(EntryStage, u32), u32> = BTreeMap::new();
    let mut widest: BTreeMap<(EntryStage, u32), u32> = BTreeMap::new();
    for bundle in &run.bundles {
        if let Some(place) = run.places[bundle.children[0] as usize] {
            let heads = bundle.children.len() as u32;
            *taken.entry((bundle.stage, place.school)).or_default() += heads;
            let widest = widest.entry((bundle.stage, place.school)).or_default();
            *widest = heads.max(*widest);
        }
    }
    for ((stage, school), heads) in taken {
        let plan = entry.schools[school as usize].plan(stage).seats;
        // In each of two rounds one ticket may find its last seat too few.
        let spare = 2 * (widest[&(stage, school)] - 1);
        if heads > plan + spare {
            let code = &entry.schools[school as usize].code;
            wrong.push(format!("{code}: {heads} children on {plan} places ({})", stage.word()));
        }
    }
}

/// Nobody of an earlier way or category is refused by a school that took somebody of a later one.
fn categories_in_order(entry: &Entry, run: &EntryRun, wrong: &mut Vec<String>) {
    for round in [&run.admission, &run.transfer] {
        // By stage and school, the latest (way, category) that was taken: the first two figures of a key.
        let class = |key: &[u32]| (key[0], key.get(1).copied().unwrap_or(0));
        let mut latest: BTreeMap<(EntryStage, u32), (u32, u32)> = BTreeMap::new();
        let rows = || run.bundles.iter().zip(round.wishes.iter().zip(&round.granted));
        for (bundle, (wishes, granted)) in rows() {
            if let Some(wish) = granted.map(|wish| &wishes[wish as usize]) {
                let known = latest.entry((bundle.stage, wish.school)).or_default();
                *known = class(&wish.key).max(*known);
            }
        }
        let by_category = |way: Way| way != Way::Transfer;
        for (bundle, (wishes, granted)) in rows() {
            let refused = &wishes[..granted.map_or(wishes.len(), |wish| wish as usize)];
            for wish in refused.iter().filter(|wish| by_category(wish.way)) {
                let later = latest.get(&(bundle.stage, wish.school));
                // Twins who were passed over at the last seats stand behind nobody's category.
                if bundle.children.len() == 1 && later.is_some_and(|later| *later > class(&wish.key)) {
                    let code = &entry.schools[wish.school as usize].code;
                    wrong.push(format!(
                        "{}: left out at {code} while a later category is in",
                        bundle.id(entry)
                    ));
                }
            }
        }
    }
}
