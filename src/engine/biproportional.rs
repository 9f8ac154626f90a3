//! Biproportional Webster: a matrix of weights, scaled by rows and columns, rounded at the half.

use std::cmp::Ordering;
use std::fmt;

use crate::engine::apportionment::webster_row;
use crate::engine::controlled_rounding::{MarginsDiffer, common_sum};
use crate::engine::transfer::{Cost, cheapest};

/// The largest margin that is computed with.
pub const LARGEST_MARGIN: u64 = 1 << 32;

/// Why no matrix fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMatrix {
    /// The margins have different sums.
    Margins(MarginsDiffer),
    /// This row has seats but no weight.
    EmptyRow(usize),
    /// The zero weights leave no room for these margins; this column cannot be filled.
    Column(usize),
}

impl fmt::Display for NoMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoMatrix::Margins(differ) => differ.fmt(f),
            NoMatrix::EmptyRow(row) => write!(f, "rows[{row}]: has seats but no weight"),
            NoMatrix::Column(column) => {
                write!(f, "column_totals[{column}]: cannot be filled, too many weights are zero")
            }
        }
    }
}

/// The matrix `a` with these margins for which multipliers of rows and columns exist such that
/// every `a` is its scaled weight rounded at the half (Balinski and Demange 1989).
///
/// Weights up to 2^53, margins up to [`LARGEST_MARGIN`]. Rows are filled by Sainte-Lague over
/// weights scaled to fit the columns roughly; then seats pass along the cheapest chains from
/// columns with too many to columns with too few (tie and transfer). Prices are exact fractions
/// (products of weights over signposts), so the answer is exact and ends after as many chains as
/// seats stood wrong. Where ties leave several answers, the lower index goes first.
///
/// # Complexity
/// O(chains x cells) operations on fractions as long as a chain.
///
/// # Errors
/// [`NoMatrix`] when the margins cannot be met.
pub fn biproportional(
    weights: &[Vec<u64>],
    row_totals: &[u64],
    column_totals: &[u64],
) -> Result<Vec<Vec<u64>>, NoMatrix> {
    common_sum(row_totals, column_totals).map_err(NoMatrix::Margins)?;
    for (row, (weights, &total)) in weights.iter().zip(row_totals).enumerate() {
        if total > 0 && weights.iter().all(|&weight| weight == 0) {
            return Err(NoMatrix::EmptyRow(row));
        }
    }
    let scales = rough_scales(weights, row_totals, column_totals);
    let scaled_row = |(weights, &total): (&Vec<u64>, &u64)| {
        if total == 0 {
            return vec![0; weights.len()];
        }
        let scaled: Vec<u128> =
            weights.iter().zip(&scales).map(|(&weight, &scale)| u128::from(weight) * scale).collect();
        webster_row(total, &scaled)
    };
    let mut cells: Vec<Vec<u64>> = weights.iter().zip(row_totals).map(scaled_row).collect();
    let mut excess: Vec<i128> = column_totals.iter().map(|&total| -i128::from(total)).collect();
    for row in &cells {
        for (over, &cell) in excess.iter_mut().zip(row) {
            *over += i128::from(cell);
        }
    }
    while let Some(short) = excess.iter().position(|&over| over < 0) {
        let leave = |row: usize, column: usize| {
            let seats = cells[row][column];
            (seats > 0).then(|| Price::of(2 * u128::from(weights[row][column]), 2 * u128::from(seats) - 1))
        };
        let enter = |row: usize, column: usize| {
            let weight = weights[row][column];
            // A row without seats has none to give, so no chain ever reaches it.
            (weight > 0).then(|| Price::of(2 * u128::from(cells[row][column]) + 1, 2 * u128::from(weight)))
        };
        let moves = cheapest(cells.len(), &excess, leave, enter).ok_or(NoMatrix::Column(short))?;
        excess[moves[0].to] += 1;
        excess[moves[moves.len() - 1].from] -= 1;
        for step in moves {
            cells[step.row][step.from] -= 1;
            cells[step.row][step.to] += 1;
        }
    }
    Ok(cells)
}

/// Column multipliers that bring the expected column sums near their totals (iterative
/// proportional fitting in whole numbers). They only shorten the work: any start is correct.
fn rough_scales(weights: &[Vec<u64>], row_totals: &[u64], column_totals: &[u64]) -> Vec<u128> {
    const ONE: u128 = 1 << 18;
    const MOST: u128 = 1 << 36;
    const FINE: u32 = 24;
    let mut scales = vec![ONE; column_totals.len()];
    for _ in 0..60 {
        let mut expected = vec![0_u128; column_totals.len()];
        for (weights, &total) in weights.iter().zip(row_totals) {
            let scaled = || weights.iter().zip(&scales).map(|(&weight, &scale)| u128::from(weight) * scale);
            let sum: u128 = scaled().sum();
            for (expected, scaled) in expected.iter_mut().zip(scaled()) {
                // A row without weight expects nothing anywhere.
                let part = (scaled << FINE).checked_div(sum).unwrap_or(0);
                *expected += u128::from(total) * part;
            }
        }
        for ((scale, expected), &total) in scales.iter_mut().zip(expected).zip(column_totals) {
            if let Some(fitted) = (*scale * (u128::from(total) << FINE)).checked_div(expected) {
                *scale = fitted.clamp(1, MOST);
            }
        }
    }
    scales
}

/// An exact positive fraction of any length; costs multiply along a chain. Digits of 64 bits, the
/// lowest first, no zeros on top.
#[derive(Clone, Debug)]
struct Price {
    above: Vec<u64>,
    below: Vec<u64>,
}

impl Price {
    fn of(above: u128, below: u128) -> Price {
        let common = greatest_common_divisor(above, below);
        Price { above: digits(above / common), below: digits(below / common) }
    }
}

impl Cost for Price {
    fn nothing() -> Price {
        Price { above: vec![1], below: vec![1] }
    }
    fn then(&self, step: &Price) -> Price {
        Price { above: product(&self.above, &step.above), below: product(&self.below, &step.below) }
    }
}

impl Ord for Price {
    fn cmp(&self, other: &Price) -> Ordering {
        let (left, right) = (product(&self.above, &other.below), product(&other.above, &self.below));
        left.len().cmp(&right.len()).then_with(|| left.iter().rev().cmp(right.iter().rev()))
    }
}

impl PartialEq for Price {
    fn eq(&self, other: &Price) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Price {}

impl PartialOrd for Price {
    fn partial_cmp(&self, other: &Price) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn greatest_common_divisor(one: u128, other: u128) -> u128 {
    let (mut one, mut other) = (one, other);
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one
}

fn digits(number: u128) -> Vec<u64> {
    let low = u64::try_from(number & u128::from(u64::MAX)).expect("masked to 64 bits");
    let high = u64::try_from(number >> 64).expect("64 bits are left");
    if high == 0 { vec![low] } else { vec![low, high] }
}

fn product(one: &[u64], other: &[u64]) -> Vec<u64> {
    let mut result = vec![0_u64; one.len() + other.len()];
    for (shift, &digit) in one.iter().enumerate() {
        let mut carry = 0_u128;
        for (place, &factor) in other.iter().enumerate() {
            let sum = u128::from(digit) * u128::from(factor) + u128::from(result[shift + place]) + carry;
            result[shift + place] = u64::try_from(sum & u128::from(u64::MAX)).expect("masked to 64 bits");
            carry = sum >> 64;
        }
        result[shift + other.len()] = u64::try_from(carry).expect("a carry is below 2^64");
    }
    while result.len() > 1 && result.last() == Some(&0) {
        result.pop();
    }
    result
}
