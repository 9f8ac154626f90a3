//! The quota of a whole season: what the apportionment needs, read off the season.

use crate::domain::eligibility::Refusals;
use crate::domain::market::NONE;
use crate::domain::points::Points;
use crate::domain::quota::{
    JuniorLine, MatrixRounding, Method, Per, ProgrammeLine, QuotaBreach, QuotaPlan, SeatOverride,
};
use crate::domain::season::Season;
use crate::engine::draw::{Seed, lot};
use crate::engine::quota_plan::{Lots, plan};

/// The lines of the apportionment and its plan.
#[derive(Clone, Debug, Default)]
pub struct SeasonQuota {
    pub juniors: Vec<JuniorLine>,
    pub programmes: Vec<ProgrammeLine>,
    /// Absent where the season has no quota table.
    pub plan: Option<QuotaPlan>,
}

impl SeasonQuota {
    /// The cells of a programme, as indices into the plan's cells.
    pub fn cells_of(&self, programme: u32) -> std::ops::Range<usize> {
        let cells = self.plan.as_ref().map_or(&[][..], |plan| &plan.cells);
        let from = cells.partition_point(|cell| cell.programme < programme);
        from..from + cells[from..].partition_point(|cell| cell.programme == programme)
    }
}

/// Apportions the season's quota seats (DP1-DP12). `refusals` says who counts as eligible; the seed
/// decides only where the rule asks for lots or for random cycles.
///
/// # Errors
/// Every breach of the rule, the 60 % floor of SX22 6.2 among them.
pub fn season_quota(
    season: &Season,
    refusals: &[Refusals],
    seed: Seed,
) -> Result<SeasonQuota, Vec<QuotaBreach>> {
    let Some(rule) = &season.policy.quota else { return Ok(SeasonQuota::default()) };
    let city = &season.city;
    let mut eligible = vec![0u64; city.juniors.len()];
    let mut graduates = vec![0u64; city.juniors.len()];
    for (refusals, &junior) in refusals.iter().zip(&season.candidates.junior) {
        if junior != NONE {
            graduates[junior as usize] += 1;
            eligible[junior as usize] += u64::from(refusals.eligible());
        }
    }
    let juniors: Vec<JuniorLine> = city
        .juniors
        .iter()
        .zip(eligible.iter().zip(&graduates))
        .map(|(school, (&eligible, &counted))| JuniorLine {
            code: school.code.clone(),
            area: school.area,
            eligible,
            graduates: school.graduates.unwrap_or(counted),
            intake: school.intake.unwrap_or(0),
            factor: school.factor.unwrap_or(Points::whole(1)),
            direct: school.direct,
        })
        .collect();
    let programmes: Vec<ProgrammeLine> = (0..)
        .zip(&city.programmes)
        .map(|(index, programme)| {
            let high_quality = city.seniors[programme.school as usize].high_quality;
            let share = programme.quota_share.unwrap_or(if high_quality { rule.share } else { Points::ZERO });
            let fixed = city.overrides.iter().filter(|fixed| fixed.programme == index);
            ProgrammeLine {
                code: programme.code.clone(),
                seats: programme.seats,
                base: programme.quota_base.unwrap_or(programme.seats),
                share,
                high_quality,
                scope: programme.scope.clone(),
                overrides: fixed
                    .map(|fixed| SeatOverride {
                        junior: fixed.junior,
                        seats: fixed.seats,
                        reason: fixed.reason.clone(),
                    })
                    .collect(),
            }
        })
        .collect();
    // A fair number below a bound, addressed by its turn: the next turn where the last few values
    // would not be fair.
    let mut turn = 0u64;
    let mut draw = |bound: u64| loop {
        let number = lot(seed, season.policy.lot.round, &format!("quota/{turn}"));
        turn += 1;
        if number < u64::MAX - u64::MAX % bound.max(1) {
            return number % bound.max(1);
        }
    };
    // Chance enters only where the rule asks for it; ties go by code.
    let chance = rule.method == Method::IntegerPartThenLots
        || (rule.per == Per::Matrix && rule.matrix_rounding == MatrixRounding::Cycle);
    let lots = if chance { Lots::Drawn(&mut draw) } else { Lots::InOrder };
    let plan = plan(&juniors, &programmes, rule, lots)?;
    Ok(SeasonQuota { plan: Some(plan), juniors, programmes })
}
