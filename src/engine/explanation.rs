//! Why every choice of every candidate ended as it did (`mechanism.md` section 7, closed list).

use crate::domain::eligibility::Refusals;
use crate::domain::market::{Application, Market};
use crate::domain::points::Points;
use crate::domain::policy::{Batch, Comparator, Placing, Reversion, SeatKinds};
use crate::domain::reason::{Component, Reason, Short, Where};
use crate::engine::admission_lines::Line;
use crate::engine::batch_placing::{Admission, Basis, PlacedBatch};
use crate::engine::keys::band;
use crate::engine::ranking::TieChain;
use crate::engine::totals::Scorer;

/// Explains the rows of one season.
pub struct Explainer<'s> {
    basis: &'s Basis<'s>,
    batches: &'s [PlacedBatch],
    admissions: &'s [Option<Admission>],
    scorer: Scorer<'s>,
    chain: TieChain<'s>,
}

impl<'s> Explainer<'s> {
    pub fn new(
        basis: &'s Basis<'s>,
        batches: &'s [PlacedBatch],
        admissions: &'s [Option<Admission>],
    ) -> Explainer<'s> {
        Explainer {
            basis,
            batches,
            admissions,
            scorer: Scorer::new(&basis.season.policy),
            chain: TieChain::new(basis.season),
        }
    }

    /// The reason of one row of a candidate's lists.
    ///
    /// # Complexity
    /// O(list length + tie chain).
    pub fn reason(&self, candidate: usize, row: usize) -> Reason {
        let season = self.basis.season;
        let batch = usize::from(season.preferences.batch[row]);
        let position = season.preferences.position[row];
        if let Some(admission) = self.admissions[candidate] {
            let at = (usize::from(admission.batch), admission.position);
            if at == (batch, position) {
                return Reason::Admitted(admission.seat);
            }
            if at < (batch, position) {
                return Reason::AdmittedAbove {
                    batch: u32::from(admission.batch),
                    position: admission.position,
                };
            }
        }
        let rule = &season.policy.batches[batch];
        if let Some(gate) = self.basis.missed_gate(&self.scorer, rule, candidate) {
            return Reason::BelowBatchGate(gate);
        }
        let programme = season.preferences.programme[row];
        let in_scope = self.basis.in_scope(programme, candidate);
        let junior = season.candidates.junior[candidate];
        let cells = matches!(rule.seats, SeatKinds::Integrated | SeatKinds::Quota);
        let near = in_scope || (cells && season.city.overridden(programme, junior));
        if !near {
            return Reason::OutOfScope;
        }
        let placed = &self.batches[batch];
        let student = placed.shape.student_of[candidate];
        let entry =
            placed.shape.market.list(student).start + (row - season.preferences.list(candidate, batch).start);
        let short = self.short(placed, rule, candidate, student, entry);
        if short.iter().any(|kind| *kind != Where::NotClaimed) {
            return Reason::BelowCutoff(short);
        }
        self.unclaimed(placed, rule, candidate, programme, in_scope)
    }

    /// How far behind, on each kind of seat she may claim: quota, pool, open.
    fn short(
        &self,
        placed: &PlacedBatch,
        rule: &Batch,
        candidate: usize,
        student: u32,
        entry: usize,
    ) -> [Where; 3] {
        let market = &placed.shape.market;
        let application = market.applications[entry];
        let programme = application.programme() as usize;
        let cell = market.claimed_cell(student, application).filter(|&cell| market.cells[cell as usize] > 0);
        let in_pool = application.pool() && pools(market, programme);
        let lines = &placed.lines;
        let open = application.open().then(|| &lines.open[programme]);
        let (pool, open) = match rule.seats {
            SeatKinds::Pool => (open, None),
            _ => (in_pool.then(|| &lines.pool[programme]), open),
        };
        let quota = cell.map(|cell| &lines.quota[cell as usize]);
        [quota, pool, open].map(|line| match line {
            None => Where::NotClaimed,
            Some(line) => self.behind(placed, rule, line, candidate, entry, application),
        })
    }

    /// The first component of the key in which she is behind the last holder.
    fn behind(
        &self,
        placed: &PlacedBatch,
        rule: &Batch,
        line: &Line,
        candidate: usize,
        entry: usize,
        application: Application,
    ) -> Where {
        let Some(last) = line.last else { return Where::NoSeat };
        let season = self.basis.season;
        let market = &placed.shape.market;
        let holder = placed.shape.candidates[last as usize] as usize;
        let holder_entry = market.entry(last, application.programme()).expect("holders are on their lists");
        let position = |student: u32, entry: usize| {
            u64::from(season.preferences.position[placed.shape.row(season, student, entry)])
        };
        let student = placed.shape.student_of[candidate];
        let (own_position, last_position) = (position(student, entry), position(last, holder_entry));
        let (own, other) = (&self.basis.totals[candidate], &self.basis.totals[holder]);
        let by =
            |component, difference: u64| Where::Behind(Short { component, difference: difference as i64 });
        match rule.placing {
            Placing::Parallel => {}
            Placing::Band { points, from } => {
                let (own, other) = (band(points, from, own.total()), band(points, from, other.total()));
                if own > other {
                    return by(Component::Band, own - other);
                }
                if own_position > last_position {
                    return by(Component::Choice, own_position - last_position);
                }
            }
            Placing::Sequential => {
                if own_position > last_position {
                    return by(Component::Choice, own_position - last_position);
                }
            }
            Placing::ChoiceBands { choices } => {
                let group = |position: u64| position.div_ceil(u64::from(choices));
                if group(own_position) > group(last_position) {
                    return by(Component::Choice, group(own_position) - group(last_position));
                }
            }
        }
        let points = (other.total() - own.total()).millionths();
        if points > 0 {
            return Where::Behind(Short { component: Component::Total, difference: points });
        }
        for link in 0..self.chain.len() {
            let difference = self.chain.value(link, holder, other) - self.chain.value(link, candidate, own);
            if difference > 0 {
                return Where::Behind(Short { component: Component::Tie(link as u32), difference });
            }
        }
        Where::Behind(Short { component: Component::Lot, difference: 0 })
    }

    /// Why there is no claim at all.
    fn unclaimed(
        &self,
        placed: &PlacedBatch,
        rule: &Batch,
        candidate: usize,
        programme: u32,
        in_scope: bool,
    ) -> Reason {
        let season = self.basis.season;
        let shape = &season.city.programmes[programme as usize];
        let opens = matches!(rule.seats, SeatKinds::Integrated | SeatKinds::Open);
        let total = self.basis.totals[candidate].total();
        if let Some(gate) = shape.gate_open.filter(|&gate| opens && in_scope && total < gate) {
            return Reason::BelowOpenGate(gate);
        }
        let refusals = self.basis.refusals.get(candidate).copied().unwrap_or_default();
        if !self.basis.eligible(candidate) {
            return Reason::NotEligible(refusals);
        }
        let market = &placed.shape.market;
        let local = placed.shape.programme_of[programme as usize];
        let cell = market.cell(local, season.candidates.junior[candidate]);
        let seat = cell.is_some_and(|cell| market.cells[cell as usize] > 0)
            || rule.seats == SeatKinds::Pool
            || (rule.seats == SeatKinds::Integrated && in_scope && pools(market, local as usize));
        match shape.gate_quota {
            Some(gate) if seat && total < gate => Reason::BelowQuotaGate(gate),
            _ => Reason::NotEligible(Refusals::default()),
        }
    }
}

/// Whether unused quota goes to a pool first.
fn pools(market: &Market, programme: usize) -> bool {
    let shape = &market.programmes[programme];
    shape.rule.reversion == Reversion::CountyPool && !shape.cells.is_empty()
}

/// The `tie_chain` of a holder: `name=value` joined by `;` (see the page beside every result).
pub fn tie_chain(
    basis: &Basis<'_>,
    chain: &TieChain<'_>,
    lots: &[u64],
    placing: Placing,
    candidate: usize,
    position: u8,
) -> String {
    let policy = &basis.season.policy;
    let mut told = Vec::with_capacity(chain.len() + 2);
    if placing != Placing::Parallel {
        told.push(format!("choice={position}"));
    }
    for (link, tie) in policy.ties.iter().enumerate() {
        let value = chain.value(link, candidate, &basis.totals[candidate]);
        let value = match tie {
            Comparator::Grade => {
                let place = usize::from(basis.season.candidates.quality[candidate]);
                policy.quality_grades.get(place).cloned().unwrap_or_default()
            }
            Comparator::Flag { last, .. } => u8::from((value == 1) != *last).to_string(),
            _ => Points::from_millionths(value).to_string(),
        };
        told.push(format!("{}={value}", tie.name()));
    }
    told.push(format!("lot={}", lots[candidate]));
    told.join(";")
}
