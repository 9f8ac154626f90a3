//! The quota (指标) as it was published: how many seats a junior high has at which programme.

use crate::domain::quota::QuotaCell;

/// Seats by programme and junior high; a pair that is absent has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedQuota {
    /// (programme, junior high, seats) by index, sorted. A pool of junior highs (DP10) stands once
    /// for each of them, with the seats they share.
    cells: Vec<(u32, u32, u32)>,
}

impl PublishedQuota {
    /// The published cells, in any order.
    pub fn new(cells: &[QuotaCell]) -> PublishedQuota {
        let mut all: Vec<(u32, u32, u32)> = cells
            .iter()
            .flat_map(|cell| cell.juniors.iter().map(|&junior| (cell.programme, junior, cell.seats)))
            .collect();
        all.sort_unstable();
        PublishedQuota { cells: all }
    }

    /// The seats that pupils of a junior high may take at a programme.
    pub fn seats(&self, programme: u32, junior: u32) -> u32 {
        let pair = (programme, junior);
        let found = self.cells.binary_search_by_key(&pair, |&(programme, junior, _)| (programme, junior));
        found.map_or(0, |at| self.cells[at].2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_junior_high_of_a_pool_sees_the_seats_they_share() {
        let cell =
            |programme, juniors: &[u32], seats| QuotaCell { programme, juniors: juniors.into(), seats };
        let quota = PublishedQuota::new(&[cell(1, &[2, 4], 3), cell(0, &[4], 5)]);
        assert_eq!(
            [(0, 4), (1, 2), (1, 4), (0, 2)].map(|(programme, junior)| quota.seats(programme, junior)),
            [5, 3, 3, 0]
        );
    }
}
