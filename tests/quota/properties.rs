//! What must hold for any input.

use proptest::collection::vec;
use proptest::prelude::*;
use zhaosheng::domain::quota::Method;
use zhaosheng::engine::apportionment::{Terms, apportion};
use zhaosheng::engine::biproportional::biproportional;
use zhaosheng::engine::controlled_rounding::{by_cycles, by_flow};

use crate::files::{chance, seats};

const EXACT: [Method; 3] = [Method::LargestRemainder, Method::SainteLague, Method::Dhondt];

fn weights() -> impl Strategy<Value = Vec<u64>> {
    vec(prop_oneof![0..4_u64, 0..1000_u64, 0..1_u64 << 53], 1..30)
        .prop_filter("some weight", |weights| weights.iter().any(|&weight| weight > 0))
}

/// Two margins with the same sum: one list of seats, each with its row and column.
fn margins() -> impl Strategy<Value = (Vec<u64>, Vec<u64>)> {
    (1..12_usize, 1..9_usize, vec((0..1000_usize, 0..1000_usize, 1..6_u64), 0..60)).prop_map(
        |(height, width, seats)| {
            let (mut rows, mut columns) = (vec![0; height], vec![0; width]);
            for (row, column, seats) in seats {
                // Squared, so that large and small lines stand side by side.
                rows[row * row % height] += seats;
                columns[column % width] += seats;
            }
            (rows, columns)
        },
    )
}

fn assert_controlled(cells: &[Vec<u64>], rows: &[u64], columns: &[u64]) {
    let sum: u64 = rows.iter().sum();
    for (row, &total) in cells.iter().zip(rows) {
        assert_eq!(row.iter().sum::<u64>(), total);
        for (&cell, &column) in row.iter().zip(columns) {
            assert!(sum == 0 || (cell * sum).abs_diff(total * column) < sum);
        }
    }
    for (column, &total) in columns.iter().enumerate() {
        assert_eq!(cells.iter().map(|row| row[column]).sum::<u64>(), total);
    }
}

/// The sum of the remainders of all cells rounded up, in parts of the sum of the margins.
fn preference(cells: &[Vec<u64>], rows: &[u64], columns: &[u64]) -> u64 {
    let sum: u64 = rows.iter().sum::<u64>().max(1);
    let part = |row: usize, column: usize| {
        let product = rows[row] * columns[column];
        if cells[row][column] > product / sum { product % sum } else { 0 }
    };
    (0..rows.len()).map(|row| (0..columns.len()).map(|column| part(row, column)).sum::<u64>()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn all_seats_are_given(weights in weights(), pool in 0..5000_u64) {
        for method in EXACT {
            prop_assert_eq!(seats(method, pool, &weights, 0).iter().sum::<u64>(), pool);
        }
    }

    #[test]
    fn largest_remainder_stays_within_one_of_the_share(weights in weights(), pool in 0..5000_u64) {
        for line in apportion(Method::LargestRemainder, pool, &weights, &Terms::default()).unwrap().lines {
            prop_assert!(u128::from(line.seats) == line.whole()
                || (u128::from(line.seats) == line.whole() + 1 && line.remainder() > 0));
        }
    }

    #[test]
    fn minimum_and_caps_are_kept_and_seats_stay_over_only_when_all_are_full(
        weights in weights(), minimum in 0..4_u64, slack in 0..300_u64, caps in vec(0..40_u64, 30),
    ) {
        let caps = &caps[..weights.len()];
        let positive = || weights.iter().zip(caps).filter(|(weight, _)| **weight > 0);
        let pool = positive().map(|(_, &cap)| minimum.min(cap)).sum::<u64>() + slack;
        let room: u64 = positive().map(|(_, cap)| cap).sum();
        for method in EXACT {
            let terms = Terms { minimum, caps: Some(caps), ..Terms::default() };
            let shared = apportion(method, pool, &weights, &terms).unwrap();
            prop_assert_eq!(shared.placed, pool.min(room));
            prop_assert_eq!(shared.beyond_caps, pool.saturating_sub(room));
            for ((line, &weight), &cap) in shared.lines.iter().zip(&weights).zip(caps) {
                let low = if weight == 0 { 0 } else { minimum.min(cap) };
                let high = if weight == 0 { 0 } else { cap };
                prop_assert!(line.seats >= low && line.seats <= high);
            }
        }
    }

    #[test]
    fn a_heavier_junior_never_gets_less(weights in weights(), pool in 0..500_u64) {
        for method in EXACT {
            let given = seats(method, pool, &weights, 0);
            for one in 0..weights.len() {
                for other in 0..weights.len() {
                    prop_assert!(weights[one] <= weights[other] || given[one] >= given[other]);
                }
            }
        }
    }

    #[test]
    fn a_larger_pool_never_takes_a_seat_away_by_sainte_lague(
        weights in weights(), pool in 0..2000_u64, caps in vec(70..90_u64, 30),
    ) {
        let terms = Terms { caps: Some(&caps[..weights.len()]), ..Terms::default() };
        let share = |pool| apportion(Method::SainteLague, pool, &weights, &terms).unwrap().seats();
        prop_assert!(share(pool).iter().zip(share(pool + 1)).all(|(&before, after)| after >= before));
    }

    #[test]
    fn sainte_lague_keeps_the_divisor_it_names(weights in weights(), pool in 1..3000_u64) {
        let weights: Vec<u64> = weights.into_iter().map(|weight| weight % 100_000).collect();
        prop_assume!(weights.iter().any(|&weight| weight > 0));
        let shared = apportion(Method::SainteLague, pool, &weights, &Terms::default()).unwrap();
        let divisor = shared.divisor.unwrap();
        for line in &shared.lines {
            // |weight - seats x divisor| is at most half a divisor.
            let weight = u128::from(line.weight) * divisor.denominator;
            prop_assert!(2 * weight.abs_diff(u128::from(line.seats) * divisor.numerator) <= divisor.numerator);
        }
    }

    #[test]
    fn controlled_rounding_keeps_both_margins_and_every_cell_floor_or_ceiling(
        (rows, columns) in margins(), seed in any::<u64>(),
    ) {
        let flow = by_flow(&rows, &columns, None).unwrap();
        let cycles = by_cycles(&rows, &columns, chance(seed)).unwrap();
        assert_controlled(&flow, &rows, &columns);
        assert_controlled(&cycles, &rows, &columns);
        prop_assert!(preference(&flow, &rows, &columns) >= preference(&cycles, &rows, &columns));
    }

    #[test]
    fn flow_finds_the_best_rounding_of_small_matrices((rows, columns) in margins()) {
        prop_assume!(rows.len() * columns.len() <= 12);
        let sum: u64 = rows.iter().sum::<u64>().max(1);
        let ours = preference(&by_flow(&rows, &columns, None).unwrap(), &rows, &columns);
        let cells = rows.len() * columns.len();
        for choice in 0..1_u32 << cells {
            let up = |row: usize, column: usize| u64::from(choice >> (row * columns.len() + column) & 1);
            let cell = |row: usize, column: usize| rows[row] * columns[column] / sum + up(row, column);
            let other: Vec<Vec<u64>> = (0..rows.len())
                .map(|row| (0..columns.len()).map(|column| cell(row, column)).collect())
                .collect();
            let fits = other.iter().zip(&rows).all(|(row, &total)| row.iter().sum::<u64>() == total)
                && (0..columns.len()).all(|column| other.iter().map(|row| row[column]).sum::<u64>() == columns[column]);
            if fits && (0..rows.len()).all(|row| (0..columns.len()).all(|column| {
                up(row, column) == 0 || rows[row] * columns[column] % sum > 0
            })) {
                prop_assert!(preference(&other, &rows, &columns) <= ours);
            }
        }
    }

    #[test]
    fn biproportional_keeps_both_margins_and_no_swap_of_seats_is_fairer(
        (rows, columns) in margins(), table in vec(vec(1..5000_u64, 9), 12),
    ) {
        let table: Vec<Vec<u64>> = table[..rows.len()].iter().map(|row| row[..columns.len()].to_vec()).collect();
        let cells = biproportional(&table, &rows, &columns).unwrap();
        for (row, &total) in cells.iter().zip(&rows) {
            prop_assert_eq!(row.iter().sum::<u64>(), total);
        }
        for (column, &total) in columns.iter().enumerate() {
            prop_assert_eq!(cells.iter().map(|row| row[column]).sum::<u64>(), total);
        }
        // Moving one seat around a square of cells never raises the product of the claims.
        for a in 0..rows.len() {
            for b in 0..rows.len() {
                for c in 0..columns.len() {
                    for d in 0..columns.len() {
                        if a == b || c == d || cells[a][c] == 0 || cells[b][d] == 0 {
                            continue;
                        }
                        let won = |row: usize, column: usize| u128::from(2 * cells[row][column] - 1);
                        let next = |row: usize, column: usize| u128::from(2 * cells[row][column] + 1);
                        let weight = |row: usize, column: usize| u128::from(table[row][column]);
                        let given_up = weight(a, c) * weight(b, d) * next(a, d) * next(b, c);
                        let taken = weight(a, d) * weight(b, c) * won(a, c) * won(b, d);
                        prop_assert!(taken <= given_up);
                    }
                }
            }
        }
    }
}

#[test]
fn cycle_rounding_favours_no_cell() {
    let (rows, columns) = ([7, 5, 3, 2, 4], [6, 6, 5, 4]);
    let (sum, runs) = (21_u64, 21_000_u64);
    let mut random = chance(20_260_620);
    let mut seen = vec![vec![0_u64; 4]; 5];
    for _ in 0..runs {
        let cells = by_cycles(&rows, &columns, &mut random).unwrap();
        for (seen, row) in seen.iter_mut().zip(&cells) {
            for (seen, cell) in seen.iter_mut().zip(row) {
                *seen += cell;
            }
        }
    }
    for (seen, row) in seen.iter().zip(&rows) {
        for (&seen, column) in seen.iter().zip(&columns) {
            let expected = row * column * (runs / sum);
            // Five standard deviations of a fair coin: sqrt(21,000) / 2 x 5 is 363.
            assert!(seen.abs_diff(expected) < 363, "{seen} {expected}");
        }
    }
}

#[test]
fn column_by_column_bias_is_gone_in_the_matrix() {
    // 29 equal columns of 10 seats; the smallest junior has 0.1 in each, 2.9 in all.
    let rows = [141, 70, 40, 36, 3];
    let columns = [10; 29];
    assert_controlled(&by_flow(&rows, &columns, None).unwrap(), &rows, &columns);
}

#[test]
fn a_city_of_500_juniors_and_100_programmes_is_rounded_at_once() {
    let mut random = chance(7);
    let weights: Vec<u64> = (0..500).map(|_| 20 + random(800)).collect();
    let columns: Vec<u64> = (0..100).map(|_| 100 + random(500)).collect();
    let rows = seats(Method::SainteLague, columns.iter().sum(), &weights, 1);
    assert_controlled(&by_flow(&rows, &columns, None).unwrap(), &rows, &columns);
    assert_controlled(&by_cycles(&rows, &columns, random).unwrap(), &rows, &columns);
    // Many equal rows and columns: every cell is a tie.
    let (rows, columns) = (vec![50; 500], vec![250; 100]);
    assert_controlled(&by_flow(&rows, &columns, None).unwrap(), &rows, &columns);
}
