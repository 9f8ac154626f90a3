//! Each kind of key against a literal simulation of its placing rule, without quotas.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::columns::by_file;
use crate::literal::{Matching, Rules};
use crate::town::{PLAIN, Placing, Policy, Shape, Town};

/// Free seats, and who has one.
struct Office<'t> {
    town: &'t Town,
    rules: Rules,
    free: Vec<usize>,
    placed: Matching,
}

impl Office<'_> {
    fn open(town: &Town) -> Office<'_> {
        let rules = Rules::of(town);
        Office { free: rules.seats.clone(), placed: vec![None; town.pupils.len()], town, rules }
    }

    /// The order of merit: score, then the tie-breakers.
    fn by_merit(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.town.pupils.len()).collect();
        order.sort_by_key(|&pupil| {
            let who = &self.town.pupils[pupil];
            (std::cmp::Reverse(who.score), who.ties.iter().map(|tie| -tie).collect::<Vec<_>>())
        });
        order
    }

    fn admits(&self, pupil: usize, school: usize) -> bool {
        self.free[school] > 0 && self.rules.claims[school].get(&pupil).is_some_and(|claim| claim.open)
    }

    /// The pupils one after the other, each to her first choice of `positions` that is left: for good.
    fn serve(&mut self, pupils: &[usize], positions: std::ops::Range<usize>) {
        for &pupil in pupils {
            if self.placed[pupil].is_some() {
                continue;
            }
            let choices = self.town.pupils[pupil].prefs.iter().skip(positions.start).take(positions.len());
            let school = choices.copied().find(|&school| self.admits(pupil, school));
            if let Some(school) = school {
                self.free[school] -= 1;
                self.placed[pupil] = Some(school);
            }
        }
    }
}

/// 平行志愿: by rank, each to the first of her choices that has a seat.
fn parallel(town: &Town) -> Matching {
    let mut office = Office::open(town);
    office.serve(&office.by_merit(), 0..usize::MAX);
    office.placed
}

/// 梯度志愿: all first choices for good, then all second choices, ...
fn sequential(town: &Town) -> Matching {
    let mut office = Office::open(town);
    for position in 0..town.schools.len() {
        office.serve(&office.by_merit(), position..position + 1);
    }
    office.placed
}

/// 段段清: the bands from the top; inside a band as the sequential rule does.
fn bands(town: &Town, width: i64, from: i64) -> Matching {
    let mut office = Office::open(town);
    let mut bands: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for pupil in office.by_merit() {
        let below = from - town.pupils[pupil].score.unwrap();
        let band = if below < 0 { 0 } else { below / width };
        bands.entry(band).or_default().push(pupil);
    }
    for pupils in bands.values() {
        for position in 0..town.schools.len() {
            office.serve(pupils, position..position + 1);
        }
    }
    office.placed
}

/// Chen & Kesten: `choices` positions of everyone for good by rank, then the next ones.
fn groups(town: &Town, choices: usize) -> Matching {
    let mut office = Office::open(town);
    for group in 0..town.schools.len() {
        office.serve(&office.by_merit(), group * choices..(group + 1) * choices);
    }
    office.placed
}

/// Immediate acceptance where every school has an order of its own: round by round, for good.
fn immediate_acceptance(town: &Town) -> Matching {
    let mut office = Office::open(town);
    for position in 0..town.schools.len() {
        for school in 0..town.schools.len() {
            let mut round: Vec<_> = (0..town.pupils.len())
                .filter(|&pupil| office.placed[pupil].is_none())
                .filter(|&pupil| town.pupils[pupil].prefs.get(position) == Some(&school))
                .filter_map(|pupil| office.rules.claims[school].get(&pupil).filter(|claim| claim.open))
                .copied()
                .collect();
            round.sort_by_key(|claim| claim.place);
            for claim in round.into_iter().take(office.free[school]) {
                office.placed[claim.pupil] = Some(school);
                office.free[school] -= 1;
            }
        }
    }
    office.placed
}

fn without_quotas(seed: u64, pupils: usize, schools: usize, placing: Placing, list: usize) -> Town {
    let shape = Shape { quota: 0, list, totals: 16, ..Shape::tiny(pupils, schools) };
    Town::random(seed, shape, Policy { placing, ..PLAIN })
}

fn same(town: &Town, simulated: &Matching) {
    assert_eq!(by_file(town).0, *simulated, "\n{}", town.file());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_500) })]

    #[test]
    fn parallel_is_one_pass_by_rank(pupils in 1..=12_usize, schools in 1..=5_usize, seed: u64) {
        let town = without_quotas(seed, pupils, schools, Placing::Parallel, 0);
        same(&town, &parallel(&town));
    }

    #[test]
    fn sequential_is_immediate_acceptance(pupils in 1..=12_usize, schools in 1..=5_usize, seed: u64) {
        let town = without_quotas(seed, pupils, schools, Placing::Sequential, 0);
        same(&town, &sequential(&town));
        same(&town, &immediate_acceptance(&town));
    }

    #[test]
    fn sequential_with_priority_lists_is_immediate_acceptance(
        pupils in 1..=12_usize, schools in 1..=5_usize, seed: u64,
    ) {
        let town = without_quotas(seed, pupils, schools, Placing::Sequential, 60);
        same(&town, &immediate_acceptance(&town));
    }

    #[test]
    fn bands_are_cleared_one_after_the_other(
        pupils in 1..=12_usize, schools in 1..=5_usize, width in 1..=4_i64, from in 0..=9_i64, seed: u64,
    ) {
        // Also bands that begin below the best total, which then share the first band.
        let (width, from) = (750 * width, 600_000 + 1_000 * from);
        let town = without_quotas(seed, pupils, schools, Placing::Band { width, from }, 0);
        same(&town, &bands(&town, width, from));
    }

    #[test]
    fn choice_bands_are_rounds_of_several_choices(
        pupils in 1..=12_usize, schools in 1..=5_usize, choices in 1..=6_i64, seed: u64,
    ) {
        let town = without_quotas(seed, pupils, schools, Placing::Groups(choices), 0);
        same(&town, &groups(&town, choices as usize));
    }
}
