//! Candidates by total, with the control lines.

use std::collections::BTreeSet;

use crate::service::data_out::show_statistics::Band;

/// Units of the drawing's width for the bars.
const WIDTH: i64 = 640;
/// Units of its height for the bars.
const HEIGHT: u64 = 200;

/// A bar.
pub struct Bar {
    pub x: i64,
    pub y: u64,
    pub width: i64,
    pub height: u64,
}

/// A line across the chart.
pub struct Mark {
    pub x: i64,
    pub text: String,
}

/// The chart of one area.
pub struct ScoreHistogram {
    pub bars: Vec<Bar>,
    pub lines: Vec<Mark>,
    /// Scores at the foot.
    pub feet: Vec<Mark>,
    pub bands: Vec<Band>,
}

impl ScoreHistogram {
    /// Draws the bands of an area, with lines at whole points. A band of several scores is as high as each of its
    /// scores has candidates on the average: areas, not heights, tell how many there are.
    pub fn draw(bands: Vec<Band>, lines: &BTreeSet<i64>) -> ScoreHistogram {
        let lowest = bands.iter().map(|band| band.lowest).min().unwrap_or(0);
        let highest = bands.iter().map(|band| band.highest).max().unwrap_or(0);
        let span = (highest - lowest + 1).max(1);
        let x = |score: i64| (score - lowest) * WIDTH / span;
        let wide = |band: &Band| u64::try_from(band.highest - band.lowest + 1).unwrap_or(1).max(1);
        // In thousandths of a candidate, so that a wide band keeps its height.
        let high = |band: &Band| band.count * 1000 / wide(band);
        let most = bands.iter().map(high).max().unwrap_or(0).max(1);
        let bars = bands.iter().map(|band| {
            let height = high(band) * HEIGHT / most;
            Bar {
                x: x(band.lowest),
                y: HEIGHT - height,
                width: (x(band.highest + 1) - x(band.lowest)).max(1),
                height,
            }
        });
        let mark = |score: i64, text: String| Mark { x: x(score), text };
        let within = |score: &i64| (lowest..=highest).contains(score);
        let step = (span / 6 / 10 * 10).max(10);
        ScoreHistogram {
            bars: bars.collect(),
            lines: lines
                .iter()
                .filter(|score| within(score))
                .map(|score| mark(*score, score.to_string()))
                .collect(),
            feet: (lowest..=highest)
                .filter(|score| score % step == 0)
                .map(|score| mark(score, score.to_string()))
                .collect(),
            bands,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_of_a_bar_tells_how_many_there_are() {
        let band =
            |lowest, highest, count| Band { area: "A01".into(), highest, lowest, count, cumulative: 0 };
        let drawn = ScoreHistogram::draw(
            vec![band(690, 699, 100), band(680, 689, 200), band(600, 679, 800)],
            &BTreeSet::from([650, 300]),
        );
        let area = |at: usize| drawn.bars[at].height * u64::try_from(drawn.bars[at].width).unwrap();
        assert!(drawn.bars[1].height == HEIGHT && drawn.bars[0].height == HEIGHT / 2);
        let ratio = area(2) * 10 / area(0);
        assert!((75..=85).contains(&ratio), "800 beside 100: {ratio}");
        assert_eq!(drawn.lines.len(), 1, "a line off the chart is not drawn");
        assert!(drawn.feet.iter().all(|foot| (0..=WIDTH).contains(&foot.x)));
    }
}
