//! Figures printed in public notices.

use std::collections::BTreeMap;

use zhaosheng::domain::quota::Method;
use zhaosheng::engine::quota_plan::{direct_seats, seats_due};

use crate::files::{points, seats, shared};

/// Rows of a CSV as maps from column to value.
fn rows(below: &str) -> Vec<BTreeMap<String, String>> {
    let Some(path) = shared(below) else { return Vec::new() };
    csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> u64 {
    row[column].parse().unwrap()
}

#[test]
fn w5_guangzhou_stands_within_one_seat_of_its_shares_in_every_district() {
    let rows = rows("data/guangzhou_2026_quota.csv");
    let mut districts: BTreeMap<&str, Vec<&BTreeMap<String, String>>> = BTreeMap::new();
    for row in &rows {
        districts.entry(&row["district"]).or_default().push(row);
    }
    let (mut equal, mut all) = (0, 0);
    for (district, rows) in &districts {
        let weights: Vec<u64> = rows.iter().map(|row| number(row, "eligible")).collect();
        for column in ["pc", "d"] {
            let base = |row: &&BTreeMap<String, String>| {
                let direct = number(row, &format!("{column}_direct_inferred"));
                number(row, &format!("{column}_published")) - direct
            };
            let published: Vec<u64> = rows.iter().map(base).collect();
            let pool: u64 = published.iter().sum();
            let total: u64 = weights.iter().sum();
            let ours = seats(Method::LargestRemainder, pool, &weights, 0);
            for ((&published, &ours), &weight) in published.iter().zip(&ours).zip(&weights) {
                assert!((published * total).abs_diff(weight * pool) < total, "{district} {column}");
                assert!(published.abs_diff(ours) <= 1, "{district} {column}");
                equal += usize::from(published == ours);
                all += 1;
            }
        }
    }
    assert!(equal * 10 >= all * 8, "{equal} of {all} equal");
}

#[test]
fn guangzhou_direct_seats_are_a_thirtieth() {
    let inferred = |row: &BTreeMap<String, String>| number(row, "d_direct_inferred");
    let rows = rows("data/guangzhou_2026_quota.csv");
    let direct: Vec<_> = rows.iter().filter(|row| inferred(row) > 0).collect();
    assert!(direct.iter().all(|row| direct_seats(number(row, "eligible"), 30) == inferred(row)));
}

#[test]
fn chengdu_rounds_half_of_the_unified_plan_up() {
    let rows = rows("data/chengdu_2023_plans_cutoffs.csv");
    if rows.is_empty() {
        return;
    }
    let plans: Vec<(u64, u64)> = rows
        .iter()
        .filter(|row| row["公办民办"] == "公办" && number(row, "指标到校") > 0)
        .map(|row| (number(row, "5+2区域统招"), number(row, "指标到校")))
        .collect();
    let due = |plan: u64| seats_due(points("0.5"), u32::try_from(plan).unwrap());
    let exact = plans.iter().filter(|&&(plan, quota)| due(plan) == quota).count();
    assert_eq!((plans.len(), exact), (45, 38));
    // Every odd plan whose quota is about a half was rounded up.
    let odd = plans.iter().filter(|(plan, quota)| plan % 2 == 1 && (2 * quota).abs_diff(*plan) <= 1);
    let odd: Vec<_> = odd.collect();
    assert!(odd.len() >= 15);
    assert!(odd.iter().all(|(plan, quota)| due(*plan) == *quota));
}

#[test]
fn shenzhen_half_up_stands_even_when_the_sum_differs() {
    // Five equal schools and two seats: 0.4 each, nobody gets one; three seats: 0.6, all do.
    assert_eq!(seats(Method::HalfUp, 2, &[7; 5], 0), [0; 5]);
    assert_eq!(seats(Method::HalfUp, 3, &[7; 5], 0), [1; 5]);
    assert_eq!(seats(Method::HalfUp, 1, &[1, 1], 0), [1, 1]);
}

#[test]
fn gaochun_gives_seventy_percent_of_810() {
    let quota = [57, 62, 113, 41, 20, 23, 43, 39, 51, 93, 25];
    assert_eq!(seats_due(points("0.7"), 810), quota.iter().sum::<u64>());
}
