//! The six-year rule: a home gives one seat in so many years (DP56).

use std::collections::BTreeMap;

use crate::domain::compulsory::entry::{Entry, HomeUse};
use crate::domain::compulsory::fact::{Fact, Facts};

/// Facts that hang on a home.
pub const HOME_FACTS: [Fact; 6] = [
    Fact::Property,
    Fact::PublicRental,
    Fact::Replacement,
    Fact::SelfBuilt,
    Fact::LimitedTitle,
    Fact::Tenancy,
];

/// The use that locks each child's home for her, if any: the latest by another family.
///
/// Rule: reference.md DP56: *"one seat per home per 6 (primary) / 3 (junior) years, same parents' children exempt;
/// lock not released on moving away"*.
///
/// # Complexity
/// O((children + uses) log uses).
pub fn locks(entry: &Entry) -> Vec<Option<&HomeUse>> {
    let Some(rule) = entry.policy.home_rule else { return vec![None; entry.children.len()] };
    let mut uses: BTreeMap<&str, Vec<&HomeUse>> = BTreeMap::new();
    for used in &entry.home_uses {
        uses.entry(used.home.as_str()).or_default().push(used);
    }
    let year = entry.policy.year;
    entry
        .children
        .iter()
        .map(|child| {
            let own = |used: &HomeUse| !child.family.is_empty() && used.family == child.family;
            let locks = |used: &&&HomeUse| {
                used.stage == child.stage
                    && used.year >= rule.since
                    && used.year < year
                    && year - used.year < rule.years(child.stage)
                    && !own(used)
            };
            uses.get(child.home.as_str())?.iter().filter(locks).max_by_key(|used| used.year).copied()
        })
        .collect()
}

/// What is left of a child's facts when her home is locked.
pub fn without_home(mut facts: Facts) -> Facts {
    for fact in HOME_FACTS {
        facts.remove(fact);
    }
    facts
}
