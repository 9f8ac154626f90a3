//! The checks can fail: places that break one rule each are told.

use zhaosheng::domain::compulsory::way::Way;
use zhaosheng::engine::compulsory::entry_check::breaches;
use zhaosheng::engine::compulsory::entry_market::{Round, entry_market};
use zhaosheng::engine::{choice, deferred_acceptance, verification};

use crate::properties::tight;

#[test]
fn every_broken_rule_is_told() {
    let (entry, run) = tight(400, 5).place().unwrap();
    assert_eq!(breaches(&entry, &run), Vec::<String>::new());
    let zone = run.places.iter().position(|place| place.is_some_and(|place| place.way == Way::Zone)).unwrap();
    let told = |change: &dyn Fn(&mut zhaosheng::engine::compulsory::placed_entry::EntryRun), words: &str| {
        let mut wrong = run.clone();
        change(&mut wrong);
        let breaches = breaches(&entry, &wrong);
        assert!(breaches.iter().any(|breach| breach.contains(words)), "{words}: {breaches:?}");
    };
    let elsewhere = |school: u32| (school + 1) % entry.schools.len() as u32;
    told(
        &|run| {
            let place = run.places[zone].as_mut().unwrap();
            place.school = elsewhere(place.school);
        },
        "without a ground",
    );
    // Everybody of a stage into one school.
    told(
        &|run| {
            let school = run.places[zone].unwrap().school;
            for place in run.places.iter_mut().flatten() {
                place.school = school;
            }
        },
        "children on",
    );
    let pair = run
        .bundles
        .iter()
        .find(|bundle| bundle.children.len() > 1 && run.places[bundle.children[0] as usize].is_some());
    let pair = pair.unwrap().children[1] as usize;
    told(&|run| run.places[pair] = None, "twins on one ticket are apart");
    let class = |key: &[u32]| (key[0], key.get(1).copied());
    // The best of the first category is refused by a school that takes others of a later one.
    let bundle = (0..run.bundles.len()).find(|at| {
        let granted = run.admission.granted[*at].map(|wish| &run.admission.wishes[*at][wish as usize]);
        run.bundles[*at].children.len() == 1
            && granted.is_some_and(|own| {
                (0..run.bundles.len()).any(|other| {
                    let granted =
                        run.admission.granted[other].map(|wish| &run.admission.wishes[other][wish as usize]);
                    run.bundles[other].stage == run.bundles[*at].stage
                        && granted.is_some_and(|later| {
                            later.school == own.school && class(&later.key) > class(&own.key)
                        })
                })
            })
    });
    told(&|run| run.admission.granted[bundle.unwrap()] = None, "while a later category is in");
}

#[test]
fn the_checker_sees_a_ticket_too_many_and_one_left_out() {
    let (entry, run) = tight(400, 7).place().unwrap();
    let round = Round {
        entry: &entry,
        bundles: &run.bundles,
        wishes: &run.admission.wishes,
        lots: &run.lots,
        seats: &run.admission.seats,
    };
    let market = entry_market(&round).unwrap();
    assert!(!market.heads.is_empty(), "there are twins");
    let right = deferred_acceptance::place(&market);
    let breaches = |placed: &[u32]| verification::breaches(&market, placed, &choice::seats(&market, placed));
    assert!(breaches(&right).is_empty());
    let in_place = |student: &usize| right[*student] != u32::MAX;
    let full = |student: usize| {
        let school = right[student];
        let heads: u32 = (0..right.len())
            .filter(|other| right[*other] == school)
            .map(|other| market.heads(other as u32))
            .sum();
        heads >= market.programmes[school as usize].seats
    };
    let someone = (0..right.len()).filter(in_place).find(|student| full(*student)).unwrap();
    let mut out = right.clone();
    out[someone] = u32::MAX;
    assert!(!breaches(&out).is_empty(), "a seat is left empty");
    let refused = (0..right.len()).find(|student| {
        let list = market.list(*student as u32);
        right[*student] == u32::MAX && !list.is_empty()
    });
    let refused = refused.unwrap();
    let mut more = right.clone();
    more[refused] = market.applications[market.list(refused as u32).start].programme();
    assert!(!breaches(&more).is_empty(), "a ticket too many");
}
