//! What chances told from past years would have been worth in a year that is over.

use std::ops::RangeInclusive;

use crate::domain::chance::{Chance, Margins};
use crate::domain::past_line::PastLine;
use crate::domain::published_quota::PublishedQuota;
use crate::domain::rank_band::RankBand;
use crate::domain::season::Season;
use crate::engine::admission_lines::Line;
use crate::engine::batch_placing::PlacedBatch;
use crate::engine::chances::{Distance, chance, distance, is_all_reaches, past_of};
use crate::engine::listing::{Applicant, ListTerms};
use crate::engine::merit_order::MeritOrder;
use crate::engine::season_run::SeasonRun;

/// Of the pairs told to be safe at least so many in a hundred cleared the line (`experience.md`, bar 17).
const SAFE_PERCENT: u64 = 90;
/// Of the pairs told to be a reach at most so many.
const REACH_PERCENT: u64 = 40;
/// Margins that are tried, in millionths: half a percent of the ranked apart, up to a half of them.
const STEP: i64 = 5_000;
const MOST_STEPS: i64 = 100;
/// How far from a margin its edge reaches.
const EDGE: i64 = 20_000;

/// A programme on a candidate's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// None where her rank or the programme's past is not known.
    pub distance: Option<Distance>,
    /// Whether there was a seat for her by merit.
    pub cleared: bool,
}

/// A list that a candidate filed and that was her turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastList {
    pub pairs: Vec<Pair>,
    /// Whether it brought her a place.
    pub placed: bool,
}

/// Pairs told to be of one chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub predicted: u64,
    pub cleared: u64,
}

/// How the words of some margins would have fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calibration {
    /// In the order of [`Chance::ALL`].
    pub told: [Told; 4],
    /// Lists that were warned of.
    pub warned: u64,
    /// Lists warned of that brought no place.
    pub warned_rightly: u64,
    /// Lists that brought no place.
    pub unplaced: u64,
}

impl Calibration {
    /// Of a chance.
    pub fn of(&self, chance: Chance) -> Told {
        self.told[chance as usize]
    }
}

/// Every list of the season's main batches that was its candidate's turn, measured by the past. Supplementary rounds
/// fill what is left: no past year tells of them.
///
/// # Complexity
/// O(choices log lines).
pub fn past_lists(season: &Season, run: &SeasonRun, past: &[PastLine]) -> Vec<PastList> {
    let order = MeritOrder::new(&run.totals);
    let published = run.quota.plan.as_ref().map(|plan| PublishedQuota::new(&plan.cells));
    let terms = ListTerms { policy: &season.policy, city: &season.city, quota: published.as_ref() };
    let mut lists = Vec::new();
    for batch in &run.batches {
        let at = batch.shape.batch;
        if season.policy.only_supplementary(&[at as u32]) {
            continue;
        }
        for candidate in 0..season.candidates.len() {
            let total = &run.totals[candidate];
            let admission = run.left.admissions[candidate];
            let rows = season.preferences.list(candidate, at);
            if rows.is_empty()
                || !total.record
                || admission.is_some_and(|admission| usize::from(admission.batch) < at)
            {
                continue;
            }
            let own = RankBand::of(order.rank(total.total()), order.ranked());
            let applicant = Applicant {
                area: season.candidates.area[candidate],
                junior: season.candidates.junior[candidate],
                refusals: run.refusals.get(candidate).copied().unwrap_or_default(),
            };
            let junior = season.city.juniors.get(applicant.junior as usize).map_or("", |school| &school.code);
            let pairs = rows.map(|row| {
                let programme = season.preferences.programme[row];
                let kinds = terms.kinds_open_to(&applicant, &[at as u32], programme);
                let code = &season.city.programmes[programme as usize].code;
                Pair {
                    distance: own.and_then(|own| distance(own, past_of(past, code, junior, &kinds))),
                    cleared: has_cleared(batch, candidate, programme),
                }
            });
            let placed = admission.is_some_and(|admission| usize::from(admission.batch) == at);
            lists.push(PastList { pairs: pairs.collect(), placed });
        }
    }
    lists
}

/// Whether a programme had a seat for a candidate on the merit of her key there: one was left, or her key was no worse
/// than the last holder's.
fn has_cleared(batch: &PlacedBatch, candidate: usize, programme: u32) -> bool {
    let market = &batch.shape.market;
    let student = batch.shape.student_of[candidate];
    let local = batch.shape.programme_of[programme as usize];
    let entry = batch.shape.candidates.get(student as usize).and_then(|_| market.entry(student, local));
    let Some(entry) = entry else { return false };
    let application = market.applications[entry];
    let clears = |line: &Line| {
        line.seats > 0
            && line.binding().is_none_or(|last| {
                market
                    .entry(last, local)
                    .is_some_and(|other| market.key(student, entry) >= market.key(last, other))
            })
    };
    let cell = market.claimed_cell(student, application);
    application.open() && clears(&batch.lines.open[local as usize])
        || cell.is_some_and(|cell| clears(&batch.lines.quota[cell as usize]))
        || application.pool() && clears(&batch.lines.pool[local as usize])
}

/// Counts what the words of these margins would have been worth.
pub fn calibration(lists: &[PastList], margins: Margins) -> Calibration {
    let mut counts = Calibration::default();
    for list in lists {
        let told: Vec<Chance> = list.pairs.iter().map(|pair| chance(pair.distance, margins)).collect();
        for (pair, chance) in list.pairs.iter().zip(&told) {
            let count = &mut counts.told[*chance as usize];
            count.predicted += 1;
            count.cleared += u64::from(pair.cleared);
        }
        let warned = is_all_reaches(&told);
        counts.warned += u64::from(warned);
        counts.warned_rightly += u64::from(warned && !list.placed);
        counts.unplaced += u64::from(!list.placed);
    }
    counts
}

/// The narrowest margins whose words would have held, over all and at their edge: who is only just called safe must be
/// so as well. None where no margin would.
///
/// # Complexity
/// O(pairs x margins tried).
pub fn fitted(lists: &[PastList]) -> Option<Margins> {
    let pairs: Vec<(Distance, bool)> = lists
        .iter()
        .flat_map(|list| &list.pairs)
        .filter_map(|pair| Some((pair.distance?, pair.cleared)))
        .collect();
    let counted = |side: fn(&Distance) -> i64, range: RangeInclusive<i64>| {
        let within = pairs.iter().filter(|(distance, _)| range.contains(&side(distance)));
        within.fold(Told::default(), |told, (_, cleared)| Told {
            predicted: told.predicted + 1,
            cleared: told.cleared + u64::from(*cleared),
        })
    };
    let narrowest = |side: fn(&Distance) -> i64, first: i64, holds: fn(Told) -> bool| {
        (0..=MOST_STEPS).map(|step| step * STEP).find(|margin| {
            let from = margin + first;
            let all = counted(side, from..=i64::MAX);
            all.predicted > 0 && holds(all) && holds(counted(side, from..=from + EDGE))
        })
    };
    Some(Margins {
        safe: narrowest(
            |distance| distance.above_all,
            0,
            |told| told.cleared * 100 >= told.predicted * SAFE_PERCENT,
        )?,
        reach: narrowest(
            |distance| distance.below_all,
            1,
            |told| told.cleared * 100 <= told.predicted * REACH_PERCENT,
        )?,
    })
}
