//! Which facts of a child her placing depends on: nothing else may be asked of any register.

use std::collections::BTreeSet;

use crate::domain::compulsory::child::Child;
use crate::domain::compulsory::entry_policy::{EntryPolicy, OrderBy};
use crate::domain::compulsory::fact::Fact;
use crate::domain::compulsory::register_question::Claim;

/// The facts that could bring the child into a category of her stage, decide her zone or order her category, as far
/// as she names the address they are about. A category whose other facts she cannot have asks for none.
///
/// Rule: YC21 4 and SX22 4.1: *"No material that is not necessary; data shared between departments"*.
///
/// # Complexity
/// O(facts of the policy).
pub fn needed_facts(policy: &EntryPolicy, child: &Child) -> BTreeSet<Fact> {
    let Some(stage) = policy.stage(child.stage) else { return BTreeSet::new() };
    let named = |fact: &Fact| match Claim::of(*fact) {
        None => true,
        Some(Claim::Household) => child.household.is_some(),
        Some(Claim::Property) => child.property.is_some(),
        Some(Claim::Residence) => child.residence.is_some(),
    };
    let mut needed = BTreeSet::new();
    for category in &stage.categories {
        let open = category.any.is_empty() || category.any.iter().any(named);
        if !open || !category.all.iter().all(named) {
            continue;
        }
        needed.extend(category.all.iter().chain(&category.any).copied().filter(named));
        if category.household_in_zone {
            needed.extend([Fact::Household].iter().filter(|fact| named(fact)));
        }
        if category.order.contains(&OrderBy::Sibling) {
            needed.insert(Fact::Sibling);
        }
    }
    // Where no category names a home, its address may still decide the zone.
    needed.extend(policy.zone_by.iter().flat_map(|ground| ground.proved_by()).filter(|fact| named(fact)));
    needed
}
