//! Who may use quota seats, and every reason why somebody may not (DP13-DP16, SX22 6.2).

use jiff::civil::Date;
use rayon::prelude::*;

use crate::domain::candidates::fact;
use crate::domain::eligibility::{EXCEPTED, EXCLUDED, LEGAL_TRANSFER, Refusal, Refusals};
use crate::domain::market::NONE;
use crate::domain::policy::Policy;
use crate::domain::season::Season;

/// What the rule asks about one candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EligibilityFacts {
    /// A junior high is named.
    pub has_junior: bool,
    /// On its register since: yyyymmdd as a number, 0 when unknown.
    pub register_from: u32,
    /// See [`fact`].
    pub facts: u8,
    /// Place among the policy's quality grades; 255 without one.
    pub quality: u8,
    /// Carries the flag of a lawful transfer.
    pub legal_transfer: bool,
    /// Carries a flag that excludes.
    pub refused_flag: bool,
    /// Carries the flag of an exception; her junior high's seats are still needed.
    pub excepted: bool,
}

/// Why one candidate may not use quota seats; nothing without a quota table.
pub fn refusals_of(policy: &Policy, of: &EligibilityFacts) -> Refusals {
    let mut found = Refusals::default();
    let Some(quota) = &policy.quota else { return found };
    let rule = &quota.eligibility;
    let mut refuse = |holds: bool, refusal| {
        if holds {
            found.add(refusal);
        }
    };
    let worst = rule.quality_at_least.as_deref().and_then(|grade| policy.quality_place(grade));
    let since = of.register_from;
    let by = match rule.transfer_register_by {
        Some(later) if of.legal_transfer => Some(later),
        _ => rule.register_by,
    };
    let short = rule.register_by.is_some() && by.is_some_and(|by| since == 0 || since > number(by));
    refuse(!of.has_junior, Refusal::NoJunior);
    if of.excepted {
        return found;
    }
    refuse(short, Refusal::RegisterShort);
    refuse(rule.late_transfer_after.is_some_and(|after| since > number(after)), Refusal::LateTransfer);
    refuse(rule.attended && of.facts & fact::ATTENDED == 0, Refusal::NotAttending);
    refuse(rule.no_repeat && of.facts & fact::REPEAT != 0, Refusal::Repeat);
    refuse(rule.local_only && of.facts & fact::LOCAL == 0, Refusal::NotLocal);
    refuse(worst.is_some_and(|worst| usize::from(of.quality) > worst), Refusal::QualityGrade);
    refuse(of.refused_flag, Refusal::RefusedFlag);
    found
}

/// The refusals of every candidate; without a quota table the answer is empty.
///
/// # Complexity
/// O(candidates), in parallel.
pub fn refusals(season: &Season) -> Vec<Refusals> {
    let Some(quota) = &season.policy.quota else { return Vec::new() };
    let candidates = &season.candidates;
    let legal = candidates.flag_bit(LEGAL_TRANSFER);
    let flags = quota.eligibility.refuse_flags.iter();
    let refused = flags.fold(candidates.flag_bit(EXCLUDED), |bits, flag| bits | candidates.flag_bit(flag));
    let excepted = candidates.flag_bit(EXCEPTED);
    (0..candidates.len())
        .into_par_iter()
        .map(|at| {
            let facts = EligibilityFacts {
                has_junior: candidates.junior[at] != NONE,
                register_from: candidates.register_from[at],
                facts: candidates.facts[at],
                quality: candidates.quality[at],
                legal_transfer: candidates.flags[at] & legal != 0,
                refused_flag: candidates.flags[at] & refused != 0,
                excepted: candidates.flags[at] & excepted != 0,
            };
            refusals_of(&season.policy, &facts)
        })
        .collect()
}

/// A date as yyyymmdd.
fn number(date: Date) -> u32 {
    date.year().unsigned_abs() as u32 * 10_000
        + u32::from(date.month().unsigned_abs()) * 100
        + u32::from(date.day().unsigned_abs())
}
