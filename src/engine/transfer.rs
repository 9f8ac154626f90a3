//! The cheapest way to move one seat from a column with too many to a column with too few.

use std::collections::VecDeque;

/// A cost: it is added up along a path and compared, nothing more.
pub trait Cost: Clone + Ord {
    /// What doing nothing costs.
    fn nothing() -> Self;
    /// This cost and one more step.
    fn then(&self, step: &Self) -> Self;
}

impl Cost for i128 {
    fn nothing() -> i128 {
        0
    }
    fn then(&self, step: &i128) -> i128 {
        self + step
    }
}

/// One row gives up a seat in one column and takes one in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The row.
    pub row: usize,
    /// The column it leaves.
    pub from: usize,
    /// The column it enters.
    pub to: usize,
}

/// The cheapest chain of moves from a column with `excess > 0` to one with `excess < 0`; row sums
/// and the columns between stay as they are. `None` where no chain leads there.
///
/// `leave` and `enter` price a row's step out of and into a column, `None` where it cannot. No
/// closed chain may be cheaper than nothing; augmenting along the answer keeps that so (successive
/// shortest paths). Equal chains: the lower index first.
///
/// # Complexity
/// Bellman-Ford with a queue: O(nodes x cells) at worst, a few times the cells in practice.
pub fn cheapest<C: Cost>(
    rows: usize,
    excess: &[i128],
    leave: impl Fn(usize, usize) -> Option<C>,
    enter: impl Fn(usize, usize) -> Option<C>,
) -> Option<Vec<Move>> {
    let columns = excess.len();
    // Nodes: the columns, then the rows.
    let mut cost: Vec<Option<C>> = vec![None; columns + rows];
    let mut parent = vec![usize::MAX; columns + rows];
    let mut queued = vec![false; columns + rows];
    let mut queue = VecDeque::new();
    for (column, _) in excess.iter().enumerate().filter(|&(_, &over)| over > 0) {
        cost[column] = Some(C::nothing());
        queued[column] = true;
        queue.push_back(column);
    }
    while let Some(node) = queue.pop_front() {
        queued[node] = false;
        let so_far = cost[node].clone().expect("a queued node has a cost");
        let from_column = node < columns;
        let others = if from_column { columns..columns + rows } else { 0..columns };
        for other in others {
            let step = if from_column { leave(other - columns, node) } else { enter(node - columns, other) };
            let Some(step) = step else { continue };
            let reached = so_far.then(&step);
            if cost[other].as_ref().is_none_or(|known| reached < *known) {
                cost[other] = Some(reached);
                parent[other] = node;
                if !queued[other] {
                    queued[other] = true;
                    queue.push_back(other);
                }
            }
        }
    }
    let target = (0..columns)
        .filter(|&column| excess[column] < 0 && cost[column].is_some())
        .min_by(|&one, &other| cost[one].cmp(&cost[other]))?;
    let mut moves = Vec::new();
    let mut to = target;
    while parent[to] != usize::MAX {
        let row = parent[to];
        let from = parent[row];
        moves.push(Move { row: row - columns, from, to });
        to = from;
    }
    Some(moves)
}
