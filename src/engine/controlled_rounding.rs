//! Rounds the matrix `row total x column total / sum` so that both margins stay exact.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use crate::engine::transfer::{Move, cheapest};

/// The row totals and the column totals do not add up to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarginsDiffer {
    /// Sum of the row totals.
    pub rows: u128,
    /// Sum of the column totals.
    pub columns: u128,
}

impl fmt::Display for MarginsDiffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the row totals add up to {}, the column totals to {}", self.rows, self.columns)
    }
}

/// The common sum of both margins.
pub(crate) fn common_sum(row_totals: &[u64], column_totals: &[u64]) -> Result<u128, MarginsDiffer> {
    let sum = |totals: &[u64]| totals.iter().map(|&total| u128::from(total)).sum::<u128>();
    let (rows, columns) = (sum(row_totals), sum(column_totals));
    if rows == columns { Ok(rows) } else { Err(MarginsDiffer { rows, columns }) }
}

/// Rows with the same total: their ideal cells are the same, so they are rounded as one.
struct Class {
    rows: Vec<usize>,
    /// Remainder of each cell, in parts of the sum.
    remainders: Vec<i128>,
    /// How many of the rows round this cell up.
    ups: Vec<u64>,
    /// How many cells each row rounds up.
    missing: u64,
}

impl Class {
    fn size(&self) -> u64 {
        self.rows.len() as u64
    }
}

/// Every cell floor or ceiling of its ideal, both margins exact, and among all such roundings one
/// whose rounded-up cells have the largest remainders in sum (so also the least squared error).
///
/// Such a rounding always exists (Bacharach 1966). Rows begin with their own largest remainders
/// at column prices, and then pass seats on along the cheapest chains (minimum cost flow). Equal chains go by order
/// in the file; rows of the same total take turns in the order of `lots`, or of the file.
///
/// # Complexity
/// O(chains x cells) over classes of equal rows; for 500 juniors x 100 programmes a few dozen chains.
///
/// # Errors
/// [`MarginsDiffer`].
pub fn by_flow(
    row_totals: &[u64],
    column_totals: &[u64],
    lots: Option<&[usize]>,
) -> Result<Vec<Vec<u64>>, MarginsDiffer> {
    let sum = common_sum(row_totals, column_totals)?;
    let mut cells = floors(row_totals, column_totals, sum);
    if sum == 0 {
        return Ok(cells);
    }
    let mut by_total: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let mut totals = Vec::new();
    let mut dealt = vec![false; row_totals.len()];
    for row in lots.unwrap_or(&[]).iter().copied().chain(0..row_totals.len()) {
        if !dealt[row] {
            dealt[row] = true;
            if !by_total.contains_key(&row_totals[row]) {
                totals.push(row_totals[row]);
            }
            by_total.entry(row_totals[row]).or_default().push(row);
        }
    }
    let mut classes: Vec<Class> = Vec::with_capacity(by_total.len());
    // Seats a column has beyond what it should have; the floors alone leave it too few.
    let mut excess: Vec<i128> = (0..column_totals.len())
        .map(|column| {
            cells.iter().map(|row| i128::from(row[column])).sum::<i128>() - i128::from(column_totals[column])
        })
        .collect();
    for total in totals {
        let rows = by_total.remove(&total).unwrap_or_default();
        let remainders: Vec<i128> =
            column_totals.iter().map(|&column| remainder(total, column, sum)).collect();
        let missing = total - cells[rows[0]].iter().sum::<u64>();
        let ups = vec![0; column_totals.len()];
        classes.push(Class { rows, remainders, ups, missing });
    }
    begin(&mut classes, &mut excess, row_totals.len(), sum);
    while excess.iter().any(|&over| over > 0) {
        let leave = |class: usize, column: usize| {
            let class: &Class = &classes[class];
            (class.ups[column] > 0).then(|| class.remainders[column])
        };
        let enter = |class: usize, column: usize| {
            let class = &classes[class];
            (class.ups[column] < class.size() && class.remainders[column] > 0)
                .then(|| -class.remainders[column])
        };
        let moves = cheapest(classes.len(), &excess, leave, enter)
            .expect("a rounding that keeps both margins always exists (Bacharach 1966)");
        pass_on(&moves, &mut classes, &mut excess);
    }
    for class in &classes {
        let mut turns = class.rows.iter().cycle();
        for (column, &ups) in class.ups.iter().enumerate() {
            for _ in 0..ups {
                let row = *turns.next().expect("a class has rows");
                cells[row][column] += 1;
            }
        }
    }
    Ok(cells)
}

/// Lets every class round up its cells of largest remainder less the price of the column, with
/// prices that rise where too many ask and fall where too few do. Any prices are a correct start
/// (no closed chain gains: prices cancel along it); good ones leave few chains to do. Of all rounds
/// the one with the least excess counts.
fn begin(classes: &mut [Class], excess: &mut Vec<i128>, rows: usize, sum: u128) {
    const ROUNDS: u32 = 80;
    let floors = excess.clone();
    let whole = i128::try_from(sum).expect("seats of a season fit");
    let wrong = |excess: &[i128]| excess.iter().map(|over| over.abs()).sum::<i128>();
    let mut best = vec![0; floors.len()];
    *excess = ask(classes, &best, &floors);
    // A step that makes it worse is taken back and tried at half its length.
    let mut halvings = 1;
    for _ in 0..ROUNDS {
        // Remainders lie about evenly below the sum: so far a price moves that many rows.
        let step = |(&price, &over): (&i128, &i128)| price + ((over * whole / rows as i128) >> halvings);
        let prices: Vec<i128> = best.iter().zip(excess.iter()).map(step).collect();
        if wrong(excess) == 0 || prices == best {
            break;
        }
        let reached = ask(classes, &prices, &floors);
        if wrong(&reached) < wrong(excess) {
            (best, *excess) = (prices, reached);
        } else {
            halvings += 1;
        }
    }
    ask(classes, &best, &floors);
}

/// Fills `ups` at these prices and returns the excess of each column.
fn ask(classes: &mut [Class], prices: &[i128], floors: &[i128]) -> Vec<i128> {
    let mut excess = floors.to_vec();
    for class in classes {
        let mut order: Vec<usize> =
            (0..prices.len()).filter(|&column| class.remainders[column] > 0).collect();
        let missing = usize::try_from(class.missing).unwrap_or(usize::MAX);
        // Of equal columns the one that lacks most comes first.
        order.sort_by_key(|&column| {
            (Reverse(class.remainders[column] - prices[column]), excess[column], column)
        });
        class.ups.fill(0);
        for &column in order.iter().take(missing) {
            class.ups[column] = class.size();
            excess[column] += i128::from(class.size());
        }
    }
    excess
}

/// Moves as many seats along the chain as it holds.
fn pass_on(moves: &[Move], classes: &mut [Class], excess: &mut [i128]) {
    let (first, last) = (moves[moves.len() - 1].from, moves[0].to);
    let ends = excess[first].min(-excess[last]);
    let room = moves.iter().map(|step| {
        let class = &classes[step.row];
        class.ups[step.from].min(class.size() - class.ups[step.to])
    });
    let count = room.min().map_or(0, |room| room.min(u64::try_from(ends).unwrap_or(u64::MAX)));
    for step in moves {
        classes[step.row].ups[step.from] -= count;
        classes[step.row].ups[step.to] += count;
    }
    excess[first] -= i128::from(count);
    excess[last] += i128::from(count);
}

/// Every cell floor or ceiling of its ideal, both margins exact, by chance: each cell goes up with
/// exactly the probability of its remainder, so that no junior is favoured (Cox 1987).
///
/// `random(bound)` gives a fair number below `bound`. Cells strictly between floor and ceiling form
/// cycles (row, column, row, ...); along a cycle the cells go alternately up and down until one of
/// them is whole, one way or the other with the odds that keep every expectation.
///
/// # Complexity
/// O(cells x length of a cycle), a cycle being at most twice the shorter side.
///
/// # Errors
/// [`MarginsDiffer`].
pub fn by_cycles(
    row_totals: &[u64],
    column_totals: &[u64],
    mut random: impl FnMut(u64) -> u64,
) -> Result<Vec<Vec<u64>>, MarginsDiffer> {
    let sum = common_sum(row_totals, column_totals)?;
    let mut cells = floors(row_totals, column_totals, sum);
    if sum == 0 {
        return Ok(cells);
    }
    let whole = i128::try_from(sum).expect("seats of a season fit");
    let width = column_totals.len();
    let mut parts: Vec<Vec<i128>> = row_totals
        .iter()
        .map(|&row| column_totals.iter().map(|&column| remainder(row, column, sum)).collect())
        .collect();
    // Nodes: the rows, then the columns; each with the nodes it has an open cell with.
    let mut open: Vec<Vec<usize>> = vec![Vec::new(); row_totals.len() + width];
    for (row, parts) in parts.iter().enumerate() {
        for (column, _) in parts.iter().enumerate().filter(|&(_, &part)| part > 0) {
            open[row].push(row_totals.len() + column);
            open[row_totals.len() + column].push(row);
        }
    }
    let cell_of = |one: usize, other: usize| (one.min(other), one.max(other) - row_totals.len());
    let mut place = vec![usize::MAX; open.len()];
    let mut path: Vec<usize> = Vec::new();
    let mut next_row = 0;
    loop {
        let Some(&node) = path.last() else {
            if next_row == row_totals.len() {
                break;
            }
            place[next_row] = 0;
            path.push(next_row);
            next_row += 1;
            continue;
        };
        let came = path.len().checked_sub(2).map(|index| path[index]);
        let is_open = |other: usize| {
            let (row, column) = cell_of(node, other);
            parts[row][column] > 0 && parts[row][column] < whole
        };
        let Some(next) = another(&mut open[node], came, is_open) else {
            // Only a start can run dry: elsewhere one open cell never stands alone in its line.
            place[node] = usize::MAX;
            path.pop();
            continue;
        };
        if place[next] == usize::MAX {
            place[next] = path.len();
            path.push(next);
            continue;
        }
        let cycle = &path[place[next]..];
        let around = cycle.iter().zip(cycle.iter().skip(1).chain([&next])).map(|(&a, &b)| cell_of(a, b));
        turn(&mut parts, &around.collect::<Vec<_>>(), whole, &mut random);
        for left in path.drain(place[next] + 1..) {
            place[left] = usize::MAX;
        }
    }
    for (row, parts) in cells.iter_mut().zip(&parts) {
        for (cell, &part) in row.iter_mut().zip(parts) {
            *cell += u64::from(part == whole);
        }
    }
    Ok(cells)
}

/// An open neighbour other than the one we came from; closed ones are forgotten on the way.
fn another(
    neighbours: &mut Vec<usize>,
    came: Option<usize>,
    is_open: impl Fn(usize) -> bool,
) -> Option<usize> {
    let mut index = neighbours.len();
    while index > 0 {
        index -= 1;
        let other = neighbours[index];
        if !is_open(other) {
            neighbours.swap_remove(index);
        } else if Some(other) != came {
            return Some(other);
        }
    }
    None
}

/// Moves the cells of a cycle alternately, as far as one of them becomes whole.
fn turn(parts: &mut [Vec<i128>], cycle: &[(usize, usize)], whole: i128, random: &mut impl FnMut(u64) -> u64) {
    // How far the even cells can go up, and how far down.
    let (mut up, mut down) = (whole, whole);
    for (index, &(row, column)) in cycle.iter().enumerate() {
        let part = parts[row][column];
        let (above, below) = if index % 2 == 0 { (whole - part, part) } else { (part, whole - part) };
        up = up.min(above);
        down = down.min(below);
    }
    let odds = u64::try_from(up + down).expect("seats of a season fit");
    let step = if i128::from(random(odds)) < down { up } else { -down };
    for (index, &(row, column)) in cycle.iter().enumerate() {
        parts[row][column] += if index % 2 == 0 { step } else { -step };
    }
}

fn floors(row_totals: &[u64], column_totals: &[u64], sum: u128) -> Vec<Vec<u64>> {
    let floor = |row: u64, column: u64| {
        let product = u128::from(row) * u128::from(column);
        // Never above the row total.
        product.checked_div(sum).and_then(|whole| u64::try_from(whole).ok()).unwrap_or(0)
    };
    row_totals.iter().map(|&row| column_totals.iter().map(|&column| floor(row, column)).collect()).collect()
}

fn remainder(row: u64, column: u64, sum: u128) -> i128 {
    i128::try_from(u128::from(row) * u128::from(column) % sum).expect("a remainder is below the sum")
}
