//! Balanced class groups (均衡编班): pupils dealt to classes by lot or to and fro along an order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::compulsory::class_policy::{ClassMethod, ClassPolicy, MOST_CLASSES, TwinRule};
use crate::domain::compulsory::class_pupil::{ClassPupil, TwinWish};
use crate::domain::ticket::Ticket;
use crate::engine::draw::{Lots, Seed};

/// What the lots of this draw are addressed by. No number of a list holds a blank, so nobody's lot is that of
/// another draw with the same seed and round.
const PUPIL: &str = "class_groups/1 pupil ";
const CLASS: &str = "class_groups/1 class ";

/// The groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassGroups {
    /// Each pupil's class, from 0, in the order of the pupils given.
    pub class_of: Vec<u32>,
    /// Codes of twins whose wish was to be honoured and could not be.
    pub unmet: Vec<String>,
}

/// Why no groups can be made. Rows count from 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotGroupable {
    /// The number of classes.
    Classes,
    /// A pupil's number cannot stand on a frozen list.
    Number { row: u32 },
    /// The code of her twins cannot.
    Twins { row: u32 },
    /// Her number stands on an earlier row already.
    Twice { row: u32 },
}

impl NotGroupable {
    /// The broken rule in plain words.
    pub const fn rule(&self) -> &'static str {
        match self {
            NotGroupable::Classes => "the number of classes must be from 1 to 999",
            NotGroupable::Number { .. } | NotGroupable::Twins { .. } => {
                "must be 1 to 64 letters, digits or - . / : _ (no spaces)"
            }
            NotGroupable::Twice { .. } => "stands twice",
        }
    }
}

/// The list to be frozen before the seed is drawn: everything that decides on the groups, in any order.
///
/// # Complexity
/// O(n).
pub fn frozen_lines(pupils: &[ClassPupil], classes: u32, policy: &ClassPolicy) -> Vec<String> {
    let (method, twins, round) = (policy.method.word(), policy.twins.word(), policy.lot.round);
    let mut lines = vec![format!("classes {classes},{method},{twins},{},{round}", policy.limits.source_gap)];
    lines.extend(pupils.iter().map(ClassPupil::line));
    lines
}

/// Makes the groups.
///
/// Rule: SX22 3.5: balanced class groups in all schools; reference.md DP59 and W22. Each sex is dealt by itself, in
/// rows of as many pupils as there are classes: one row forward, the next backward (the second sex begins backward),
/// a last short row to the smallest classes. Pupils stand in the given order (`serpentine` only), those without one
/// behind them by source; equal ones by lot. Then pupils of the same row change places until no source has more than
/// one pupil more in one class than in another, in such a way that the places in the order still add up alike. By
/// `random` the classes at last take their numbers by lot, so that everybody is as likely to come into one class as
/// into any other.
///
/// So sizes, each sex and each source differ by one pupil at most between any two classes. Wishes of twins are met by
/// exchanging pupils of the same sex, and may widen the sources up to `limits.source_gap`.
///
/// The outcome depends on the pupils, the number of classes, the policy and the seed, never on the order of rows.
///
/// # Errors
/// All of [`NotGroupable`] at once.
///
/// # Complexity
/// O(n log n + passes x classes x n); passes are few. Each wish costs O(n x classes) more.
pub fn class_groups(
    pupils: &[ClassPupil],
    classes: u32,
    policy: &ClassPolicy,
    seed: Seed,
) -> Result<ClassGroups, Vec<NotGroupable>> {
    let faults = faults(pupils, classes);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut lots = Lots::new(seed, policy.lot.round);
    let mut order: Vec<_> = (0..)
        .zip(pupils)
        .map(|(at, pupil)| {
            let place = pupil.order.filter(|_| policy.method == ClassMethod::Serpentine);
            let source = pupil.source.filter(|_| place.is_none());
            let lot = lots.of(&format!("{PUPIL}{}", pupil.number));
            ((pupil.sex, place.is_none(), place, source, lot, &pupil.number), at)
        })
        .collect();
    order.sort_unstable();
    let order: Vec<usize> = order.into_iter().map(|(_, at)| at).collect();
    let mut deal = Deal::new(order.iter().map(|at| &pupils[*at]).collect(), classes as usize);
    deal.even_out_sources();
    let unmet = if policy.twins == TwinRule::Honour {
        deal.meet_wishes(policy.limits.source_gap)
    } else {
        Vec::new()
    };
    let mut numbers: Vec<u32> = (0..classes).collect();
    if policy.method == ClassMethod::Random {
        numbers.sort_by_cached_key(|class| lots.of(&format!("{CLASS}{class}")));
    }
    let mut class_of = vec![0; pupils.len()];
    for (at, class) in order.into_iter().zip(deal.class) {
        class_of[at] = numbers[class];
    }
    Ok(ClassGroups { class_of, unmet })
}

fn faults(pupils: &[ClassPupil], classes: u32) -> Vec<NotGroupable> {
    let mut faults = Vec::new();
    if classes == 0 || classes > MOST_CLASSES {
        faults.push(NotGroupable::Classes);
    }
    let mut seen = BTreeSet::new();
    for (row, pupil) in (0..).zip(pupils) {
        if Ticket::new(&pupil.number, 1).is_err() {
            faults.push(NotGroupable::Number { row });
        }
        if pupil.twins.as_ref().is_some_and(|twins| Ticket::new(&twins.code, 1).is_err()) {
            faults.push(NotGroupable::Twins { row });
        }
        if !seen.insert(&pupil.number) {
            faults.push(NotGroupable::Twice { row });
        }
    }
    faults
}

/// Pupils in their order, by index, and the classes they are dealt to.
struct Deal<'p> {
    pupils: Vec<&'p ClassPupil>,
    /// Each pupil's row, counted through all sexes: a class takes one pupil of a row at most.
    row: Vec<usize>,
    /// Each pupil's place in the order of her sex, counted in half steps from its middle.
    place: Vec<i64>,
    /// Each pupil's class.
    class: Vec<usize>,
    /// Each class's pupils.
    members: Vec<Vec<usize>>,
}

impl<'p> Deal<'p> {
    /// Deals the rows to and fro.
    fn new(pupils: Vec<&'p ClassPupil>, classes: usize) -> Deal<'p> {
        let mut deal = Deal {
            pupils: Vec::new(),
            row: Vec::new(),
            place: Vec::new(),
            class: Vec::new(),
            members: vec![Vec::new(); classes],
        };
        let mut rows = 0;
        for (sexes, sex) in pupils.chunk_by(|one, next| one.sex == next.sex).enumerate() {
            let heads = sex.len() as i64;
            deal.place.extend((0..heads).map(|place| 2 * place + 1 - heads));
            for (at, row) in sex.chunks(classes).enumerate() {
                let mut turn: Vec<usize> = (0..classes).collect();
                if (sexes + at) % 2 == 1 {
                    turn.reverse();
                }
                if row.len() < classes {
                    turn.sort_by_key(|class| deal.members[*class].len());
                }
                for class in turn.into_iter().take(row.len()) {
                    deal.members[class].push(deal.class.len());
                    deal.class.push(class);
                    deal.row.push(rows);
                }
                rows += 1;
            }
        }
        deal.pupils = pupils;
        deal
    }

    /// Rebalances pairs of classes until each source is spread within one pupil.
    ///
    /// It ends: a rebalanced pair differs by one at most in every source, so the sum of the squares of all counts by
    /// class and source falls each time.
    fn even_out_sources(&mut self) {
        let mut moved = true;
        while moved {
            moved = false;
            for one in 0..self.members.len() {
                for other in 0..one {
                    if self.is_uneven(one, other) {
                        self.rebalance(one, other);
                        moved = true;
                    }
                }
            }
        }
    }

    /// Whether two classes differ by more than one pupil in some source.
    fn is_uneven(&self, one: usize, other: usize) -> bool {
        let mut surplus: BTreeMap<Option<u32>, i32> = BTreeMap::new();
        for (class, count) in [(one, 1), (other, -1)] {
            for pupil in &self.members[class] {
                *surplus.entry(self.pupils[*pupil].source).or_default() += count;
            }
        }
        surplus.into_values().any(|surplus| surplus.abs() > 1)
    }

    /// Divides the pupils of two classes anew, so that they differ by one at most in size, in every sex and source,
    /// and no class has two pupils of a row.
    ///
    /// An edge colouring with two colours (de Werra 1971, balanced edge colourings of bipartite multigraphs): every
    /// pupil has at most one partner by row and one by source, and partners go to different classes. Chains of
    /// partners alternate between both kinds, so that going around one never meets a contradiction. A chain may be
    /// laid one way or the other: the heaviest first, each so that the places of both classes add up alike.
    fn rebalance(&mut self, one: usize, other: usize) {
        let mut both = [self.members[one].as_slice(), &self.members[other]].concat();
        both.sort_unstable();
        let in_other: Vec<bool> = both.iter().map(|pupil| self.class[*pupil] == other).collect();
        let pupil = |at: usize| self.pupils[both[at]];
        let everybody: Vec<usize> = (0..both.len()).collect();
        let mut by_row = vec![None; both.len()];
        let single = pair_up(&mut by_row, &in_other, &everybody, |at| self.row[both[at]]);
        // One of a short row may be left in each sex; they keep the sizes even.
        pair_up(&mut by_row, &in_other, &single, |_| ());
        let mut by_source = vec![None; both.len()];
        let single = pair_up(&mut by_source, &in_other, &everybody, |at| (pupil(at).source, pupil(at).sex));
        pair_up(&mut by_source, &in_other, &single, |at| pupil(at).source);
        let mut chains = Vec::new();
        let mut seen = vec![false; both.len()];
        for start in 0..both.len() {
            if std::mem::replace(&mut seen[start], true) {
                continue;
            }
            let mut chain = vec![(start, in_other[start])];
            let mut next = 0;
            while let Some(&(at, place)) = chain.get(next) {
                for partner in [by_row[at], by_source[at]].into_iter().flatten() {
                    if !std::mem::replace(&mut seen[partner], true) {
                        chain.push((partner, !place));
                    }
                }
                next += 1;
            }
            let weight = |(at, place): &(usize, bool)| {
                if *place { self.place[both[*at]] } else { -self.place[both[*at]] }
            };
            chains.push((chain.iter().map(weight).sum::<i64>(), chain));
        }
        chains.sort_by_key(|(weight, _)| Reverse(weight.abs()));
        self.members[one].clear();
        self.members[other].clear();
        let mut surplus = 0_i64;
        for (weight, chain) in chains {
            let turned = (surplus + weight).abs() > (surplus - weight).abs();
            surplus += if turned { -weight } else { weight };
            for (at, place) in chain {
                let class = if place != turned { other } else { one };
                self.class[both[at]] = class;
                self.members[class].push(both[at]);
            }
        }
    }

    /// Meets the wishes of twins where the balance allows it; returns the codes of the others.
    fn meet_wishes(&mut self, source_gap: u32) -> Vec<String> {
        let mut bundles: BTreeMap<&str, Vec<(usize, TwinWish)>> = BTreeMap::new();
        for (at, pupil) in self.pupils.iter().enumerate() {
            if let Some(twins) = &pupil.twins {
                bundles.entry(&twins.code).or_default().push((at, twins.wish));
            }
        }
        let mut unmet = Vec::new();
        for (code, twins) in bundles {
            let agree = twins.windows(2).all(|pair| pair[0].1 == pair[1].1);
            let met = agree
                && (1..twins.len()).all(|at| {
                    let (twin, wish) = twins[at];
                    let siblings: Vec<usize> =
                        twins[..at].iter().map(|sibling| self.class[sibling.0]).collect();
                    let fits = |class: usize| siblings.contains(&class) == (wish == TwinWish::Together);
                    fits(self.class[twin]) || self.exchange(twin, source_gap, fits)
                });
            if !met {
                unmet.push(code.to_owned());
            }
        }
        unmet
    }

    /// Exchanges a twin with a pupil of the same sex in a class that fits, never with another twin: with whom the
    /// sources stay most even, within the limit, and of those with the nearest in the order. Tells whether there was
    /// one.
    fn exchange(&mut self, twin: usize, source_gap: u32, fits: impl Fn(usize) -> bool) -> bool {
        let mut counts: BTreeMap<Option<u32>, Vec<u32>> = BTreeMap::new();
        for (pupil, class) in self.pupils.iter().zip(&self.class) {
            counts.entry(pupil.source).or_insert_with(|| vec![0; self.members.len()])[*class] += 1;
        }
        let gap_after = |source: Option<u32>, from: usize, to: usize| {
            let mut counts = counts[&source].clone();
            counts[from] -= 1;
            counts[to] += 1;
            counts.iter().max().unwrap_or(&0) - counts.iter().min().unwrap_or(&0)
        };
        let here = self.class[twin];
        let (sex, source) = (self.pupils[twin].sex, self.pupils[twin].source);
        let found = (0..self.pupils.len())
            .filter(|&at| {
                self.pupils[at].sex == sex && self.pupils[at].twins.is_none() && fits(self.class[at])
            })
            .map(|at| {
                let (other, there) = (self.pupils[at].source, self.class[at]);
                let gap = gap_after(source, here, there).max(gap_after(other, there, here));
                // Of the same source nothing changes.
                (if other == source { 0 } else { gap }, at.abs_diff(twin), at)
            })
            .filter(|(gap, ..)| *gap <= source_gap)
            .min();
        let Some((_, _, pupil)) = found else { return false };
        let there = self.class[pupil];
        for (moving, from, to) in [(twin, here, there), (pupil, there, here)] {
            self.members[from].retain(|member| *member != moving);
            self.members[to].push(moving);
            self.class[moving] = to;
        }
        true
    }
}

/// Makes partners of those who have something in common, first of different classes, then of the same; returns who
/// is left, at most one of each group.
fn pair_up<K: Ord>(
    partner: &mut [Option<usize>],
    in_other: &[bool],
    pupils: &[usize],
    common: impl Fn(usize) -> K,
) -> Vec<usize> {
    let mut groups: BTreeMap<K, [Vec<usize>; 2]> = BTreeMap::new();
    for &at in pupils {
        groups.entry(common(at)).or_default()[usize::from(in_other[at])].push(at);
    }
    let mut single = Vec::new();
    for [mut more, mut fewer] in groups.into_values() {
        if more.len() < fewer.len() {
            (more, fewer) = (fewer, more);
        }
        let (opposite, rest) = more.split_at(fewer.len());
        let mut pairs: Vec<(usize, usize)> = opposite.iter().copied().zip(fewer).collect();
        for two in rest.chunks(2) {
            match two {
                [one, other] => pairs.push((*one, *other)),
                alone => single.extend(alone),
            }
        }
        for (one, other) in pairs {
            (partner[one], partner[other]) = (Some(other), Some(one));
        }
    }
    single
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compulsory::class_pupil::{Sex, TwinBond};
    use crate::engine::compulsory::class_balance::balance;
    use crate::engine::draw::{list_hash, seed_of};

    fn policy(method: &str) -> ClassPolicy {
        toml::from_str(&format!(
            "method = \"{method}\"\nclass_size = 50\ntwins = \"honour\"\nlimits.source_gap = 2"
        ))
        .unwrap()
    }

    fn pupil(number: u32, sex: Sex, source: Option<u32>, order: Option<u32>) -> ClassPupil {
        ClassPupil { number: format!("p{number:03}"), sex, source, order, figure: None, twins: None }
    }

    /// Sixty pupils of both sexes from seven schools.
    fn grade() -> Vec<ClassPupil> {
        let of = |number: u32| {
            let sex = if number % 9 < 4 { Sex::Female } else { Sex::Male };
            pupil(number, sex, Some(number / 3 % 7), Some(number))
        };
        (0..60).map(of).collect()
    }

    #[test]
    fn w22_to_and_fro() {
        let ranks: Vec<ClassPupil> =
            (1..=10).map(|rank| pupil(rank, Sex::Unknown, None, Some(rank))).collect();
        let groups = class_groups(&ranks, 3, &policy("serpentine"), Seed([1; 32])).unwrap();
        assert_eq!(groups.class_of, [0, 1, 2, 2, 1, 0, 0, 1, 2, 2]);
    }

    #[test]
    fn classes_are_even_by_both_methods() {
        for method in ["random", "serpentine"] {
            for classes in [1, 2, 5, 7, 60, 61] {
                let groups = class_groups(&grade(), classes, &policy(method), Seed([2; 32])).unwrap();
                let found = balance(&grade(), &groups.class_of, classes);
                assert!(found.size_gap.max(found.sex_gap).max(found.source_gap) <= 1, "{method} {classes}");
                assert_eq!(found.outside, 0);
            }
        }
    }

    /// A golden draw: it must never change, or old groups could not be checked.
    #[test]
    fn a_random_draw_never_changes() {
        let policy = policy("random");
        let list = list_hash(&frozen_lines(&grade()[..12], 3, &policy)).unwrap();
        let seed = seed_of(list, &[b"03 11 24".to_vec()]);
        let groups = class_groups(&grade()[..12], 3, &policy, seed).unwrap();
        assert_eq!(groups.class_of, [1, 2, 0, 2, 1, 0, 1, 0, 2, 1, 0, 2]);
    }

    #[test]
    fn wishes_of_twins_are_met_or_told() {
        let mut grade = grade();
        let mut bind = |rows: &[usize], code: &str, wish| {
            for row in rows {
                grade[*row].twins = Some(TwinBond { code: code.to_owned(), wish });
            }
        };
        bind(&[0, 5], "t1", TwinWish::Together);
        bind(&[10, 11, 12], "t2", TwinWish::Together);
        bind(&[20, 21, 22], "t3", TwinWish::Apart);
        // More than there are classes; and two who do not agree.
        bind(&[30, 31, 32, 33, 34, 35], "t4", TwinWish::Apart);
        bind(&[40], "t5", TwinWish::Together);
        bind(&[41], "t5", TwinWish::Apart);
        for method in ["random", "serpentine"] {
            let groups = class_groups(&grade, 5, &policy(method), Seed([3; 32])).unwrap();
            let of = |row: usize| groups.class_of[row];
            assert_eq!(groups.unmet, ["t4", "t5"], "{method}");
            assert_eq!((of(0), of(10), of(10)), (of(5), of(11), of(12)), "{method}");
            assert!(of(20) != of(21) && of(21) != of(22) && of(20) != of(22), "{method}");
            let found = balance(&grade, &groups.class_of, 5);
            assert!(found.size_gap.max(found.sex_gap) <= 1 && found.source_gap <= 2, "{method}");
        }
    }

    #[test]
    fn a_twin_changes_places_with_the_nearest() {
        let mut grade: Vec<ClassPupil> =
            (0..8).map(|rank| pupil(rank, Sex::Male, Some(3), Some(rank))).collect();
        let mut policy = policy("serpentine");
        policy.limits.source_gap = 0;
        let of = |grade: &[ClassPupil]| class_groups(grade, 2, &policy, Seed([6; 32])).unwrap();
        assert_eq!(of(&grade).class_of, [0, 1, 1, 0, 0, 1, 1, 0]);
        for row in [0, 1] {
            grade[row].twins = Some(TwinBond { code: "t".to_owned(), wish: TwinWish::Together });
        }
        let class_of = vec![0, 0, 1, 1, 0, 1, 1, 0];
        assert_eq!(of(&grade), ClassGroups { class_of, unmet: vec![] });
    }

    #[test]
    fn what_cannot_be_grouped_is_told_at_once() {
        let policy = policy("random");
        let mut faulty = vec![pupil(1, Sex::Male, None, None); 2];
        faulty[0].number = "1,2".to_owned();
        faulty[1].twins = Some(TwinBond { code: String::new(), wish: TwinWish::Apart });
        faulty.push(faulty[1].clone());
        let found = class_groups(&faulty, 0, &policy, Seed([0; 32])).unwrap_err();
        assert_eq!(
            found,
            [
                NotGroupable::Classes,
                NotGroupable::Number { row: 0 },
                NotGroupable::Twins { row: 1 },
                NotGroupable::Twins { row: 2 },
                NotGroupable::Twice { row: 2 },
            ]
        );
        assert_eq!(class_groups(&[], 1000, &policy, Seed([0; 32])), Err(vec![NotGroupable::Classes]));
        let nobody = ClassGroups { class_of: vec![], unmet: vec![] };
        assert_eq!(class_groups(&[], 3, &policy, Seed([0; 32])), Ok(nobody));
    }
}
