//! Class groups: even whatever comes, blind to the order of rows, fair over many seeds, exact where worked by hand.

use std::collections::BTreeMap;

use proptest::prelude::*;
use zhaosheng::domain::compulsory::class_policy::ClassPolicy;
use zhaosheng::domain::compulsory::class_pupil::{ClassPupil, Sex, TwinBond, TwinWish};
use zhaosheng::engine::compulsory::class_balance::{Imbalance, balance};
use zhaosheng::engine::compulsory::class_groups::{ClassGroups, class_groups, frozen_lines};
use zhaosheng::engine::draw::{Seed, list_hash, lot, seed_of};

fn policy(method: &str, twins: &str) -> ClassPolicy {
    toml::from_str(&format!("method = \"{method}\"\nclass_size = 55\ntwins = \"{twins}\"")).unwrap()
}

fn pupil(number: usize, sex: Sex, source: Option<u32>, order: Option<u32>) -> ClassPupil {
    ClassPupil { number: format!("p{number}"), sex, source, order, figure: order, twins: None }
}

/// Up to 120 pupils: few sources or many, some ranked, some equal, some twins whose families may disagree.
fn grades() -> impl Strategy<Value = Vec<ClassPupil>> {
    (1_u32..30).prop_flat_map(|sources| {
        let sex = prop::sample::select(vec![Sex::Female, Sex::Female, Sex::Male, Sex::Male, Sex::Unknown]);
        let twins = prop::option::weighted(0.2, (0_u32..12, prop::sample::select(TwinWish::ALL.to_vec())));
        let source = prop::option::weighted(0.9, 0..sources);
        let order = prop::option::weighted(0.7, 0_u32..100);
        let row = (sex, source, order, twins).prop_map(|(sex, source, order, twins)| {
            let twins = twins.map(|(code, wish)| TwinBond { code: format!("t{code}"), wish });
            ClassPupil { twins, ..pupil(0, sex, source, order) }
        });
        prop::collection::vec(row, 0..120).prop_map(|mut pupils| {
            for (number, pupil) in pupils.iter_mut().enumerate() {
                pupil.number = format!("p{number}");
            }
            pupils
        })
    })
}

fn methods() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["random", "serpentine"])
}

/// The largest difference between classes in the number of pupils who have something in common.
fn gap<K: Ord>(
    pupils: &[ClassPupil],
    groups: &ClassGroups,
    classes: u32,
    key: impl Fn(&ClassPupil) -> K,
) -> u32 {
    let mut counts: BTreeMap<K, Vec<u32>> = BTreeMap::new();
    for (pupil, class) in pupils.iter().zip(&groups.class_of) {
        counts.entry(key(pupil)).or_insert_with(|| vec![0; classes as usize])[*class as usize] += 1;
    }
    counts.values().map(|of| of.iter().max().unwrap() - of.iter().min().unwrap()).max().unwrap_or(0)
}

fn by_number<'p>(pupils: &'p [ClassPupil], groups: &ClassGroups) -> BTreeMap<&'p str, u32> {
    pupils.iter().map(|pupil| pupil.number.as_str()).zip(groups.class_of.iter().copied()).collect()
}

proptest! {
    #[test]
    fn classes_are_as_even_as_can_be(
        pupils in grades(), classes in 1_u32..14, method in methods(), honour: bool, seed: [u8; 32]
    ) {
        let policy = policy(method, if honour { "honour" } else { "ignore" });
        let groups = class_groups(&pupils, classes, &policy, Seed(seed)).unwrap();
        prop_assert_eq!(groups.class_of.len(), pupils.len());
        prop_assert!(groups.class_of.iter().all(|class| *class < classes));
        prop_assert!(gap(&pupils, &groups, classes, |_| ()) <= 1, "sizes");
        prop_assert!(gap(&pupils, &groups, classes, |pupil| pupil.sex) <= 1, "sexes");
        prop_assert!(gap(&pupils, &groups, classes, |pupil| pupil.source) <= 1, "sources");
        // The measure counts the same.
        let found = balance(&pupils, &groups.class_of, classes);
        prop_assert_eq!(found.size_gap, gap(&pupils, &groups, classes, |_| ()));
        prop_assert_eq!(found.sex_gap, gap(&pupils, &groups, classes, |pupil| pupil.sex));
        prop_assert_eq!(found.source_gap, gap(&pupils, &groups, classes, |pupil| pupil.source));
        let sizes = found.classes.iter().map(|class| class.size);
        let too_large: Vec<Imbalance> =
            (0..).zip(sizes).filter(|row| row.1 > 55).map(|row| Imbalance::TooLarge { class: row.0 }).collect();
        prop_assert_eq!(found.imbalances(&policy), too_large);
    }

    #[test]
    fn neither_the_order_of_rows_nor_the_hour_changes_anything(
        (pupils, mixed) in grades().prop_flat_map(|pupils| (Just(pupils.clone()), Just(pupils).prop_shuffle())),
        classes in 1_u32..14, method in methods(), seed: [u8; 32]
    ) {
        let policy = policy(method, "honour");
        let groups = class_groups(&pupils, classes, &policy, Seed(seed)).unwrap();
        let again = class_groups(&mixed, classes, &policy, Seed(seed)).unwrap();
        prop_assert_eq!(by_number(&pupils, &groups), by_number(&mixed, &again));
        prop_assert_eq!(groups.unmet, again.unmet);
        let hash = |pupils| list_hash(&frozen_lines(pupils, classes, &policy)).unwrap();
        prop_assert_eq!(hash(&pupils), hash(&mixed));
    }

    #[test]
    fn wishes_of_twins_are_met_or_told(
        pupils in grades(), classes in 1_u32..14, method in methods(), seed: [u8; 32]
    ) {
        let groups = class_groups(&pupils, classes, &policy(method, "honour"), Seed(seed)).unwrap();
        let mut bundles: BTreeMap<&str, Vec<(TwinWish, u32)>> = BTreeMap::new();
        for (pupil, class) in pupils.iter().zip(&groups.class_of) {
            if let Some(twins) = &pupil.twins {
                bundles.entry(&twins.code).or_default().push((twins.wish, *class));
            }
        }
        for (code, twins) in bundles {
            let wish = twins[0].0;
            let pairs = || (1..twins.len()).flat_map(|at| twins[..at].iter().map(|one| (one.1, twins[at].1)).collect::<Vec<_>>());
            let agree = twins.iter().all(|twin| twin.0 == wish);
            let met = agree && pairs().all(|(one, other)| (one == other) == (wish == TwinWish::Together));
            prop_assert_eq!(met, !groups.unmet.iter().any(|unmet| unmet == code), "{}", code);
        }
    }

    /// Sexes apart, nothing else to heed: exactly the way to and fro, and equal sums where the last way back ends.
    #[test]
    fn serpentine_is_the_way_to_and_fro(classes in 1_usize..14, ways in 0_usize..8, rest in 0_usize..14) {
        let heads = classes * ways + rest.min(classes);
        let ranks: Vec<ClassPupil> =
            (0..heads).map(|rank| pupil(rank, Sex::Male, None, Some(rank as u32))).collect();
        let groups = class_groups(&ranks, classes as u32, &policy("serpentine", "ignore"), Seed([9; 32])).unwrap();
        for (rank, class) in groups.class_of.iter().enumerate() {
            let step = rank % classes;
            let expected = if rank / classes % 2 == 0 { step } else { classes - 1 - step };
            prop_assert_eq!(*class as usize, expected, "rank {}", rank);
        }
        if heads % (2 * classes) == 0 && heads > 0 && classes > 1 {
            prop_assert_eq!(balance(&ranks, &groups.class_of, classes as u32).mean_gap.unwrap().numerator, 0);
        }
    }
}

#[test]
fn w22_to_and_fro() {
    let ranks: Vec<ClassPupil> =
        (1..=10).map(|rank| pupil(rank, Sex::Male, None, Some(rank as u32))).collect();
    let groups = class_groups(&ranks, 3, &policy("serpentine", "ignore"), Seed([0; 32])).unwrap();
    let of = |class| -> Vec<usize> { (1..=10).filter(|rank| groups.class_of[rank - 1] == class).collect() };
    assert_eq!([of(0), of(1), of(2)], [vec![1, 6, 7], vec![2, 5, 8], vec![3, 4, 9, 10]]);
}

/// Chi-square with 3 degrees of freedom: above 30 once in a million.
#[test]
fn over_many_seeds_every_pupil_comes_into_every_class_alike() {
    const SEEDS: u32 = 2_000;
    const CLASSES: u32 = 4;
    let grade: Vec<ClassPupil> = (0..26)
        .map(|at| pupil(at, if at % 5 < 2 { Sex::Female } else { Sex::Male }, Some(at as u32 % 7 % 3), None))
        .collect();
    let policy = policy("random", "ignore");
    let list = list_hash(&frozen_lines(&grade, CLASSES, &policy)).unwrap();
    let mut counts = vec![[0_u32; CLASSES as usize]; grade.len()];
    for seed in 0..SEEDS {
        let seed = seed_of(list, &[seed.to_le_bytes().to_vec()]);
        let groups = class_groups(&grade, CLASSES, &policy, seed).unwrap();
        for (counts, class) in counts.iter_mut().zip(groups.class_of) {
            counts[class as usize] += 1;
        }
    }
    let expected = SEEDS / CLASSES;
    for (number, counts) in counts.iter().enumerate() {
        let squares: u32 = counts.iter().map(|count| count.abs_diff(expected).pow(2)).sum();
        assert!(squares < 30 * expected, "p{number}: {counts:?}");
    }
}

/// The sizes of DP59: 1,252 pupils into 24 classes, 875 into 16 (Lianyungang). To and fro, the mean places of any two
/// classes differ by less than a hundredth of the order.
#[test]
fn grades_of_the_size_of_a_city_school() {
    for (heads, classes) in [(1_252, 24), (875, 16)] {
        let chance = |what: u32, at: usize, below: u64| lot(Seed([8; 32]), what, &at.to_string()) % below;
        let mut ranks: Vec<usize> = (0..heads).collect();
        ranks.sort_by_key(|at| chance(1, *at, u64::MAX));
        let grade: Vec<ClassPupil> = (0..)
            .zip(ranks)
            .map(|(rank, at)| {
                let sex = if chance(2, at, 100) < 47 { Sex::Female } else { Sex::Male };
                pupil(at, sex, Some(chance(3, at, 41) as u32), Some(rank))
            })
            .collect();
        for method in ["random", "serpentine"] {
            let groups = class_groups(&grade, classes, &policy(method, "ignore"), Seed([4; 32])).unwrap();
            let found = balance(&grade, &groups.class_of, classes);
            assert_eq!(found.imbalances(&policy(method, "ignore")), []);
            let gap = found.mean_gap.unwrap();
            assert_eq!(gap.numerator * 100 < gap.denominator * heads as u128, method == "serpentine");
        }
    }
}
