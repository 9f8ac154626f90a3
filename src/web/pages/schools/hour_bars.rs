//! Lists by the hour they came in, as bars: the one chart that is watched while the window is open.

use crate::service::forms::show_filling_progress::HourOfFilling;
use crate::web::wire_time;

/// Units of the drawing's width for the bars.
const WIDTH: i64 = 640;
/// Units of its height for the bars.
const HEIGHT: u64 = 120;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A season whose lists came over more hours than this is drawn by days.
const MOST_HOURS: i64 = 7 * 24;
/// Times at the foot at most.
const MOST_FEET: i64 = 5;

/// A bar.
pub struct Bar {
    pub x: i64,
    pub y: u64,
    pub width: i64,
    pub height: u64,
}

/// A line of the table, and of the foot of the chart where it has a place.
pub struct Span {
    pub from: String,
    pub lists: u64,
}

/// A time at the foot.
pub struct Foot {
    pub x: i64,
    pub text: String,
}

/// The chart.
#[derive(Default)]
pub struct HourBars {
    pub bars: Vec<Bar>,
    pub feet: Vec<Foot>,
    /// Spans in which lists came.
    pub spans: Vec<Span>,
    pub by_day: bool,
}

impl HourBars {
    /// Draws hours that come in order; nothing without any.
    pub fn draw(hours: &[HourOfFilling]) -> HourBars {
        let (Some(first), Some(last)) = (hours.first(), hours.last()) else { return HourBars::default() };
        let by_day = (last.from_ms - first.from_ms) / HOUR_MS >= MOST_HOURS;
        let step = if by_day { DAY_MS } else { HOUR_MS };
        // Days are those of the clock on the wall in China.
        let start = |at_ms: i64| (at_ms + 8 * HOUR_MS).div_euclid(step) * step - 8 * HOUR_MS;
        let mut spans: Vec<(i64, u64)> = Vec::new();
        for hour in hours {
            match spans.last_mut() {
                Some(span) if span.0 == start(hour.from_ms) => span.1 += hour.lists,
                _ => spans.push((start(hour.from_ms), hour.lists)),
            }
        }
        let from = spans[0].0;
        let places = (start(last.from_ms) - from) / step + 1;
        let x = |at_ms: i64| (at_ms - from) / step * WIDTH / places;
        let most = spans.iter().map(|span| span.1).max().unwrap_or(0).max(1);
        let bar = |&(at_ms, lists): &(i64, u64)| {
            let height = (lists * HEIGHT / most).max(1);
            let width = (x(at_ms + step) - x(at_ms) - 1).max(1);
            Bar { x: x(at_ms), y: HEIGHT - height, width, height }
        };
        let apart = (places / MOST_FEET).max(1) * step;
        let feet = (0..MOST_FEET).map(|at| from + at * apart).take_while(|at_ms| *at_ms <= last.from_ms);
        HourBars {
            bars: spans.iter().map(bar).collect(),
            feet: feet.map(|at_ms| Foot { x: x(at_ms), text: wire_time::read_by_people(at_ms) }).collect(),
            spans: spans
                .iter()
                .map(|&(at_ms, lists)| Span { from: wire_time::read_by_people(at_ms), lists })
                .collect(),
            by_day,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(number: i64, lists: u64) -> HourOfFilling {
        HourOfFilling { from_ms: number * HOUR_MS, lists }
    }

    #[test]
    fn a_bar_stands_at_its_hour_and_an_hour_without_lists_is_empty() {
        let drawn = HourBars::draw(&[hour(100, 5), hour(103, 10)]);
        let places: Vec<(i64, u64)> = drawn.bars.iter().map(|bar| (bar.x, bar.height)).collect();
        assert_eq!(places, [(0, HEIGHT / 2), (WIDTH * 3 / 4, HEIGHT)]);
        assert!(!drawn.by_day && drawn.bars.iter().all(|bar| bar.x + bar.width <= WIDTH));
        assert!(HourBars::draw(&[]).bars.is_empty());
    }

    #[test]
    fn weeks_are_drawn_by_the_days_of_china() {
        // 1970-01-01T16:00Z is midnight of the second day there.
        let drawn = HourBars::draw(&[hour(15, 1), hour(16, 2), hour(17, 3), hour(400, 4)]);
        assert!(drawn.by_day);
        assert_eq!(drawn.spans.iter().map(|span| span.lists).collect::<Vec<_>>(), [1, 5, 4]);
    }
}
