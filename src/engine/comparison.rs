//! What a rule costs: the same lists under two policies, candidate by candidate.
//!
//! `mechanism.md` section 3: a centre should see what its rule costs (batches that lock people in,
//! bands that punish honest lists).

use std::collections::BTreeMap;

use crate::domain::policy::SeatKinds;
use crate::domain::season::Season;
use crate::domain::seat::Seat;
use crate::engine::batch_placing::Admission;
use crate::engine::season_run::SeasonRun;
use crate::engine::totals::Scorer;

/// Where somebody stands under a policy: a programme of the city, or nowhere.
pub type Place = Option<u32>;

/// How one candidate fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub candidate: u32,
    pub from: Place,
    pub to: Place,
}

/// Costs of one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    pub admitted: u64,
    pub empty_seats: u64,
    /// Candidates who rather had a seat that somebody behind them in the order of merit holds, given
    /// in a batch in which they asked for it, of a kind they could have claimed (justified envy).
    pub envious: u64,
    /// The pairs: each envious candidate, each holder behind her at a programme she prefers.
    pub envy_pairs: u64,
}

/// Two runs side by side.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Better off under the second policy, by the lists filed.
    pub gain: Vec<Change>,
    pub lose: Vec<Change>,
    pub first: Cost,
    pub second: Cost,
}

/// Compares two runs over the same sheets. Both seasons hold the same candidates and programmes.
///
/// # Complexity
/// O(total list length x log holders).
pub fn compare(first: (&Season, &SeasonRun), second: (&Season, &SeasonRun)) -> Comparison {
    let mut comparison = Comparison {
        first: cost(first.0, first.1),
        second: cost(second.0, second.1),
        ..Comparison::default()
    };
    for candidate in 0..first.0.candidates.len() {
        let wishes = wishes(first.0, candidate);
        let from = place(&first.1.left.admissions[candidate]);
        let to = place(&second.1.left.admissions[candidate]);
        let worth = |place: Place| {
            place.map_or(usize::MAX, |programme| {
                wishes.iter().position(|&wish| wish == programme).unwrap_or(usize::MAX - 1)
            })
        };
        let change = Change { candidate: candidate as u32, from, to };
        match worth(to).cmp(&worth(from)) {
            std::cmp::Ordering::Less => comparison.gain.push(change),
            std::cmp::Ordering::Greater => comparison.lose.push(change),
            std::cmp::Ordering::Equal => {}
        }
    }
    comparison
}

fn place(admission: &Option<Admission>) -> Place {
    admission.map(|admission| admission.programme)
}

/// The programmes a candidate asked for, in the order of batches and positions, each once.
fn wishes(season: &Season, candidate: usize) -> Vec<u32> {
    let mut wishes: Vec<u32> = Vec::new();
    for row in season.preferences.rows(candidate) {
        let programme = season.preferences.programme[row];
        if !wishes.contains(&programme) {
            wishes.push(programme);
        }
    }
    wishes
}

/// The places in the order of merit of those who hold a kind of seat, sorted, by batch and programme.
#[derive(Default)]
struct Holders {
    open: BTreeMap<(u8, u32), Vec<u32>>,
    pool: BTreeMap<(u8, u32), Vec<u32>>,
    /// By junior high too.
    quota: BTreeMap<(u8, u32, u32), Vec<u32>>,
}

impl Holders {
    fn of(season: &Season, run: &SeasonRun) -> Holders {
        let mut holders = Holders::default();
        for (candidate, admission) in run.left.admissions.iter().enumerate() {
            let Some(Admission { batch, programme, seat, .. }) = *admission else { continue };
            let ranks = match seat {
                Seat::Open => holders.open.entry((batch, programme)).or_default(),
                Seat::Pool => holders.pool.entry((batch, programme)).or_default(),
                Seat::Quota => {
                    let junior = season.candidates.junior[candidate];
                    holders.quota.entry((batch, programme, junior)).or_default()
                }
            };
            ranks.push(run.ranks[candidate]);
        }
        holders.open.values_mut().for_each(|ranks| ranks.sort_unstable());
        holders.pool.values_mut().for_each(|ranks| ranks.sort_unstable());
        holders.quota.values_mut().for_each(|ranks| ranks.sort_unstable());
        holders
    }
}

fn cost(season: &Season, run: &SeasonRun) -> Cost {
    let holders = Holders::of(season, run);
    let mut cost = Cost {
        admitted: run.left.admissions.iter().flatten().count() as u64,
        empty_seats: run.left.seats.iter().map(|&seats| u64::from(seats)).sum(),
        ..Cost::default()
    };
    let basis = run.basis(season);
    let scorer = Scorer::new(&season.policy);
    for candidate in 0..season.candidates.len() {
        let rank = run.ranks[candidate];
        let total = run.totals[candidate].total();
        let junior = season.candidates.junior[candidate];
        let own = place(&run.left.admissions[candidate]);
        let wishes = wishes(season, candidate);
        let better = wishes.iter().position(|&wish| Some(wish) == own).unwrap_or(wishes.len());
        let behind = |ranks: Option<&Vec<u32>>| {
            ranks.map_or(0, |ranks| (ranks.len() - ranks.partition_point(|&other| other < rank)) as u64)
        };
        let mut pairs = 0;
        for row in season.preferences.rows(candidate) {
            let (batch, wish) = (season.preferences.batch[row], season.preferences.programme[row]);
            let rule = &season.policy.batches[usize::from(batch)];
            if !wishes[..better].contains(&wish) || basis.missed_gate(&scorer, rule, candidate).is_some() {
                continue;
            }
            let programme = &season.city.programmes[wish as usize];
            let in_scope = basis.in_scope(wish, candidate);
            let near = in_scope || season.city.overridden(wish, junior);
            let eligible = basis.eligible(candidate) && programme.gate_quota.is_none_or(|gate| total >= gate);
            if in_scope && programme.gate_open.is_none_or(|gate| total >= gate) {
                pairs += behind(holders.open.get(&(batch, wish)));
            }
            if eligible && (in_scope || near && rule.seats == SeatKinds::Integrated) {
                pairs += behind(holders.pool.get(&(batch, wish)));
            }
            if eligible && near {
                pairs += behind(holders.quota.get(&(batch, wish, junior)));
            }
        }
        cost.envious += u64::from(pairs > 0);
        cost.envy_pairs += pairs;
    }
    cost
}
