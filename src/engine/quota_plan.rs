//! The quota of a season: seats due per programme, overrides, direct seats, the split, the floor.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::points::Points;
use crate::domain::quota::{
    Cap, DirectSeats, FLOOR_SHARE, FloorCheck, Fraction, JuniorLine, LARGEST, MatrixRounding, Method, Per,
    ProgrammeLine, ProgrammeQuota, ProofLine, QuotaBreach, QuotaCell, QuotaPlan, QuotaRule, RowGroup,
    ShareLine, Weight, Why,
};
use crate::engine::apportionment::{Apportionment, Impossible, Terms, apportion};
use crate::engine::biproportional::biproportional;
use crate::engine::controlled_rounding::{by_cycles, by_flow};

/// A whole point in millionths: shares and factors are counted in these.
const MILLION: u64 = 1_000_000;

/// Where ties and lots are decided.
pub enum Lots<'a> {
    /// By the order of the juniors in the input; nothing is drawn.
    InOrder,
    /// By one published order for all programmes: indices of juniors, the earlier the better.
    Order(&'a [u32]),
    /// By an order drawn afresh for each programme (each group of the matrix), in their order.
    /// The function gives a fair number below its argument, from the public seed.
    Drawn(&'a mut dyn FnMut(u64) -> u64),
}

/// Shares all quota seats of a season out over the junior highs.
///
/// Rules: SX22 6.1 (scope), SX22 6.2 (at least 60 % of high-quality senior highs), DP1 to DP10.
/// 1. A programme's quota is `ceil(share x base)` (DP3).
/// 2. Overrides are fixed first and come off it; their juniors take no further part there (DP4).
/// 3. Direct seats (DP7): a junior marked `direct` gets `half_up(eligible / divisor)` and stays in
///    the general split. Juniors to whom the same programmes are open are taken together: their
///    seats go over those programmes by largest remainder in proportion to the quotas, within what
///    is left there, and over the juniors by controlled rounding, so that not every small junior
///    ends at the largest programme.
/// 4. The rest: each programme by itself, or all programmes open to the same juniors as a matrix
///    with row totals by Sainte-Lague. In the matrix minimum and cap count the seats a junior has
///    from overrides, direct seats and earlier groups; the group with the fewest juniors comes
///    first, so that seats inside one's own area satisfy the minimum before wider ones.
/// 5. With `pool_below`, juniors below that exact share become one pool per area, whose share is
///    rounded half up. The others then share what the pools leave; with `half_up` and `floor`
///    their own share stands as computed.
///
/// # Complexity
/// That of the method for each programme, O(juniors log juniors); see the matrix methods.
///
/// # Errors
/// Every breach that can be seen at once; those that show only on the way come after.
pub fn plan(
    juniors: &[JuniorLine],
    programmes: &[ProgrammeLine],
    rule: &QuotaRule,
    lots: Lots<'_>,
) -> Result<QuotaPlan, Vec<QuotaBreach>> {
    let mut breaches = Vec::new();
    check_rule(rule, &lots, &mut breaches);
    for programme in programmes {
        check_programme(programme, juniors, &mut breaches);
    }
    let weights = weights(juniors, rule, &mut breaches);
    if !breaches.is_empty() {
        return Err(breaches);
    }
    let mut planner = Planner {
        juniors,
        programmes,
        rule,
        weights,
        lots,
        held: vec![0; juniors.len()],
        direct: Vec::new(),
        groups: Vec::new(),
        cells: BTreeMap::new(),
        breaches,
        work: Vec::with_capacity(programmes.len()),
    };
    planner.fix_overrides();
    planner.give_direct();
    match rule.per {
        Per::Programme => (0..programmes.len()).for_each(|programme| planner.split_programme(programme)),
        Per::Matrix => planner.split_matrix(),
    }
    planner.finish()
}

/// `ceil(share x base)` (DP3: "not less than" rounds up).
pub fn seats_due(share: Points, base: u32) -> u64 {
    let millionths = u128::from(share.millionths().unsigned_abs()) * u128::from(base);
    u64::try_from(millionths.div_ceil(u128::from(MILLION))).unwrap_or(u64::MAX)
}

/// Direct seats of one junior: `eligible / divisor`, half up (DP7).
pub fn direct_seats(eligible: u64, divisor: u32) -> u64 {
    let divisor = u128::from(divisor);
    u64::try_from((2 * u128::from(eligible) + divisor) / (2 * divisor)).unwrap_or(eligible)
}

/// Whether `seats` are at least 60 % of `base` (SX22 6.2).
fn reaches_floor(seats: u64, base: u64) -> bool {
    let floor = u128::from(FLOOR_SHARE.millionths().unsigned_abs());
    u128::from(seats) * u128::from(MILLION) >= floor * u128::from(base)
}

fn check_rule(rule: &QuotaRule, lots: &Lots<'_>, breaches: &mut Vec<QuotaBreach>) {
    let mut refuse = |words| breaches.push(QuotaBreach::Rule(words));
    if rule.direct_divisor == Some(0) {
        refuse("direct_divisor must be above zero (DP7)");
    }
    if rule.pool_below.is_some() && rule.per == Per::Matrix {
        refuse("pool_below needs per = \"programme\" (DP10)");
    }
    let matrix = rule.per == Per::Matrix;
    if !matrix && rule.method == Method::IntegerPartThenLots && matches!(lots, Lots::InOrder) {
        refuse("method = \"integer_part_then_lots\" needs a lot order or a seed (DP9)");
    }
    if matrix && rule.matrix_rounding == MatrixRounding::Cycle && !matches!(lots, Lots::Drawn(_)) {
        refuse("matrix_rounding = \"cycle\" needs a seed");
    }
}

fn check_programme(programme: &ProgrammeLine, juniors: &[JuniorLine], breaches: &mut Vec<QuotaBreach>) {
    let code = || programme.code.clone();
    let share = programme.share;
    if share < Points::ZERO || share > Points::whole(1) {
        breaches.push(QuotaBreach::ShareNotAPart { programme: code(), share });
    } else if programme.high_quality && share < FLOOR_SHARE {
        breaches.push(QuotaBreach::ShareBelowFloor { programme: code(), share });
    }
    let (base, seats) = (programme.base, programme.seats);
    if base > seats {
        breaches.push(QuotaBreach::BaseAbovePlan { programme: code(), base, seats });
    }
    let mut seen = BTreeSet::new();
    for fixed in &programme.overrides {
        let junior = juniors[fixed.junior as usize].code.clone();
        if fixed.reason.trim().is_empty() {
            breaches.push(QuotaBreach::OverrideWithoutReason { programme: code(), junior: junior.clone() });
        }
        if !seen.insert(fixed.junior) {
            breaches.push(QuotaBreach::OverrideTwice { programme: code(), junior });
        }
    }
    let overrides = programme.overrides.iter().map(|fixed| u64::from(fixed.seats)).sum();
    let due = seats_due(share, base);
    if overrides > due {
        breaches.push(QuotaBreach::OverridesAboveQuota { programme: code(), overrides, due });
    }
}

/// The weights (DP5), times the factors (DP6) with just as many decimals as the factors need.
fn weights(juniors: &[JuniorLine], rule: &QuotaRule, breaches: &mut Vec<QuotaBreach>) -> Vec<u64> {
    let factors = || juniors.iter().map(|junior| junior.factor.millionths().unsigned_abs());
    let mut unit = MILLION;
    while unit > 1 && factors().any(|factor| factor % unit != 0) {
        unit /= 10;
    }
    let mut weights = Vec::with_capacity(juniors.len());
    for (junior, factor) in juniors.iter().zip(factors()) {
        let pupils = match rule.weight {
            Weight::Eligible => junior.eligible,
            Weight::Graduates => junior.graduates,
            Weight::Intake => junior.intake,
        };
        let factor = if rule.use_factor { factor / unit } else { 1 };
        if rule.use_factor && junior.factor < Points::ZERO {
            breaches.push(QuotaBreach::FactorBelowZero { junior: junior.code.clone() });
        }
        match pupils.checked_mul(factor).filter(|&weight| weight <= LARGEST) {
            Some(weight) => weights.push(weight),
            None => breaches.push(QuotaBreach::WeightTooLarge { junior: junior.code.clone() }),
        }
    }
    // Pools add up weights of their juniors.
    if weights.iter().map(|&weight| u128::from(weight)).sum::<u128>() > 1 << 63 {
        breaches.push(QuotaBreach::Rule("the weights together are above 2^63 (DP5, DP6)"));
    }
    weights
}

/// A programme while its seats are handed out.
struct Work {
    due: u64,
    by_override: u64,
    /// Direct seats per junior of this programme.
    direct: BTreeMap<usize, u64>,
    /// Juniors of the scope that no override took out, in input order.
    open: Vec<usize>,
    /// What is left to share.
    left: u64,
    /// What the split began with.
    to_share: u64,
    unplaceable: u64,
    placed: u64,
    divisor: Option<Fraction>,
    lines: Vec<ProofLine>,
}

struct Planner<'a, 'l> {
    juniors: &'a [JuniorLine],
    programmes: &'a [ProgrammeLine],
    rule: &'a QuotaRule,
    weights: Vec<u64>,
    lots: Lots<'l>,
    /// Seats each junior has so far, over all programmes.
    held: Vec<u64>,
    direct: Vec<DirectSeats>,
    groups: Vec<RowGroup>,
    cells: BTreeMap<(usize, Vec<u32>), u64>,
    breaches: Vec<QuotaBreach>,
    work: Vec<Work>,
}

impl Planner<'_, '_> {
    fn fix_overrides(&mut self) {
        for (index, programme) in self.programmes.iter().enumerate() {
            let due = seats_due(programme.share, programme.base);
            let fixed: BTreeSet<usize> =
                programme.overrides.iter().map(|fixed| fixed.junior as usize).collect();
            let in_scope = |junior: &usize| programme.scope.contains(&self.juniors[*junior].area);
            let open = (0..self.juniors.len()).filter(in_scope).filter(|junior| !fixed.contains(junior));
            self.work.push(Work {
                due,
                by_override: 0,
                direct: BTreeMap::new(),
                open: open.collect(),
                left: due,
                to_share: 0,
                unplaceable: 0,
                placed: 0,
                divisor: None,
                lines: Vec::new(),
            });
            for fixed in &programme.overrides {
                let seats = u64::from(fixed.seats);
                let share = ShareLine {
                    weight: self.weights[fixed.junior as usize],
                    weight_total: 0,
                    seats_to_share: 0,
                    seats,
                    why: Why::Override,
                };
                self.work[index].by_override += seats;
                self.give(index, vec![fixed.junior], share, Some(fixed.reason.clone()));
            }
        }
    }

    /// Writes a line and, where it has seats, the cell.
    fn give(&mut self, programme: usize, juniors: Vec<u32>, share: ShareLine, reason: Option<String>) {
        let work = &mut self.work[programme];
        work.left = work.left.saturating_sub(share.seats);
        work.placed += share.seats;
        if let [junior] = juniors[..] {
            self.held[junior as usize] += share.seats;
        }
        if share.seats > 0 {
            *self.cells.entry((programme, juniors.clone())).or_default() += share.seats;
        }
        self.work[programme].lines.push(ProofLine { juniors, share, reason });
    }

    fn give_direct(&mut self) {
        let Some(divisor) = self.rule.direct_divisor else { return };
        // Juniors with the same programmes open to them.
        let mut together: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for (index, junior) in self.juniors.iter().enumerate().filter(|(_, junior)| junior.direct) {
            let seats = direct_seats(junior.eligible, divisor);
            let open = |programme: &usize| self.work[*programme].open.binary_search(&index).is_ok();
            let programmes = (0..self.programmes.len()).filter(open).collect();
            self.direct.push(DirectSeats {
                junior: number(index),
                eligible: junior.eligible,
                divisor,
                seats,
            });
            together.entry(programmes).or_default().push(index);
        }
        for (programmes, juniors) in together {
            let rows: Vec<u64> =
                juniors.iter().map(|&junior| direct_seats(self.juniors[junior].eligible, divisor)).collect();
            let seats = rows.iter().sum();
            let quotas: Vec<u64> = programmes.iter().map(|&programme| self.work[programme].due).collect();
            let left: Vec<u64> = programmes.iter().map(|&programme| self.work[programme].left).collect();
            let terms = Terms { caps: Some(&left), ..Terms::default() };
            let columns = match apportion(Method::LargestRemainder, seats, &quotas, &terms) {
                Ok(columns) if columns.beyond_caps == 0 => columns.seats(),
                _ => {
                    let juniors = juniors.iter().map(|&junior| self.juniors[junior].code.clone()).collect();
                    self.breaches.push(QuotaBreach::DirectAboveQuota { juniors, seats });
                    continue;
                }
            };
            let cells = by_flow(&rows, &columns, None).expect("both margins have the same sum");
            for ((&junior, row), &direct) in juniors.iter().zip(&cells).zip(&rows) {
                for ((&programme, &seats_here), &column) in programmes.iter().zip(row).zip(&columns) {
                    if seats_here == 0 {
                        continue;
                    }
                    let share = ShareLine {
                        weight: direct,
                        weight_total: u128::from(seats),
                        seats_to_share: column,
                        seats: seats_here,
                        why: Why::Direct,
                    };
                    self.work[programme].direct.insert(junior, seats_here);
                    self.give(programme, vec![number(junior)], share, None);
                }
            }
        }
    }

    /// The lot order for one programme or group, as places in its own list of juniors.
    fn order(&mut self, open: &[usize]) -> Option<Vec<usize>> {
        match &mut self.lots {
            Lots::InOrder => None,
            Lots::Order(order) => {
                Some(order.iter().filter_map(|&junior| open.binary_search(&(junior as usize)).ok()).collect())
            }
            Lots::Drawn(random) => {
                // Fisher-Yates from the back.
                let mut order: Vec<usize> = (0..open.len()).collect();
                for last in (1..order.len()).rev() {
                    let pick = usize::try_from(random(last as u64 + 1)).unwrap_or(last).min(last);
                    order.swap(last, pick);
                }
                Some(order)
            }
        }
    }

    fn split_programme(&mut self, programme: usize) {
        let work = &mut self.work[programme];
        work.to_share = work.left;
        let open = work.open.clone();
        let weights: Vec<u64> = open.iter().map(|&junior| self.weights[junior]).collect();
        let pooled = self.pools(programme, &open, &weights);
        let (method, seats) = (self.rule.method, self.work[programme].left);
        let order = self.order(&open);
        // With a sum that may differ the pools' juniors stay in the total, so that the others'
        // shares stand as computed; otherwise the others share what the pools leave.
        let keep = method.sum_may_differ();
        let splits: Vec<u64> = weights
            .iter()
            .zip(&pooled)
            .map(|(&weight, &pooled)| if pooled && !keep { 0 } else { weight })
            .collect();
        let seats = if keep { self.work[programme].to_share } else { seats };
        let caps = self.caps(&open, |junior| self.work[programme].direct.get(&junior).copied().unwrap_or(0));
        let direct = &self.work[programme].direct;
        // A programme that shares no seats owes nobody a minimum.
        let lacks = |(junior, &pooled): (&usize, &bool)| match pooled || seats == 0 {
            true => 0,
            false => u64::from(self.rule.minimum).saturating_sub(direct.get(junior).copied().unwrap_or(0)),
        };
        let minimums: Vec<u64> = open.iter().zip(&pooled).map(lacks).collect();
        let terms = Terms {
            minimums: Some(&minimums),
            caps: caps.as_deref(),
            lots: order.as_deref(),
            ..Terms::default()
        };
        let split = match apportion(method, seats, &splits, &terms) {
            Ok(split) => split,
            // All are in pools: what their rounding leaves is no seat that nobody can take.
            Err(Impossible::NoWeight { .. }) if pooled.contains(&true) => return,
            Err(impossible) => {
                self.impossible(impossible, &[programme]);
                return;
            }
        };
        self.work[programme].unplaceable += split.beyond_caps;
        self.work[programme].divisor = split.divisor;
        for ((&junior, line), &pooled) in open.iter().zip(split.lines).zip(&pooled) {
            if !pooled {
                self.give(programme, vec![number(junior)], line, None);
            }
        }
    }

    /// Gives the pools of small juniors their seats (DP10) and says who is in one.
    fn pools(&mut self, programme: usize, open: &[usize], weights: &[u64]) -> Vec<bool> {
        let mut pooled = vec![false; open.len()];
        let Some(below) = self.rule.pool_below else { return pooled };
        let total: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
        let seats = self.work[programme].left;
        let mut areas: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        let least = u128::from(below.millionths().max(0).unsigned_abs());
        for (place, (&junior, &weight)) in open.iter().zip(weights).enumerate() {
            let share = u128::from(weight) * u128::from(seats);
            // Multiplied out, so that both sides stay whole.
            if weight > 0 && share * u128::from(MILLION) < least * total {
                pooled[place] = true;
                areas.entry(self.juniors[junior].area).or_default().push(place);
                let line = ShareLine {
                    weight,
                    weight_total: total,
                    seats_to_share: seats,
                    seats: 0,
                    why: Why::InPool,
                };
                self.give(programme, vec![number(junior)], line, None);
            }
        }
        for places in areas.into_values() {
            let weight = places.iter().map(|&place| weights[place]).sum();
            let mut line =
                ShareLine { weight, weight_total: total, seats_to_share: seats, seats: 0, why: Why::Pool };
            let half_up = (2 * line.share().numerator + total) / (2 * total);
            let eligible = places.iter().map(|&place| self.juniors[open[place]].eligible);
            let cap = if self.rule.cap == Cap::Eligible { eligible.sum() } else { u64::MAX };
            line.seats = u64::try_from(half_up).unwrap_or(u64::MAX).min(cap).min(self.work[programme].left);
            let members = places.iter().map(|&place| number(open[place])).collect();
            self.give(programme, members, line, None);
        }
        pooled
    }

    /// Caps after the seats a junior has already; none where the rule sets none.
    fn caps(&self, open: &[usize], has: impl Fn(usize) -> u64) -> Option<Vec<u64>> {
        let cap = |&junior: &usize| self.juniors[junior].eligible.saturating_sub(has(junior));
        (self.rule.cap == Cap::Eligible).then(|| open.iter().map(cap).collect())
    }

    fn impossible(&mut self, impossible: Impossible, programmes: &[usize]) {
        match impossible {
            // Nobody there to take them: reported, not refused.
            Impossible::NoWeight { .. } => {
                for &programme in programmes {
                    let work = &mut self.work[programme];
                    work.unplaceable += work.left;
                }
            }
            Impossible::Minimum { needed, seats } => {
                let needed = u64::try_from(needed).unwrap_or(u64::MAX);
                let programmes =
                    programmes.iter().map(|&programme| self.programmes[programme].code.clone()).collect();
                self.breaches.push(QuotaBreach::MinimumAboveSeats { programmes, needed, seats });
            }
            Impossible::NoLots => self.breaches.push(QuotaBreach::Rule(
                "method = \"integer_part_then_lots\" needs a lot order or a seed (DP9)",
            )),
        }
    }

    fn split_matrix(&mut self) {
        let mut groups: BTreeMap<(usize, Vec<usize>), Vec<usize>> = BTreeMap::new();
        for (index, work) in self.work.iter_mut().enumerate() {
            work.to_share = work.left;
            groups.entry((work.open.len(), work.open.clone())).or_default().push(index);
        }
        for ((_, open), programmes) in groups {
            self.split_group(&open, &programmes);
        }
    }

    /// The matrix of one group: row totals by Sainte-Lague, then the cells inside both margins.
    fn split_group(&mut self, open: &[usize], programmes: &[usize]) {
        let mut columns: Vec<u64> = programmes.iter().map(|&programme| self.work[programme].left).collect();
        let seats = columns.iter().sum();
        let weights: Vec<u64> = open.iter().map(|&junior| self.weights[junior]).collect();
        let order = self.order(open);
        let rows = match self.row_totals(open, &weights, seats, order.as_deref()) {
            Ok(rows) => rows,
            Err(impossible) => {
                self.impossible(impossible, programmes);
                return;
            }
        };
        if rows.beyond_caps > 0 {
            // What the juniors cannot take, the programmes keep, in proportion.
            let terms = Terms { caps: Some(&columns), ..Terms::default() };
            let taken = apportion(Method::LargestRemainder, rows.placed, &columns, &terms)
                .expect("fewer seats than the columns hold")
                .seats();
            for ((&programme, column), taken) in programmes.iter().zip(&mut columns).zip(taken) {
                self.work[programme].unplaceable += *column - taken;
                *column = taken;
            }
        }
        let totals = rows.seats();
        let cells = match (self.rule.matrix_rounding, &mut self.lots) {
            (MatrixRounding::Cycle, Lots::Drawn(random)) => by_cycles(&totals, &columns, &mut **random),
            (MatrixRounding::Biproportional, _) => {
                let matrix: Vec<Vec<u64>> =
                    weights.iter().map(|&weight| vec![weight; columns.len()]).collect();
                Ok(biproportional(&matrix, &totals, &columns)
                    .expect("every junior of the group is open to every programme"))
            }
            _ => by_flow(&totals, &columns, order.as_deref()),
        };
        let cells = cells.expect("the row totals share exactly what the columns give");
        let placed: u64 = totals.iter().sum();
        for (&junior, (row, &total)) in open.iter().zip(cells.iter().zip(&totals)) {
            for ((&programme, &seats), &column) in programmes.iter().zip(row).zip(&columns) {
                let mut line = ShareLine {
                    weight: total,
                    weight_total: u128::from(placed),
                    seats_to_share: column,
                    seats,
                    why: Why::Biproportional,
                };
                if self.rule.matrix_rounding != MatrixRounding::Biproportional {
                    line.why = match line.remainder() {
                        0 => Why::WholeOnly,
                        _ if u128::from(seats) > line.whole() => Why::MarginUp,
                        _ => Why::MarginDown,
                    };
                }
                self.give(programme, vec![number(junior)], line, None);
            }
        }
        let row = |(&junior, &share): (&usize, &ShareLine)| ProofLine {
            juniors: vec![number(junior)],
            share,
            reason: None,
        };
        self.groups.push(RowGroup {
            programmes: programmes.iter().map(|&programme| number(programme)).collect(),
            seats,
            divisor: rows.divisor,
            lines: open.iter().zip(&rows.lines).map(row).collect(),
        });
    }

    /// Row totals by Sainte-Lague; minimum and cap as far as the seats held do not fill them.
    fn row_totals(
        &self,
        open: &[usize],
        weights: &[u64],
        seats: u64,
        order: Option<&[usize]>,
    ) -> Result<Apportionment, Impossible> {
        let caps = self.caps(open, |junior| self.held[junior]);
        let minimum = u64::from(self.rule.minimum);
        let lacks = |&junior: &usize| minimum.saturating_sub(self.held[junior]);
        let minimums: Vec<u64> = open.iter().map(lacks).collect();
        let terms =
            Terms { minimums: Some(&minimums), caps: caps.as_deref(), lots: order, ..Terms::default() };
        apportion(Method::SainteLague, seats, weights, &terms)
    }

    fn finish(mut self) -> Result<QuotaPlan, Vec<QuotaBreach>> {
        for (programme, work) in self.programmes.iter().zip(&self.work) {
            let (placed, seats) = (work.placed, programme.seats);
            if placed > u64::from(seats) {
                let programme = programme.code.clone();
                self.breaches.push(QuotaBreach::AbovePlan { programme, placed, seats });
            }
        }
        let mut floor = FloorCheck::default();
        for (programme, work) in self.programmes.iter().zip(&self.work).filter(|(line, _)| line.high_quality)
        {
            floor.base += u64::from(programme.base);
            floor.due += work.due;
            floor.placed += work.placed;
            floor.unplaceable += work.unplaceable;
        }
        let FloorCheck { placed, unplaceable, base, .. } = floor;
        if self.breaches.is_empty() && !reaches_floor(placed + unplaceable, base) {
            self.breaches.push(QuotaBreach::AggregateBelowFloor { placed, unplaceable, base });
        }
        if !self.breaches.is_empty() {
            return Err(self.breaches);
        }
        let programme = |work: Work| ProgrammeQuota {
            due: work.due,
            by_override: work.by_override,
            direct: work.direct.values().sum(),
            to_share: work.to_share,
            placed: work.placed,
            unplaceable: work.unplaceable,
            divisor: work.divisor,
            lines: work.lines,
        };
        let cell = |((programme, juniors), seats): ((usize, Vec<u32>), u64)| QuotaCell {
            programme: number(programme),
            juniors,
            seats: u32::try_from(seats).expect("a cell is never above the plan of its programme"),
        };
        Ok(QuotaPlan {
            per_programme: self.work.into_iter().map(programme).collect(),
            groups: self.groups,
            direct: self.direct,
            cells: self.cells.into_iter().map(cell).collect(),
            floor,
        })
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("fewer than four thousand million schools")
}
