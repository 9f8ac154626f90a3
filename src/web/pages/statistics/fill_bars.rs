//! Seats filled per programme, as bars: quota, pool and open seats one after the other, within the plan.

use crate::service::data_out::show_statistics::Fill;

/// Units of the drawing's width that bars may take.
const WIDTH: u64 = 520;
/// Where bars begin: names stand before them.
const LEFT: u64 = 150;
/// From one bar to the next.
const STEP: u64 = 26;

/// A piece of a bar.
pub struct Piece {
    pub kind: &'static str,
    pub x: u64,
    pub width: u64,
}

/// The bar of a programme.
pub struct Bar {
    pub programme: String,
    pub y: u64,
    pub text_y: u64,
    /// The whole plan.
    pub plan: u64,
    pub pieces: Vec<Piece>,
    pub row: Fill,
}

/// The chart.
pub struct FillBars {
    pub height: u64,
    pub left: u64,
    pub bars: Vec<Bar>,
}

impl FillBars {
    /// Draws the rows; numbers that are hidden draw nothing.
    pub fn draw(rows: Vec<Fill>) -> FillBars {
        let most = rows.iter().map(|row| row.seats.max(row.taken.unwrap_or(0))).max().unwrap_or(0).max(1);
        let scaled = |number: u64| number * WIDTH / most;
        let height = rows.len() as u64 * STEP + 4;
        let bar = |(at, row): (u64, Fill)| {
            let mut end = 0;
            let mut pieces = Vec::new();
            for (kind, number) in [("quota", row.quota), ("pool", row.pool), ("open", row.open)] {
                let number = number.unwrap_or(0);
                let x = LEFT + scaled(end);
                end += number;
                pieces.push(Piece { kind, x, width: LEFT + scaled(end) - x });
            }
            let y = at * STEP + 2;
            Bar {
                programme: row.programme.clone(),
                y,
                text_y: y + 15,
                plan: scaled(row.seats),
                pieces: pieces.into_iter().filter(|piece| piece.width > 0).collect(),
                row,
            }
        };
        FillBars { height, left: LEFT, bars: (0..).zip(rows).map(bar).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seats: u64, [quota, pool, open]: [Option<u64>; 3]) -> Fill {
        let taken = quota.zip(open).map(|(quota, open)| quota + open + pool.unwrap_or(0));
        Fill { programme: "P01".into(), school: "S01".into(), seats, quota, pool, open, taken }
    }

    #[test]
    fn pieces_stand_side_by_side_and_end_where_the_seats_end() {
        let bars = FillBars::draw(vec![
            row(100, [Some(60), Some(0), Some(40)]),
            row(50, [Some(20), Some(5), Some(10)]),
            row(10, [None, None, None]),
        ]);
        let ends = |at: usize| {
            let pieces = &bars.bars[at].pieces;
            assert!(pieces.windows(2).all(|pair| pair[0].x + pair[0].width == pair[1].x));
            pieces.last().map(|piece| piece.x + piece.width - LEFT)
        };
        assert_eq!((ends(0), bars.bars[0].plan), (Some(WIDTH), WIDTH));
        assert_eq!((ends(1), bars.bars[1].plan), (Some(WIDTH * 35 / 100), WIDTH / 2));
        assert_eq!((ends(2), bars.bars[2].pieces.len()), (None, 0));
        assert_eq!(bars.height, 3 * STEP + 4);
    }
}
