//! A whole season: totals, order, eligibility, quota, then batch by batch, checked as it goes.

use rayon::prelude::*;

use crate::domain::eligibility::Refusals;
use crate::domain::progress::Progress;
use crate::domain::season::Season;
use crate::engine::admission_lines::lines;
use crate::engine::batch_placing::{Basis, Left, PlacedBatch, batch_market, take};
use crate::engine::choice::seats;
use crate::engine::draw::{Lots, Seed, list_hash, seed_of};
use crate::engine::eligibility::refusals;
use crate::engine::ranking::ranks;
use crate::engine::season_quota::{SeasonQuota, season_quota};
use crate::engine::totals::{Total, totals};
use crate::engine::{cutoffs, deferred_acceptance, season_check, verification};

/// Everything a season's run computes.
pub struct SeasonRun {
    pub list_hash: [u8; 32],
    pub seed: Seed,
    pub totals: Vec<Total>,
    pub lots: Vec<u64>,
    pub ranks: Vec<u32>,
    pub refusals: Vec<Refusals>,
    pub quota: SeasonQuota,
    pub batches: Vec<PlacedBatch>,
    pub left: Left,
}

impl SeasonRun {
    /// What batches and reasons are read from.
    pub fn basis<'s>(&'s self, season: &'s Season) -> Basis<'s> {
        Basis {
            season,
            totals: &self.totals,
            ranks: &self.ranks,
            refusals: &self.refusals,
            quota: &self.quota,
        }
    }
}

/// Runs a season. The result depends on the season alone: not on threads, time or row order.
///
/// # Errors
/// Every breach, one sentence each: a rule that refuses the policy (60 % floor), or a result that
/// the second engine, the checker or the hard rules do not confirm. Nothing may be published then.
pub fn run_season(season: &Season, progress: &dyn Progress) -> Result<SeasonRun, Vec<String>> {
    let candidates = season.candidates.len();
    progress.stage("lots", candidates as u64);
    let numbers: Vec<&str> = (0..candidates).map(|at| season.candidates.exam_no.get(at)).collect();
    let list_hash = list_hash(&numbers).map_err(|_| vec!["an exam number stands twice".to_owned()])?;
    drop(numbers);
    let parts: Vec<Vec<u8>> = season.policy.lot.parts.iter().map(|part| part.clone().into_bytes()).collect();
    let seed = seed_of(list_hash, &parts);
    let lots: Vec<u64> = (0..candidates)
        .into_par_iter()
        .with_min_len(1 << 10)
        .map_init(
            || Lots::new(seed, season.policy.lot.round),
            |lots, at| lots.of(season.candidates.exam_no.get(at)),
        )
        .collect();
    progress.stage("totals and order", candidates as u64);
    let totals = totals(season);
    let ranks = ranks(season, &totals, &lots);
    progress.stage("eligibility and quota", candidates as u64);
    let refusals = refusals(season);
    let quota = season_quota(season, &refusals, seed)
        .map_err(|breaches| breaches.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let left = Left::whole(season, &quota);
    let mut run =
        SeasonRun { list_hash, seed, totals, lots, ranks, refusals, quota, batches: Vec::new(), left };
    for batch in 0..season.policy.batches.len() {
        place_batch(season, &mut run, batch, progress)?;
    }
    progress.stage("hard rules", candidates as u64);
    let breaches =
        season_check::breaches(season, &run.totals, &run.refusals, &run.quota, &run.left.admissions);
    if breaches.is_empty() { Ok(run) } else { Err(breaches) }
}

fn place_batch(
    season: &Season,
    run: &mut SeasonRun,
    batch: usize,
    progress: &dyn Progress,
) -> Result<(), Vec<String>> {
    let code = &season.policy.batches[batch].code;
    progress.stage("market of the batch", season.preferences.batch.len() as u64);
    let shape = batch_market(&run.basis(season), &run.left, batch)
        .map_err(|_| vec![format!("batch {code}: more than 65,534 bands and positions")])?;
    let market = &shape.market;
    progress.stage("first engine: deferred acceptance", market.students() as u64);
    let placed = deferred_acceptance::place(market);
    progress.stage("second engine: cut-offs", market.students() as u64);
    let second = cutoffs::place(market);
    progress.stage("checker", market.students() as u64);
    let seats = seats(market, &placed);
    let mut wrong: Vec<String> = verification::breaches(market, &placed, &seats)
        .into_iter()
        .map(|breach| {
            let who = breach.student.map_or("", |student| {
                season.candidates.exam_no.get(shape.candidates[student as usize] as usize)
            });
            format!("batch {code}: checker: {who} {}", breach.what)
        })
        .collect();
    if second != placed {
        wrong.push(format!("batch {code}: the two engines disagree"));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let lines = lines(market, &placed, &seats);
    let placed = PlacedBatch { shape, placed, seats, lines };
    let mut left = std::mem::take(&mut run.left);
    take(&run.basis(season), &mut left, &placed);
    run.left = left;
    run.batches.push(placed);
    Ok(())
}
