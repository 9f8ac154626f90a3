//! Published figures the demonstration city takes its shape from: counts and seats, nobody's data.
//!
//! Sources, as kept in `shared/data` of the project: the one-point score segments and the plans with
//! cut-offs of the central area of Chengdu 2023, and the quota allocation of Guangzhou 2026.

/// How many candidates [`TOTALS`] speaks of. The table of Chengdu 2023 ends at 400 points with
/// 26,100 candidates; with this number the line of 420 points parts the candidates about in half.
pub const TOTALS_OF: u64 = 50_000;

/// Totals (of 710 points) and how many candidates reach them, from the top: Chengdu 2023, central
/// area, from 655 to 400. Above 655 (184 candidates in one published row) and below 400 (not
/// published) the curve is drawn on plausibly.
pub const TOTALS: [(i64, u64); 33] = [
    (690, 0),
    (675, 15),
    (665, 75),
    (655, 184),
    (650, 385),
    (645, 720),
    (640, 1144),
    (630, 2300),
    (620, 3970),
    (610, 5799),
    (600, 7476),
    (590, 9139),
    (580, 10668),
    (570, 12164),
    (560, 13605),
    (550, 14944),
    (540, 16278),
    (520, 18519),
    (500, 20385),
    (480, 21866),
    (460, 23169),
    (440, 24337),
    (420, 25298),
    (400, 26100),
    (380, 27100),
    (350, 29200),
    (300, 33700),
    (250, 38900),
    (200, 43600),
    (160, 46800),
    (120, 48800),
    (90, 49700),
    (60, 50000),
];

/// The plan of one senior high.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Seats for the central area.
    pub seats: u64,
    /// The published cut-off: how sought after the school is.
    pub cutoff: i64,
}

const fn plan(seats: u64, cutoff: i64) -> Plan {
    Plan { seats, cutoff }
}

/// Public senior highs of the central area with a cut-off of 585 or more (Chengdu 2023).
pub const SOUGHT_PUBLIC: [Plan; 33] = [
    plan(500, 649),
    plan(400, 643),
    plan(495, 638),
    plan(500, 637),
    plan(600, 632),
    plan(495, 629),
    plan(350, 626),
    plan(400, 625),
    plan(530, 624),
    plan(450, 621),
    plan(300, 619),
    plan(200, 618),
    plan(315, 617),
    plan(689, 616),
    plan(500, 612),
    plan(450, 608),
    plan(400, 608),
    plan(550, 607),
    plan(400, 607),
    plan(418, 606),
    plan(400, 602),
    plan(350, 602),
    plan(280, 599),
    plan(500, 598),
    plan(544, 595),
    plan(350, 594),
    plan(495, 593),
    plan(424, 591),
    plan(450, 591),
    plan(450, 590),
    plan(450, 587),
    plan(150, 585),
    plan(424, 585),
];

/// The other public senior highs of the central area (Chengdu 2023).
pub const OTHER_PUBLIC: [Plan; 12] = [
    plan(300, 581),
    plan(400, 578),
    plan(420, 575),
    plan(848, 572),
    plan(300, 570),
    plan(330, 569),
    plan(400, 565),
    plan(900, 565),
    plan(400, 564),
    plan(436, 562),
    plan(486, 553),
    plan(100, 553),
];

/// Private senior highs that admit from the central area (Chengdu 2023).
pub const PRIVATE: [Plan; 14] = [
    plan(560, 611),
    plan(980, 582),
    plan(300, 582),
    plan(100, 577),
    plan(150, 559),
    plan(1250, 553),
    plan(1000, 553),
    plan(1100, 553),
    plan(150, 553),
    plan(150, 553),
    plan(250, 553),
    plan(100, 553),
    plan(700, 553),
    plan(700, 553),
];

/// Sizes of junior highs: every twentieth part of the 285 with eligible graduates (Guangzhou 2026).
pub const JUNIOR_SIZES: [u64; 21] =
    [1, 2, 4, 8, 32, 60, 76, 109, 129, 150, 184, 209, 229, 261, 288, 333, 376, 467, 526, 620, 1482];

/// Their mean size: 65,207 eligible graduates of 285 junior highs.
pub const MEAN_JUNIOR_SIZE: u64 = 229;

/// The total reached by the candidate who stands behind `above` of `of` candidates, in points.
///
/// Piecewise linear between the rows of [`TOTALS`], in whole numbers.
pub fn total_at(above: u64, of: u64) -> i64 {
    let place = u128::from(above) * 1000 * u128::from(TOTALS_OF) / u128::from(of.max(1));
    let place = i64::try_from(place).unwrap_or(i64::MAX);
    let thousandths = |row: (i64, u64)| i64::try_from(row.1 * 1000).unwrap_or(i64::MAX);
    let upper = TOTALS.partition_point(|row| thousandths(*row) <= place);
    let [Some(high), Some(low)] = [upper.checked_sub(1), Some(upper)].map(|row| TOTALS.get(row?)) else {
        return TOTALS[TOTALS.len() - 1].0;
    };
    let (from, to) = (thousandths(*high), thousandths(*low));
    high.0 - (place - from) * (high.0 - low.0) / (to - from).max(1)
}

/// The size of the junior high at `place` of 0..1000 from the smallest to the largest.
pub fn junior_size_at(place: u64) -> u64 {
    let step = usize::try_from(place / 50).unwrap_or(0).min(JUNIOR_SIZES.len() - 2);
    let (low, high) = (JUNIOR_SIZES[step], JUNIOR_SIZES[step + 1]);
    low + (high - low) * (place % 50) / 50
}
