//! Who may use quota seats, and every reason why somebody may not (DP13-DP16, SX22 6.2).

use jiff::civil::Date;
use rayon::prelude::*;

use crate::domain::candidates::fact;
use crate::domain::eligibility::{LEGAL_TRANSFER, Refusal, Refusals};
use crate::domain::market::NONE;
use crate::domain::season::Season;

/// The refusals of every candidate; without a quota table the answer is empty.
///
/// # Complexity
/// O(candidates), in parallel.
pub fn refusals(season: &Season) -> Vec<Refusals> {
    let Some(quota) = &season.policy.quota else { return Vec::new() };
    let rule = &quota.eligibility;
    let candidates = &season.candidates;
    let legal = candidates.flag_bit(LEGAL_TRANSFER);
    let refused = rule.refuse_flags.iter().fold(0, |bits, flag| bits | candidates.flag_bit(flag));
    let worst = rule.quality_at_least.as_deref().and_then(|grade| season.policy.quality_place(grade));
    (0..candidates.len())
        .into_par_iter()
        .map(|at| {
            let mut found = Refusals::default();
            let mut refuse = |holds: bool, refusal| {
                if holds {
                    found.add(refusal);
                }
            };
            let since = candidates.register_from[at];
            let by = match rule.transfer_register_by {
                Some(later) if candidates.flags[at] & legal != 0 => Some(later),
                _ => rule.register_by,
            };
            let facts = candidates.facts[at];
            refuse(candidates.junior[at] == NONE, Refusal::NoJunior);
            refuse(
                rule.register_by.is_some() && by.is_some_and(|by| since == 0 || since > number(by)),
                Refusal::RegisterShort,
            );
            refuse(
                rule.late_transfer_after.is_some_and(|after| since > number(after)),
                Refusal::LateTransfer,
            );
            refuse(rule.attended && facts & fact::ATTENDED == 0, Refusal::NotAttending);
            refuse(rule.no_repeat && facts & fact::REPEAT != 0, Refusal::Repeat);
            refuse(rule.local_only && facts & fact::LOCAL == 0, Refusal::NotLocal);
            refuse(
                worst.is_some_and(|worst| usize::from(candidates.quality[at]) > worst),
                Refusal::QualityGrade,
            );
            refuse(candidates.flags[at] & refused != 0, Refusal::RefusedFlag);
            found
        })
        .collect()
}

/// A date as yyyymmdd.
fn number(date: Date) -> u32 {
    date.year().unsigned_abs() as u32 * 10_000
        + u32::from(date.month().unsigned_abs()) * 100
        + u32::from(date.day().unsigned_abs())
}
