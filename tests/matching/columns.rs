//! A town as the engines' columns, built apart from the service, and everything that can place it.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use zhaosheng::domain::market::{Application, Area, Market, NONE, Programme, Rule};
use zhaosheng::domain::points::Points;
use zhaosheng::domain::policy::{Precedence, Reversion};
use zhaosheng::domain::seat::Seat;
use zhaosheng::engine::areas::sorted_by_area;
use zhaosheng::engine::verification::{Breach, breaches};
use zhaosheng::engine::{bucket_kernel, choice, cutoffs, deferred_acceptance, worklist_kernel};
use zhaosheng::files::market_file;
use zhaosheng::service::match_market::match_market;

use crate::literal::{Matching, Rules};
use crate::town::{Town, Unused};

thread_local! {
    /// One for all markets of a thread: what a market leaves behind must not matter to the next.
    static SCRATCH: RefCell<bucket_kernel::Scratch> = RefCell::default();
}

/// The columns of a town; `grain` places of a school's order fall into one level.
pub(crate) fn columns(town: &Town, rules: &Rules, grain: usize) -> Market {
    let policy = town.policy;
    let rule = Rule {
        precedence: if policy.open_first { Precedence::OpenFirst } else { Precedence::QuotaFirst },
        reversion: match policy.unused {
            Unused::Open => Reversion::Open,
            Unused::Pool => Reversion::CountyPool,
            Unused::Empty => Reversion::None,
        },
        relative_gate: policy.distance.map(|distance| Points::from_millionths(distance * 1_000)),
    };
    let mut juniors: BTreeMap<&str, u32> = BTreeMap::new();
    let named = town.pupils.iter().filter_map(|pupil| pupil.junior.as_deref());
    let with_cells = town.schools.iter().flat_map(|school| school.quota.iter().map(|cell| cell.0.as_str()));
    for junior in named.chain(with_cells) {
        let next = juniors.len() as u32;
        juniors.entry(junior).or_insert(next);
    }
    // Each school's order; under a relative gate the totals lead it, as the event rule does.
    let places: Vec<BTreeMap<usize, usize>> = rules
        .claims
        .iter()
        .map(|claims| {
            let mut order: Vec<_> = claims.values().collect();
            order.sort_by_key(|claim| (policy.distance.map(|_| Reverse(claim.total)), claim.place));
            order.iter().enumerate().map(|(place, claim)| (claim.pupil, place)).collect()
        })
        .collect();
    let mut market = Market { list_start: vec![0], ..Market::default() };
    for (pupil, who) in town.pupils.iter().enumerate() {
        for &school in &who.prefs {
            let claim = rules.claims[school].get(&pupil);
            let (open, quota) = claim.map_or((false, false), |claim| (claim.open, claim.quota));
            market.applications.push(Application::new(school as u32, open, quota));
            let place = places[school].get(&pupil).copied().unwrap_or(town.pupils.len());
            market.levels.push(((town.pupils.len() - place) / grain) as u16);
        }
        market.list_start.push(market.applications.len() as u32);
        market.juniors.push(who.junior.as_deref().map_or(NONE, |junior| juniors[junior]));
        market.totals.push(Points::from_millionths(who.score.unwrap_or_default() * 1_000));
    }
    for (school, shape) in town.schools.iter().enumerate() {
        let first = market.cells.len() as u32;
        let from = market.feeders.len() as u32;
        market.cells.extend(shape.quota.iter().map(|cell| cell.1 as u32));
        let mut feeders: Vec<(u32, u32)> =
            shape.quota.iter().zip(first..).map(|(cell, at)| (juniors[cell.0.as_str()], at)).collect();
        feeders.sort_unstable();
        market.feeders.extend(feeders);
        market.rankings.push(
            (0..town.pupils.len())
                .map(|pupil| places[school].get(&pupil).map_or(0, |&place| 1_000_000 - place as u64))
                .collect(),
        );
        market.programmes.push(Programme {
            seats: shape.seats as u32,
            ranking: school as u32,
            rule,
            cells: first..market.cells.len() as u32,
            feeders: from..market.feeders.len() as u32,
        });
    }
    market.areas =
        vec![Area { students: 0..town.pupils.len() as u32, programmes: 0..town.schools.len() as u32 }];
    market
}

/// Whether the bucket kernel serves the rule.
fn bucketable(town: &Town) -> bool {
    let rule =
        !town.policy.open_first && town.policy.unused != Unused::Pool && town.policy.distance.is_none();
    rule || town.schools.iter().all(|school| school.quota.is_empty())
}

pub(crate) fn matching(placed: &[u32]) -> Matching {
    placed.iter().map(|&school| (school != NONE).then_some(school as usize)).collect()
}

pub(crate) fn placed(matching: &Matching) -> Vec<u32> {
    matching.iter().map(|school| school.map_or(NONE, |school| school as u32)).collect()
}

/// What each engine and kernel makes of a town, by name.
pub(crate) fn by_every_engine(town: &Town, rules: &Rules, grain: usize) -> Vec<(&'static str, Matching)> {
    let market = columns(town, rules, grain);
    let area = market.areas[0].clone();
    let mut out = vec![NONE; market.students()];
    let mut found = vec![
        ("deferred acceptance", matching(&deferred_acceptance::place(&market))),
        ("cut-offs", matching(&cutoffs::place(&market))),
    ];
    worklist_kernel::place_area(&market, &area, &mut out);
    found.push(("worklist kernel", matching(&out)));
    if bucketable(town) {
        out.fill(0);
        SCRATCH.with_borrow_mut(|scratch| bucket_kernel::place_area(&market, &area, &mut out, scratch));
        found.push(("bucket kernel", matching(&out)));
    }
    let sorted = sorted_by_area(market);
    let back = |of_sorted: &[u32]| {
        let mut matching = vec![None; of_sorted.len()];
        for (new, &school) in of_sorted.iter().enumerate() {
            matching[sorted.students[new] as usize] =
                (school != NONE).then(|| sorted.programmes[school as usize] as usize);
        }
        matching
    };
    found.push(("deferred acceptance by area", back(&deferred_acceptance::place(&sorted.market))));
    found.push(("cut-offs by area", back(&cutoffs::place(&sorted.market))));
    let market = &sorted.market;
    let mut bucket = vec![NONE; market.students()];
    let mut worklist = bucket.clone();
    for area in &market.areas {
        let own = area.students.start as usize..area.students.end as usize;
        worklist_kernel::place_area(market, area, &mut worklist[own.clone()]);
        if bucketable(town) {
            SCRATCH.with_borrow_mut(|scratch| {
                bucket_kernel::place_area(market, area, &mut bucket[own], scratch);
            });
        }
    }
    found.push(("worklist kernel by area", back(&worklist)));
    if bucketable(town) {
        found.push(("bucket kernel by area", back(&bucket)));
    }
    found
}

/// What the checker says of a matching; the seat words of the literal rule unless others are given.
pub(crate) fn check(market: &Market, matching: &Matching, words: &[Option<&'static str>]) -> Vec<Breach> {
    breaches(market, &placed(matching), &seats_of(words))
}

pub(crate) fn seats_of(words: &[Option<&'static str>]) -> Vec<Option<Seat>> {
    words
        .iter()
        .map(|word| {
            word.map(|word| match word {
                "quota" => Seat::Quota,
                "pool" => Seat::Pool,
                _ => Seat::Open,
            })
        })
        .collect()
}

/// The seats `src` gives, as words.
pub(crate) fn words_of_src(market: &Market, matching: &Matching) -> Vec<Option<&'static str>> {
    choice::seats(market, &placed(matching)).into_iter().map(|seat| seat.map(Seat::word)).collect()
}

/// The whole way through the file; both engines and the checker run inside.
pub(crate) fn by_file(town: &Town) -> (Matching, Vec<Option<String>>) {
    let input = market_file::parse(&town.file())
        .unwrap_or_else(|faults| panic!("{faults:?} in a sound file\n{}", town.file()));
    let result =
        match_market(&input, false).unwrap_or_else(|why| panic!("{why:?}\nfor the market\n{}", town.file()));
    let school = |id: &str| town.schools.iter().position(|school| school.id == id).unwrap();
    assert!(result.assignment.iter().map(|line| &line.0).eq(town.pupils.iter().map(|pupil| &pupil.id)));
    result
        .assignment
        .iter()
        .map(|(_, place)| match place {
            Some((id, word)) => (Some(school(id)), Some((*word).to_owned())),
            None => (None, None),
        })
        .unzip()
}
