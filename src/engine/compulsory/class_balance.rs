//! How even classes are, counted from the finished groups alone, whoever made them.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::compulsory::class_policy::{ClassPolicy, MOST_CLASSES};
use crate::domain::compulsory::class_pupil::{ClassPupil, Sex};
use crate::domain::quota::Fraction;

/// Millionths in one: the unit of a limit.
const MILLIONTHS: u128 = 1_000_000;

/// One class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassCount {
    pub size: u32,
    /// By [`Sex::index`].
    pub sexes: [u32; 3],
    /// In the order of [`Balance::sources`].
    pub sources: Vec<u32>,
    /// The mean of the figure over those who have one: sum over number.
    pub mean: Option<Fraction>,
}

/// All classes, and how far they lie apart at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    pub classes: Vec<ClassCount>,
    /// Every source that a pupil comes from; none: from nowhere known.
    pub sources: Vec<Option<u32>>,
    /// Pupils who stand in no class of the list.
    pub outside: u32,
    pub size_gap: u32,
    /// The largest gap of any sex.
    pub sex_gap: u32,
    /// The largest gap of any source.
    pub source_gap: u32,
    /// Between the largest and the smallest mean; none where fewer than two classes have one.
    pub mean_gap: Option<Fraction>,
}

/// What is not as even as the policy asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Imbalance {
    /// A class, by index, has more pupils than it may.
    TooLarge {
        class: u32,
    },
    /// Pupils stand in no class.
    Outside,
    Size,
    Sex,
    Source,
    Mean,
}

impl Imbalance {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Imbalance::TooLarge { .. } => "too_large",
            Imbalance::Outside => "outside",
            Imbalance::Size => "size",
            Imbalance::Sex => "sex",
            Imbalance::Source => "source",
            Imbalance::Mean => "mean",
        }
    }
}

/// Counts the classes, [`MOST_CLASSES`] at most; `class_of` tells each pupil's class, from 0.
///
/// Rule: reference.md DP59: *"class count, sex, source balanced, mean gap < 0.5 (Xiamen)"*.
///
/// # Complexity
/// O(pupils x log sources + classes x sources).
pub fn balance(pupils: &[ClassPupil], class_of: &[u32], classes: u32) -> Balance {
    let sources: BTreeSet<Option<u32>> = pupils.iter().map(|pupil| pupil.source).collect();
    let sources: Vec<Option<u32>> = sources.into_iter().collect();
    let place: BTreeMap<Option<u32>, usize> = sources.iter().copied().zip(0..).collect();
    let empty = ClassCount { sources: vec![0; sources.len()], ..ClassCount::default() };
    let mut counts = vec![empty; classes.min(MOST_CLASSES) as usize];
    let mut outside = 0;
    for (at, pupil) in pupils.iter().enumerate() {
        let Some(count) = class_of.get(at).and_then(|class| counts.get_mut(*class as usize)) else {
            outside += 1;
            continue;
        };
        count.size += 1;
        count.sexes[pupil.sex.index()] += 1;
        count.sources[place[&pupil.source]] += 1;
        if let Some(figure) = pupil.figure {
            let mean = count.mean.get_or_insert(Fraction { numerator: 0, denominator: 0 });
            mean.numerator += u128::from(figure);
            mean.denominator += 1;
        }
    }
    let largest = |gaps: Vec<u32>| gaps.into_iter().max().unwrap_or(0);
    let gap = |count: &dyn Fn(&ClassCount) -> u32| {
        let (low, high) = (counts.iter().map(count).min(), counts.iter().map(count).max());
        high.unwrap_or(0) - low.unwrap_or(0)
    };
    Balance {
        size_gap: gap(&|class| class.size),
        sex_gap: largest(Sex::ALL.iter().map(|sex| gap(&|class| class.sexes[sex.index()])).collect()),
        source_gap: largest((0..sources.len()).map(|source| gap(&|class| class.sources[source])).collect()),
        mean_gap: mean_gap(&counts),
        classes: counts,
        sources,
        outside,
    }
}

/// The largest mean less the smallest. A figure is below 2^32 and so is the number of pupils: nothing overflows.
fn mean_gap(classes: &[ClassCount]) -> Option<Fraction> {
    let means = || classes.iter().filter_map(|class| class.mean);
    let order = |one: &Fraction, other: &Fraction| {
        (one.numerator * other.denominator).cmp(&(other.numerator * one.denominator))
    };
    let (low, high) = (means().min_by(order)?, means().max_by(order)?);
    (means().count() > 1).then_some(Fraction {
        numerator: high.numerator * low.denominator - low.numerator * high.denominator,
        denominator: high.denominator * low.denominator,
    })
}

/// In lowest terms.
pub fn reduced(fraction: Fraction) -> Fraction {
    let (mut a, mut b) = (fraction.numerator, fraction.denominator);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    Fraction { numerator: fraction.numerator / a.max(1), denominator: fraction.denominator / a.max(1) }
}

impl Balance {
    /// What a policy would not have so; nothing where the classes are even.
    pub fn imbalances(&self, policy: &ClassPolicy) -> Vec<Imbalance> {
        let limits = policy.limits;
        let mut found: Vec<Imbalance> = (0..)
            .zip(&self.classes)
            .filter(|(_, class)| class.size > policy.class_size)
            .map(|(class, _)| Imbalance::TooLarge { class })
            .collect();
        let below = |gap: Fraction, limit: u128| gap.numerator * MILLIONTHS < limit * gap.denominator;
        let mean = self.mean_gap.zip(limits.mean_gap).is_none_or(|(gap, limit)| {
            u128::try_from(limit.millionths()).is_ok_and(|limit| below(gap, limit))
        });
        for (holds, imbalance) in [
            (self.outside == 0, Imbalance::Outside),
            (self.size_gap <= limits.size_gap, Imbalance::Size),
            (self.sex_gap <= limits.sex_gap, Imbalance::Sex),
            (self.source_gap <= limits.source_gap, Imbalance::Source),
            (mean, Imbalance::Mean),
        ] {
            if !holds {
                found.push(imbalance);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> ClassPolicy {
        toml::from_str(&format!("method = \"random\"\n{text}")).unwrap()
    }

    /// Pupils of a sex, a source and a figure each.
    fn pupils(rows: &[(Sex, u32, u32)]) -> Vec<ClassPupil> {
        let pupil = |(at, &(sex, source, figure)): (usize, &(Sex, u32, u32))| ClassPupil {
            number: at.to_string(),
            sex,
            source: Some(source),
            order: None,
            figure: Some(figure),
            twins: None,
        };
        rows.iter().enumerate().map(pupil).collect()
    }

    #[test]
    fn classes_are_counted_and_judged() {
        let grade = pupils(&[
            (Sex::Female, 0, 10),
            (Sex::Female, 0, 11),
            (Sex::Male, 0, 10),
            (Sex::Male, 1, 10),
            (Sex::Female, 1, 10),
        ]);
        let even = balance(&grade, &[0, 1, 1, 0, 0], 2);
        assert_eq!((even.size_gap, even.sex_gap, even.source_gap, even.outside), (1, 1, 2, 0));
        // 30/3 against 21/2.
        assert_eq!(even.mean_gap, Some(Fraction { numerator: 3, denominator: 6 }));
        let found = even.imbalances(&policy("class_size = 2\nlimits.mean_gap = 0.5"));
        assert_eq!(found, [Imbalance::TooLarge { class: 0 }, Imbalance::Source, Imbalance::Mean]);
        assert_eq!(
            even.imbalances(&policy("class_size = 3\nlimits = { source_gap = 2, mean_gap = 0.500001 }")),
            []
        );
    }

    #[test]
    fn a_gap_is_told_in_lowest_terms() {
        let told = |numerator, denominator| reduced(Fraction { numerator, denominator });
        assert_eq!(told(6, 4), Fraction { numerator: 3, denominator: 2 });
        assert_eq!(told(0, 9), Fraction { numerator: 0, denominator: 1 });
    }

    #[test]
    fn pupils_outside_and_empty_lists_are_no_panic() {
        let grade = pupils(&[(Sex::Unknown, 7, 1), (Sex::Male, 7, 2)]);
        let found = balance(&grade, &[4], 1);
        assert_eq!((found.outside, found.mean_gap), (2, None));
        assert_eq!(found.imbalances(&policy("class_size = 45")), [Imbalance::Outside]);
        assert_eq!(balance(&[], &[], 0).imbalances(&policy("class_size = 45")), []);
    }
}
