//! Numbers that outsiders do not see: the small ones, and those from which a small one could be worked out.

use std::collections::BTreeMap;

/// A number below this stands for so few people that they could be known.
pub const SMALLEST: u64 = 10;

/// The field in which equations are solved: 2^61 - 1. The coefficients of sums are 1 and -1 and their minors small,
/// so that what follows from the sums here follows from them in whole numbers, and the other way round.
const PRIME: u64 = (1 << 61) - 1;

/// A number of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    pub value: u64,
    /// What everybody knows it cannot exceed, such as the published seats of a cell.
    pub at_most: Option<u64>,
}

/// A total that everybody knows to be the sum of its parts, as places in the list of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    pub total: usize,
    pub parts: Vec<usize>,
}

/// Which numbers are hidden, so that of the hidden ones
/// - every number below [`SMALLEST`] is one, unless everybody knows that it can only be zero;
/// - none follows from the shown numbers by the sums (all sums of all tables together);
/// - no total tells that its hidden parts are few people, or that each of them is as large as it can be.
///
/// Where more must be hidden it is the smallest number of a sum that holds the one in danger.
///
/// # Complexity
/// O(rounds x sums^2 x hidden); numbers alone in a sum are met before the equations are solved, so rounds are few.
pub fn hidden(numbers: &[Number], sums: &[Sum]) -> Vec<bool> {
    let certain = |at: usize| numbers[at].at_most == Some(0);
    let mut hidden: Vec<bool> =
        (0..numbers.len()).map(|at| numbers[at].value < SMALLEST && !certain(at)).collect();
    loop {
        let before = hidden.clone();
        for sum in sums {
            guard(numbers, sum, &mut hidden);
        }
        // One a round: what is hidden for the first may be enough for the others.
        if let Some(at) = determined(sums, &hidden).first().copied() {
            let holding = sums.iter().filter(|sum| sum.total == at || sum.parts.contains(&at));
            let mut beside = holding.flat_map(|sum| sum.parts.iter().copied().chain([sum.total]));
            let least = |among: &mut dyn Iterator<Item = usize>| {
                let shown = |at: &usize| !hidden[*at] && !certain(*at);
                among.filter(shown).min_by_key(|at| (numbers[*at].value, *at))
            };
            let more = least(&mut beside).or_else(|| least(&mut (0..numbers.len())));
            if let Some(more) = more {
                hidden[more] = true;
            }
        }
        if hidden == before {
            return hidden;
        }
    }
}

/// Hides more of a sum until its shown total tells nothing of a few people and no part alone.
fn guard(numbers: &[Number], sum: &Sum, hidden: &mut [bool]) {
    while !hidden[sum.total] {
        let parts: Vec<&Number> =
            sum.parts.iter().filter(|at| hidden[**at]).map(|at| &numbers[*at]).collect();
        if parts.is_empty() {
            return;
        }
        let full = parts.iter().all(|part| part.at_most == Some(part.value));
        let people: u64 = parts.iter().map(|part| part.value).sum();
        if full {
            hidden[sum.total] = true;
        } else if people < SMALLEST || parts.len() == 1 {
            let shown = sum.parts.iter().filter(|at| !hidden[**at] && numbers[**at].at_most != Some(0));
            let least = shown.min_by_key(|at| (numbers[**at].value, **at));
            hidden[*least.unwrap_or(&sum.total)] = true;
        } else {
            return;
        }
    }
}

/// Hidden numbers that follow from the shown ones: those that stand alone in a row of the reduced equations.
fn determined(sums: &[Sum], hidden: &[bool]) -> Vec<usize> {
    let mut rows: Vec<BTreeMap<usize, u64>> = Vec::new();
    for sum in sums {
        let mut row: BTreeMap<usize, u64> =
            sum.parts.iter().filter(|at| hidden[**at]).map(|at| (*at, 1)).collect();
        if hidden[sum.total] {
            row.insert(sum.total, PRIME - 1);
        }
        for known in &rows {
            let (pivot, _) = known.first_key_value().expect("only rows with a pivot are kept");
            if let Some(&factor) = row.get(pivot) {
                subtract(&mut row, known, factor);
            }
        }
        let Some((&pivot, &first)) = row.first_key_value() else { continue };
        let inverse = power(first, PRIME - 2);
        row.values_mut().for_each(|value| *value = times(*value, inverse));
        for known in &mut rows {
            if let Some(&factor) = known.get(&pivot) {
                subtract(known, &row, factor);
            }
        }
        rows.push(row);
    }
    rows.iter().filter(|row| row.len() == 1).filter_map(|row| row.keys().next().copied()).collect()
}

/// `row -= factor * other`.
fn subtract(row: &mut BTreeMap<usize, u64>, other: &BTreeMap<usize, u64>, factor: u64) {
    for (at, value) in other {
        let less = PRIME - times(*value, factor);
        let left = (row.get(at).copied().unwrap_or(0) + less) % PRIME;
        if left == 0 {
            row.remove(at);
        } else {
            row.insert(*at, left);
        }
    }
}

fn times(one: u64, other: u64) -> u64 {
    (u128::from(one) * u128::from(other) % u128::from(PRIME)) as u64
}

fn power(base: u64, exponent: u64) -> u64 {
    let (mut result, mut square, mut left) = (1, base, exponent);
    while left > 0 {
        if left & 1 == 1 {
            result = times(result, square);
        }
        square = times(square, square);
        left >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of cells with the totals of its rows and columns and the total of all.
    fn table(cells: &[&[u64]]) -> (Vec<Number>, Vec<Sum>) {
        let (rows, columns) = (cells.len(), cells[0].len());
        let mut values: Vec<u64> = cells.concat();
        let of_rows = cells.iter().map(|row| row.iter().sum::<u64>());
        values.extend(of_rows);
        values.extend((0..columns).map(|column| cells.iter().map(|row| row[column]).sum::<u64>()));
        values.push(cells.iter().flat_map(|row| row.iter()).sum());
        let (row_at, column_at) = (rows * columns, rows * columns + rows);
        let all = column_at + columns;
        let mut sums: Vec<Sum> = (0..rows)
            .map(|row| Sum { total: row_at + row, parts: (row * columns..(row + 1) * columns).collect() })
            .collect();
        sums.extend((0..columns).map(|column| Sum {
            total: column_at + column,
            parts: (0..rows).map(|row| row * columns + column).collect(),
        }));
        sums.push(Sum { total: all, parts: (row_at..column_at).collect() });
        sums.push(Sum { total: all, parts: (column_at..all).collect() });
        (values.into_iter().map(|value| Number { value, at_most: None }).collect(), sums)
    }

    /// By other means than the code: every hidden number has another value in some other table that shows the
    /// same numbers, breaks no sum, and has nothing below zero or above what everybody knows.
    fn nothing_can_be_solved(numbers: &[Number], sums: &[Sum]) {
        let hidden = hidden(numbers, sums);
        let unknown: Vec<usize> = (0..numbers.len()).filter(|at| hidden[*at]).collect();
        let mut moved = vec![false; numbers.len()];
        walk(numbers, sums, &unknown, &mut BTreeMap::new(), &mut moved);
        for at in unknown {
            assert!(moved[at], "{at} of {numbers:?} can be worked out; hidden {hidden:?}");
        }
    }

    /// Tries -1, 0 and 1 for every unknown.
    fn walk(
        numbers: &[Number],
        sums: &[Sum],
        left: &[usize],
        steps: &mut BTreeMap<usize, i64>,
        moved: &mut [bool],
    ) {
        let Some((at, left)) = left.split_first() else {
            let step = |at: &usize| steps.get(at).copied().unwrap_or(0);
            if sums.iter().all(|sum| step(&sum.total) == sum.parts.iter().map(step).sum::<i64>()) {
                steps.iter().filter(|(_, step)| **step != 0).for_each(|(at, _)| moved[*at] = true);
            }
            return;
        };
        for step in [-1, 0, 1] {
            let value = numbers[*at].value as i64 + step;
            if value >= 0 && numbers[*at].at_most.is_none_or(|most| value <= most as i64) {
                steps.insert(*at, step);
                walk(numbers, sums, left, steps, moved);
            }
        }
        steps.remove(at);
    }

    #[test]
    fn no_hidden_number_can_be_worked_out_from_what_is_shown() {
        let tables: [&[&[u64]]; 7] = [
            &[&[3, 20], &[30, 40]],
            &[&[20, 30, 40], &[50, 4, 60]],
            &[&[11, 12, 5], &[13, 14, 15], &[16, 17, 18]],
            &[&[0, 20], &[30, 40]],
            &[&[1, 2], &[3, 4]],
            &[&[9, 10], &[10, 9]],
            &[&[12, 34], &[56, 78]],
        ];
        for cells in tables {
            let (numbers, sums) = table(cells);
            let hidden = hidden(&numbers, &sums);
            for (number, hidden) in numbers.iter().zip(&hidden) {
                assert!(*hidden || number.value >= SMALLEST, "{cells:?}");
            }
            nothing_can_be_solved(&numbers, &sums);
        }
    }

    #[test]
    fn one_small_cell_takes_three_others_with_it_and_no_total() {
        let (numbers, sums) = table(&[&[3, 20, 80], &[30, 40, 90], &[70, 60, 50]]);
        let of_small = hidden(&numbers, &sums);
        assert_eq!(&of_small[..9], [true, true, false, true, true, false, false, false, false]);
        assert!(!of_small[9..].contains(&true), "{of_small:?}");
        let (numbers, sums) = table(&[&[12, 34], &[56, 78]]);
        assert!(!hidden(&numbers, &sums).contains(&true), "nothing small, nothing hidden");
    }

    #[test]
    fn a_total_that_fills_every_seat_would_tell_each_part() {
        let seats = |value| Number { value, at_most: Some(6) };
        let total = Number { value: 12, at_most: None };
        let sums = [Sum { total: 2, parts: vec![0, 1] }];
        assert_eq!(hidden(&[seats(6), seats(6), total], &sums), [true, true, true]);
        let total = Number { value: 11, at_most: None };
        assert_eq!(hidden(&[seats(6), seats(5), total], &sums), [true, true, false]);
        nothing_can_be_solved(&[seats(6), seats(5), total], &sums);
    }

    #[test]
    fn what_can_only_be_zero_is_no_secret() {
        let zero = Number { value: 0, at_most: Some(0) };
        let free = |value| Number { value, at_most: None };
        let sums = [Sum { total: 2, parts: vec![0, 1] }];
        assert_eq!(hidden(&[zero, free(30), free(30)], &sums), [false, false, false]);
    }

    #[test]
    fn two_tables_with_one_total_are_guarded_together() {
        // 0 + 1 = 4 in one table, 2 + 3 = 4 in the other: the second must not give the first away.
        let free = |value| Number { value, at_most: None };
        let numbers = [free(5), free(30), free(15), free(20), free(35)];
        let sums = [Sum { total: 4, parts: vec![0, 1] }, Sum { total: 4, parts: vec![2, 3] }];
        nothing_can_be_solved(&numbers, &sums);
        // 4 less 2 is 3, which stands alone in no sum.
        let numbers = [free(5), free(30), free(35), free(5), free(40)];
        let sums = [Sum { total: 2, parts: vec![0, 1] }, Sum { total: 4, parts: vec![0, 1, 3] }];
        nothing_can_be_solved(&numbers, &sums);
    }
}
