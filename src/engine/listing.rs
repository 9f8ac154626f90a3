//! Which programmes a candidate may put on a list, and whether she may use quota seats there.

use crate::domain::city::City;
use crate::domain::eligibility::Refusals;
use crate::domain::policy::{Policy, Reversion, SeatKinds};
use crate::domain::published_quota::PublishedQuota;
use crate::domain::seat::Seat;

/// What lists of a season are measured by.
#[derive(Clone, Copy)]
pub struct ListTerms<'s> {
    pub policy: &'s Policy,
    pub city: &'s City,
    /// Absent before it is published, and where the city has none.
    pub quota: Option<&'s PublishedQuota>,
}

/// A candidate as far as lists ask about her.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applicant {
    /// By index.
    pub area: u32,
    /// By index, `market::NONE` without one.
    pub junior: u32,
    /// Why she may not use quota seats; none means eligible.
    pub refusals: Refusals,
}

/// Where a candidate stands to a programme on one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// May be listed.
    Open {
        /// She may be admitted on a quota seat there, one of the pool included.
        quota: bool,
    },
    /// No batch behind the list offers it.
    NotOffered,
    /// It does not recruit in her area (SX22 6.1).
    OutOfScope,
    /// The list fills quota seats only, and she is not eligible (SX22 6.2).
    NotEligible,
    /// The list fills quota seats only, and her junior high has none there.
    NoQuotaSeat,
}

impl ListTerms<'_> {
    /// The batches behind the code of a list; none where the code is no list of the season.
    pub fn batches(&self, list: &str) -> Vec<u32> {
        let mut batches = self.policy.batches_of(list);
        batches.retain(|&batch| self.policy.list_of(batch as usize) == list);
        batches
    }

    /// The seats that the candidate's junior high has at a programme, where they are published.
    pub fn quota_seats(&self, applicant: &Applicant, programme: u32) -> Option<u32> {
        self.quota.map(|quota| quota.seats(programme, applicant.junior))
    }

    /// Where a candidate stands to a programme on the list behind these batches.
    ///
    /// It asks what the engine asks of an application ([`SeatKinds::claims`]), marks and gates
    /// aside, for they may come after the lists. Where the quota is published, a seat of her junior
    /// high's cell can be claimed only where the cell has seats; before that, anywhere in scope.
    ///
    /// # Complexity
    /// O(batches x log(areas + overrides + cells)).
    pub fn standing(&self, applicant: &Applicant, batches: &[u32], programme: u32) -> Standing {
        let shape = &self.city.programmes[programme as usize];
        let in_scope = shape.recruits_in(applicant.area);
        let eligible = self.policy.quota.is_some() && applicant.refusals.eligible();
        let cell = self.quota_seats(applicant, programme) != Some(0);
        let named = cell && self.city.overridden(programme, applicant.junior);
        let (mut offered, mut open, mut quota) = (false, false, false);
        for &batch in batches {
            if shape.offered_by(&self.policy.offers(batch as usize)) {
                let kinds = self.policy.batches[batch as usize].seats;
                let claims = kinds.claims(in_scope, eligible, || named);
                offered = true;
                open |= claims.open;
                quota |= claims.quota && cell || claims.open && kinds == SeatKinds::Pool;
            }
        }
        match (offered, open || quota) {
            (false, _) => Standing::NotOffered,
            (true, true) => Standing::Open { quota },
            (true, false) if !in_scope && !named => Standing::OutOfScope,
            (true, false) if !eligible => Standing::NotEligible,
            (true, false) => Standing::NoQuotaSeat,
        }
    }

    /// The kinds of seat that a candidate could take at a programme through the list behind these batches, marks and
    /// gates aside; before the quota is published, quota seats wherever she could have one.
    ///
    /// # Complexity
    /// O(batches x log(areas + overrides + cells)).
    pub fn kinds_open_to(&self, applicant: &Applicant, batches: &[u32], programme: u32) -> Vec<Seat> {
        let shape = &self.city.programmes[programme as usize];
        let in_scope = shape.recruits_in(applicant.area);
        let eligible = self.policy.quota.is_some() && applicant.refusals.eligible();
        let mut found = Vec::new();
        for &batch in batches.iter().filter(|&&batch| shape.offered_by(&self.policy.offers(batch as usize))) {
            let rule = &self.policy.batches[batch as usize];
            let overridden = || self.city.overridden(programme, applicant.junior);
            let claims = rule.seats.claims(in_scope, eligible, overridden);
            let of_merit = if rule.seats == SeatKinds::Pool { Seat::Pool } else { Seat::Open };
            found.extend(claims.open.then_some(of_merit));
            let cell = self.quota_seats(applicant, programme) != Some(0);
            found.extend((claims.quota && cell).then_some(Seat::Quota));
            let pool = rule.seats == SeatKinds::Integrated && rule.reversion == Reversion::CountyPool;
            found.extend((pool && eligible && in_scope).then_some(Seat::Pool));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether a programme stands on the list behind these batches at all, and if so, whether one of
    /// them gives quota seats there: what an office sees.
    ///
    /// # Complexity
    /// O(batches).
    pub fn somebody_may_list(&self, batches: &[u32], programme: u32) -> Option<bool> {
        let shape = &self.city.programmes[programme as usize];
        let offering =
            || batches.iter().filter(|&&batch| shape.offered_by(&self.policy.offers(batch as usize)));
        let quota = |&batch: &u32| self.policy.batches[batch as usize].seats != SeatKinds::Open;
        offering().next().map(|_| self.policy.quota.is_some() && offering().any(quota))
    }
}
