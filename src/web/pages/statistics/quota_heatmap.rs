//! Use of the quota, junior highs down and senior highs across: the darker, the fuller; a line where nobody came.

use std::collections::{BTreeMap, BTreeSet};

use crate::service::data_out::show_statistics::QuotaUse;

/// Side of a cell.
const CELL: u64 = 22;
/// Room for the names of junior highs.
const LEFT: u64 = 90;
/// Room for the names of senior highs.
const TOP: u64 = 70;
/// Shades.
const SHADES: u64 = 5;

/// A cell that has seats.
pub struct Cell {
    pub x: u64,
    pub y: u64,
    /// 0 (nobody) to 5 (full); `None` where the number is hidden.
    pub shade: Option<u64>,
    pub row: QuotaUse,
}

/// A name at the edge.
pub struct Name {
    pub x: u64,
    pub y: u64,
    pub text: String,
}

/// The chart.
pub struct QuotaHeatmap {
    pub width: u64,
    pub height: u64,
    pub side: u64,
    pub juniors: Vec<Name>,
    pub seniors: Vec<Name>,
    pub cells: Vec<Cell>,
}

impl QuotaHeatmap {
    /// Draws the rows that have seats.
    pub fn draw(rows: Vec<QuotaUse>) -> QuotaHeatmap {
        let rows: Vec<QuotaUse> = rows.into_iter().filter(|row| row.seats > 0).collect();
        let places = |names: BTreeSet<&str>| -> BTreeMap<String, u64> {
            names.into_iter().map(str::to_owned).zip(0..).collect()
        };
        let juniors = places(rows.iter().map(|row| row.juniors.as_str()).collect());
        let seniors = places(rows.iter().map(|row| row.school.as_str()).collect());
        let cells = rows.into_iter().map(|row| Cell {
            x: LEFT + seniors[&row.school] * CELL,
            y: TOP + juniors[&row.juniors] * CELL,
            // Rounded up: one seat used is not "nobody".
            shade: row.used.map(|used| (used * SHADES).div_ceil(row.seats).min(SHADES)),
            row,
        });
        QuotaHeatmap {
            width: LEFT + seniors.len() as u64 * CELL + 4,
            height: TOP + juniors.len() as u64 * CELL + 4,
            side: CELL - 2,
            cells: cells.collect(),
            juniors: juniors
                .iter()
                .map(|(name, at)| Name { x: LEFT - 6, y: TOP + at * CELL + 15, text: name.clone() })
                .collect(),
            seniors: seniors
                .iter()
                .map(|(name, at)| Name { x: LEFT + at * CELL + 15, y: TOP - 6, text: name.clone() })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_as_dark_as_it_is_full() {
        let row = |juniors: &str, school: &str, seats, used| QuotaUse {
            juniors: juniors.into(),
            school: school.into(),
            seats,
            used,
        };
        let drawn = QuotaHeatmap::draw(vec![
            row("J01", "S01", 10, Some(10)),
            row("J01", "S02", 100, Some(1)),
            row("J02", "S01", 4, Some(0)),
            row("J02", "S02", 4, None),
            row("J03", "S01", 0, Some(0)),
        ]);
        let shades: Vec<Option<u64>> = drawn.cells.iter().map(|cell| cell.shade).collect();
        assert_eq!(shades, [Some(5), Some(1), Some(0), None]);
        assert_eq!((drawn.juniors.len(), drawn.seniors.len()), (2, 2));
        let places: BTreeSet<(u64, u64)> = drawn.cells.iter().map(|cell| (cell.x, cell.y)).collect();
        assert_eq!(places.len(), 4, "no cell hides another");
    }
}
