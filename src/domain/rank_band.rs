//! A rank as anybody may see it: a band of at least 1 % of the ranked and at least 100 people (`experience.md` 1.2).

/// People of a band at least.
pub const LEAST_PEOPLE: u32 = 100;

/// Neighbours in the order of merit, told together. The only form in which a rank leaves the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankBand {
    /// The best rank of the band, from 1.
    pub from: u32,
    /// The worst.
    pub to: u32,
    /// Everybody with a valid exam record.
    pub ranked: u32,
}

impl RankBand {
    /// The band of a rank, from 1; none for what is no rank, and where all together are too few for one band.
    pub fn of(rank: u32, ranked: u32) -> Option<RankBand> {
        let width = LEAST_PEOPLE.max(ranked.div_ceil(100));
        let bands = ranked / width;
        if rank == 0 || rank > ranked || bands == 0 {
            return None;
        }
        // The last band takes what would be too few for one of their own.
        let at = ((rank - 1) / width).min(bands - 1);
        let to = if at + 1 == bands { ranked } else { (at + 1) * width };
        Some(RankBand { from: at * width + 1, to, ranked })
    }

    /// How much of the ranked stands at or above its end, in millionths: comparable between years.
    pub fn share(self) -> i64 {
        i64::from(self.to) * 1_000_000 / i64::from(self.ranked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_band_is_finer_than_a_hundredth_and_a_hundred_people() {
        for ranked in (0..500).chain([999, 1_000, 9_999, 10_000, 10_001, 10_199, 29_871, 123_456]) {
            let mut next = 1;
            while next <= ranked && ranked >= LEAST_PEOPLE {
                let band = RankBand::of(next, ranked).unwrap();
                let people = band.to - band.from + 1;
                assert!(people >= 100 && people * 100 >= ranked, "{band:?}");
                assert_eq!((band.from, band.ranked), (next, ranked));
                for rank in [band.from, (band.from + band.to) / 2, band.to] {
                    assert_eq!(RankBand::of(rank, ranked), Some(band), "one band for all of it");
                }
                next = band.to + 1;
            }
            assert!(ranked < LEAST_PEOPLE || next == ranked + 1, "every rank has a band");
            assert_eq!(RankBand::of(0, ranked).or(RankBand::of(ranked + 1, ranked)), None);
        }
        assert_eq!(RankBand::of(1, 99), None);
    }
}
