//! The hard rules that no policy switches off, checked on the finished season (`mechanism.md` 3).
//!
//! It looks only at the season and at who was admitted where, not at markets or engines.

use crate::domain::eligibility::Refusals;
use crate::domain::market::NONE;
use crate::domain::quota::FLOOR_SHARE;
use crate::domain::season::Season;
use crate::domain::seat::Seat;
use crate::engine::batch_placing::Admission;
use crate::engine::season_quota::SeasonQuota;
use crate::engine::totals::Total;

/// Every breach in words; empty when the season may be published.
///
/// # Complexity
/// O(candidates x their list + programmes).
pub fn breaches(
    season: &Season,
    totals: &[Total],
    refusals: &[Refusals],
    quota: &SeasonQuota,
    admissions: &[Option<Admission>],
) -> Vec<String> {
    let mut found = Vec::new();
    if admissions.len() != season.candidates.len() {
        found.push("not every candidate is accounted for".to_owned());
    }
    let mut admitted = vec![0u32; season.city.programmes.len()];
    for (candidate, admission) in admissions.iter().enumerate() {
        let Some(admission) = admission else { continue };
        admitted[admission.programme as usize] += 1;
        let exam_no = season.candidates.exam_no.get(candidate);
        let programme = &season.city.programmes[admission.programme as usize];
        let mut say = |rule: &str| found.push(format!("{exam_no} at {}: {rule}", programme.code));
        if !totals[candidate].record {
            say("admitted without a record of this year's exam (SX22 6.6)");
        }
        let batch = &season.policy.batches[usize::from(admission.batch)];
        let filed = season.preferences.rows(candidate).any(|row| {
            season.preferences.batch[row] == admission.batch
                && season.preferences.position[row] == admission.position
                && season.preferences.programme[row] == admission.programme
        });
        if !filed {
            say("admitted without having filed it on line (SX22 6.6)");
        }
        let area = season.candidates.area[candidate];
        let code = &season.city.areas[area as usize].code;
        let line = batch.control_line_by_area.get(code).unwrap_or(&batch.control_line);
        if totals[candidate].without_bonus + totals[candidate].bonus < *line {
            say("admitted below the control line (SX22 6.8)");
        }
        let junior = season.candidates.junior[candidate];
        let named = admission.seat == Seat::Quota
            && season
                .city
                .overrides
                .iter()
                .any(|fixed| fixed.programme == admission.programme && fixed.junior == junior);
        if !programme.scope.contains(&area) && !named {
            say("admitted out of scope (SX22 6.1)");
        }
        if admission.seat != Seat::Open && !refusals.get(candidate).is_some_and(|all| all.eligible()) {
            say("on a quota seat without being eligible (SX22 6.2)");
        }
    }
    for (programme, &number) in season.city.programmes.iter().zip(&admitted) {
        if number > programme.seats {
            found.push(format!("programme {}: {number} admitted, plan {}", programme.code, programme.seats));
        }
    }
    check_cells(season, quota, admissions, &mut found);
    check_floor(season, quota, &mut found);
    found
}

/// Nobody's quota seat beyond her junior high's cell.
fn check_cells(
    season: &Season,
    quota: &SeasonQuota,
    admissions: &[Option<Admission>],
    found: &mut Vec<String>,
) {
    let Some(plan) = &quota.plan else { return };
    let mut used = std::collections::BTreeMap::new();
    for (admission, &junior) in admissions.iter().zip(&season.candidates.junior) {
        if let Some(Admission { seat: Seat::Quota, programme, .. }) = admission {
            *used.entry((*programme, junior)).or_insert(0u32) += 1;
        }
    }
    for cell in &plan.cells {
        let taken: u32 =
            cell.juniors.iter().filter_map(|&junior| used.remove(&(cell.programme, junior))).sum();
        if taken > cell.seats {
            let code = &season.city.programmes[cell.programme as usize].code;
            found.push(format!("programme {code}: {taken} on a quota cell of {} seats", cell.seats));
        }
    }
    for ((programme, junior), number) in used {
        let code = &season.city.programmes[programme as usize].code;
        let junior = if junior == NONE { "" } else { season.city.juniors[junior as usize].code.as_str() };
        found.push(format!("programme {code}: {number} on quota seats of {junior}, which has none"));
    }
}

/// SX22 6.2 once more, from the cells: due seats of every high-quality programme reach 60 %.
fn check_floor(season: &Season, quota: &SeasonQuota, found: &mut Vec<String>) {
    let Some(plan) = &quota.plan else { return };
    for (index, programme) in (0u32..).zip(&season.city.programmes) {
        if !season.city.seniors[programme.school as usize].high_quality {
            continue;
        }
        let cells = &plan.cells[quota.cells_of(index)];
        let placed: u64 = cells.iter().map(|cell| u64::from(cell.seats)).sum();
        let unplaceable = plan.per_programme[index as usize].unplaceable;
        let base = u64::from(programme.quota_base.unwrap_or(programme.seats));
        let floor = u128::from(FLOOR_SHARE.millionths().unsigned_abs());
        let free_sum = season.policy.quota.as_ref().is_some_and(|rule| rule.method.sum_may_differ());
        if !free_sum && u128::from(placed + unplaceable) * 1_000_000 < floor * u128::from(base) {
            found.push(format!(
                "programme {}: {placed} quota seats of {base} are below 60 % (SX22 6.2)",
                programme.code
            ));
        }
    }
}
