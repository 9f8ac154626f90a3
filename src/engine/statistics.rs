//! Counts of a published season: seats filled, quota used, choices met; exact, or fit for everybody's eyes.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::seat::Seat;
use crate::engine::suppression::{Number, SMALLEST, Sum, hidden};

/// A count; `None` where it is hidden from outsiders.
pub type Count = Option<u64>;

/// A programme as it was offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub programme: String,
    pub school: String,
    pub seats: u64,
}

/// Quota seats of a programme for a junior high (several share a cell by `;`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaCell {
    pub programme: String,
    pub juniors: String,
    pub seats: u64,
}

/// Somebody's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed<'p> {
    pub programme: &'p str,
    pub junior: &'p str,
    /// None of a place that the ledger gave outside the engine.
    pub seat: Option<Seat>,
    /// Which choice of its batch the place was; 0 by the ledger.
    pub rank: u32,
}

/// How a programme was filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    pub programme: String,
    pub school: String,
    pub seats: u64,
    pub quota: Count,
    pub pool: Count,
    /// With those whom the ledger placed.
    pub open: Count,
    pub taken: Count,
}

/// Quota seats of a junior high at a senior high.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaUse {
    pub juniors: String,
    pub school: String,
    pub seats: u64,
    pub used: Count,
}

/// Quota seats of a junior high at all senior highs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JuniorTotal {
    pub juniors: String,
    pub seats: u64,
    pub used: Count,
}

/// Those admitted to a senior high, and how many of them on quota seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolTotal {
    pub school: String,
    pub admitted: Count,
    pub by_quota: Count,
}

/// Those admitted to a senior high on one rank of their lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    pub rank: u32,
    pub school: String,
    pub admitted: Count,
}

/// Those admitted on one rank of their lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankTotal {
    pub rank: u32,
    pub admitted: Count,
}

/// The counts of a season.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    pub admitted: Count,
    pub fill: Vec<Fill>,
    pub schools: Vec<SchoolTotal>,
    pub quota_use: Vec<QuotaUse>,
    pub juniors: Vec<JuniorTotal>,
    pub ranks: Vec<RankTotal>,
    pub flow: Vec<Flow>,
}

impl Statistics {
    /// Counts.
    ///
    /// # Complexity
    /// O(placed log cells + ranks x schools).
    pub fn count(offers: &[Offer], cells: &[QuotaCell], placed: &[Placed<'_>]) -> Statistics {
        let school_of: BTreeMap<&str, &str> =
            offers.iter().map(|offer| (offer.programme.as_str(), offer.school.as_str())).collect();
        let mut group_of: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        let mut planned: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for cell in cells {
            let school = school_of.get(cell.programme.as_str()).copied().unwrap_or_default();
            *planned.entry((&cell.juniors, school)).or_default() += cell.seats;
            for junior in cell.juniors.split(';') {
                group_of.insert((&cell.programme, junior), &cell.juniors);
            }
        }
        planned.retain(|_, seats| *seats > 0);
        let mut by_seat: BTreeMap<(&str, Option<Seat>), u64> = BTreeMap::new();
        let mut by_rank: BTreeMap<(u32, &str), u64> = BTreeMap::new();
        let mut used: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for place in placed {
            let school = school_of.get(place.programme).copied().unwrap_or_default();
            *by_seat.entry((place.programme, place.seat)).or_default() += 1;
            *by_rank.entry((place.rank, school)).or_default() += 1;
            if place.seat == Some(Seat::Quota) {
                let group = group_of.get(&(place.programme, place.junior)).copied();
                let key = (group.unwrap_or(place.junior), school);
                planned.entry(key).or_default();
                *used.entry(key).or_default() += 1;
            }
        }
        let fill: Vec<Fill> = offers
            .iter()
            .map(|offer| {
                let of = |seat| by_seat.get(&(offer.programme.as_str(), seat)).copied().unwrap_or(0);
                let (quota, pool) = (of(Some(Seat::Quota)), of(Some(Seat::Pool)));
                let open = of(Some(Seat::Open)) + of(None);
                Fill {
                    programme: offer.programme.clone(),
                    school: offer.school.clone(),
                    seats: offer.seats,
                    quota: Some(quota),
                    pool: Some(pool),
                    open: Some(open),
                    taken: Some(quota + pool + open),
                }
            })
            .collect();
        let schools: BTreeSet<&str> = school_of.values().copied().collect();
        let ranks: BTreeSet<u32> = by_rank.keys().map(|(rank, _)| *rank).chain([1]).collect();
        let juniors: BTreeSet<&str> = planned.keys().map(|(juniors, _)| *juniors).collect();
        let sum = |counts: &mut dyn Iterator<Item = Count>| Some(counts.flatten().sum::<u64>());
        let used_of = |key: &(&str, &str)| used.get(key).copied().unwrap_or(0);
        Statistics {
            admitted: Some(placed.len() as u64),
            schools: schools
                .iter()
                .map(|school| {
                    let own = || fill.iter().filter(|fill| fill.school == *school);
                    SchoolTotal {
                        school: (*school).to_owned(),
                        admitted: sum(&mut own().map(|fill| fill.taken)),
                        by_quota: sum(&mut own().map(|fill| fill.quota)),
                    }
                })
                .collect(),
            quota_use: planned
                .iter()
                .map(|(key, seats)| QuotaUse {
                    juniors: key.0.to_owned(),
                    school: key.1.to_owned(),
                    seats: *seats,
                    used: Some(used_of(key)),
                })
                .collect(),
            juniors: juniors
                .iter()
                .map(|juniors| {
                    let own = || planned.iter().filter(|(key, _)| key.0 == *juniors);
                    JuniorTotal {
                        juniors: (*juniors).to_owned(),
                        seats: own().map(|(_, seats)| *seats).sum(),
                        used: sum(&mut own().map(|(key, _)| Some(used_of(key)))),
                    }
                })
                .collect(),
            ranks: ranks
                .iter()
                .map(|rank| {
                    let own = by_rank.iter().filter(|(key, _)| key.0 == *rank);
                    RankTotal { rank: *rank, admitted: sum(&mut own.map(|(_, count)| Some(*count))) }
                })
                .collect(),
            flow: ranks
                .iter()
                .flat_map(|rank| schools.iter().map(move |school| (*rank, *school)))
                .map(|key| Flow {
                    rank: key.0,
                    school: key.1.to_owned(),
                    admitted: Some(by_rank.get(&key).copied().unwrap_or(0)),
                })
                .collect(),
            fill,
        }
    }

    /// Of thousand admitted, how many were admitted on their first choice; rounded down.
    pub fn first_choice_per_mille(&self) -> Count {
        let first = self.ranks.iter().find(|total| total.rank == 1)?.admitted?;
        (first * 1000).checked_div(self.admitted?)
    }

    /// With every number hidden that stands for fewer than ten people, or that would tell such a number: all tables
    /// together, for they share their totals.
    #[must_use]
    pub fn for_everybody(mut self) -> Statistics {
        let (numbers, sums) = self.system();
        let hidden = hidden(&numbers, &sums);
        for (count, _) in self.counts().into_iter().zip(hidden).filter(|(_, hidden)| *hidden) {
            *count = None;
        }
        self
    }

    /// Every count in the order of [`Statistics::system`].
    fn counts(&mut self) -> Vec<&mut Count> {
        let mut counts = vec![&mut self.admitted];
        for fill in &mut self.fill {
            counts.extend([&mut fill.quota, &mut fill.pool, &mut fill.open, &mut fill.taken]);
        }
        for school in &mut self.schools {
            counts.extend([&mut school.admitted, &mut school.by_quota]);
        }
        counts.extend(self.quota_use.iter_mut().map(|cell| &mut cell.used));
        counts.extend(self.juniors.iter_mut().map(|total| &mut total.used));
        counts.extend(self.ranks.iter_mut().map(|total| &mut total.admitted));
        counts.extend(self.flow.iter_mut().map(|cell| &mut cell.admitted));
        counts
    }

    /// The counts as numbers, and what everybody knows of them: which add up to which, and where quota seats end.
    fn system(&self) -> (Vec<Number>, Vec<Sum>) {
        let mut numbers = Vec::new();
        let mut sums = Vec::new();
        let mut add = |count: Count, at_most: Option<u64>| {
            let value = count.unwrap_or(0);
            // Corrections may go over the plan: then nobody takes the seats for a bound.
            numbers.push(Number { value, at_most: at_most.filter(|most| value <= *most) });
            numbers.len() - 1
        };
        let all = add(self.admitted, None);
        // Where the rules know no pool, nobody was placed from one.
        let no_pool = self.fill.iter().all(|fill| fill.pool == Some(0)).then_some(0);
        let has_quota: BTreeSet<&str> = self
            .quota_use
            .iter()
            .filter(|cell| cell.seats > 0 || cell.used != Some(0))
            .map(|cell| cell.school.as_str())
            .collect();
        let fill: Vec<[usize; 4]> = self
            .fill
            .iter()
            .map(|fill| {
                let quota = if has_quota.contains(fill.school.as_str()) { None } else { Some(0) };
                let parts = [add(fill.quota, quota), add(fill.pool, no_pool), add(fill.open, None)];
                let taken = add(fill.taken, None);
                sums.push(Sum { total: taken, parts: parts.to_vec() });
                [parts[0], parts[1], parts[2], taken]
            })
            .collect();
        let schools: Vec<[usize; 2]> = self
            .schools
            .iter()
            .map(|school| {
                let quota = if has_quota.contains(school.school.as_str()) { None } else { Some(0) };
                let at = [add(school.admitted, None), add(school.by_quota, quota)];
                let own = || (0..).zip(&self.fill).filter(|(_, fill)| fill.school == school.school);
                sums.push(Sum {
                    total: at[0],
                    parts: own().map(|(place, _): (usize, _)| fill[place][3]).collect(),
                });
                sums.push(Sum {
                    total: at[1],
                    parts: own().map(|(place, _): (usize, _)| fill[place][0]).collect(),
                });
                at
            })
            .collect();
        let used: Vec<usize> = self.quota_use.iter().map(|cell| add(cell.used, Some(cell.seats))).collect();
        let juniors: Vec<usize> =
            self.juniors.iter().map(|total| add(total.used, Some(total.seats))).collect();
        let ranks: Vec<usize> = self.ranks.iter().map(|total| add(total.admitted, None)).collect();
        let flow: Vec<usize> = self.flow.iter().map(|cell| add(cell.admitted, None)).collect();
        let cells = |fits: &dyn Fn(&QuotaUse) -> bool| -> Vec<usize> {
            used.iter().zip(&self.quota_use).filter(|(_, cell)| fits(cell)).map(|(at, _)| *at).collect()
        };
        let flows = |fits: &dyn Fn(&Flow) -> bool| -> Vec<usize> {
            flow.iter().zip(&self.flow).filter(|(_, cell)| fits(cell)).map(|(at, _)| *at).collect()
        };
        for (at, school) in schools.iter().zip(&self.schools) {
            sums.push(Sum { total: at[1], parts: cells(&|cell| cell.school == school.school) });
            sums.push(Sum { total: at[0], parts: flows(&|cell| cell.school == school.school) });
        }
        for (&total, junior) in juniors.iter().zip(&self.juniors) {
            sums.push(Sum { total, parts: cells(&|cell| cell.juniors == junior.juniors) });
        }
        for (&total, rank) in ranks.iter().zip(&self.ranks) {
            sums.push(Sum { total, parts: flows(&|cell| cell.rank == rank.rank) });
        }
        sums.push(Sum { total: all, parts: schools.iter().map(|at| at[0]).collect() });
        sums.push(Sum { total: all, parts: ranks });
        (numbers, sums)
    }
}

/// Candidates of an area whose totals lie between two whole scores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    pub area: String,
    pub highest: i64,
    pub lowest: i64,
    pub count: u64,
    /// Those of this band and of all above it.
    pub cumulative: u64,
}

/// Rows of the score segments drawn together from the top until each stands for ten people or more; the rest at the
/// bottom joins the band above it. An area with fewer people has no row: nothing small is left to be worked out.
///
/// # Complexity
/// O(rows).
pub fn bands_for_everybody(rows: Vec<Band>) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for row in rows {
        match bands.last_mut().filter(|band| band.area == row.area && band.count < SMALLEST) {
            Some(band) => {
                band.lowest = row.lowest;
                band.count += row.count;
                band.cumulative = row.cumulative;
            }
            None => bands.push(row),
        }
    }
    let mut whole: Vec<Band> = Vec::new();
    for band in bands {
        let above = whole.last_mut().filter(|above| above.area == band.area);
        match above {
            Some(above) if band.count < SMALLEST => {
                above.lowest = band.lowest;
                above.count += band.count;
                above.cumulative = band.cumulative;
            }
            _ => whole.push(band),
        }
    }
    whole.retain(|band| band.count >= SMALLEST);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(programme: &str, school: &str, seats: u64) -> Offer {
        Offer { programme: programme.to_owned(), school: school.to_owned(), seats }
    }

    fn cell(programme: &str, juniors: &str, seats: u64) -> QuotaCell {
        QuotaCell { programme: programme.to_owned(), juniors: juniors.to_owned(), seats }
    }

    fn many<'p>(
        count: usize,
        programme: &'p str,
        junior: &'p str,
        seat: Option<Seat>,
        rank: u32,
    ) -> Vec<Placed<'p>> {
        vec![Placed { programme, junior, seat, rank }; count]
    }

    /// Two schools, three programmes, quota cells for J01 and for J02 and J03 together.
    fn town() -> Statistics {
        let offers = [offer("P1", "S1", 60), offer("P2", "S1", 30), offer("P3", "S2", 80)];
        let cells = [cell("P1", "J01", 25), cell("P1", "J02;J03", 20), cell("P2", "J01", 4)];
        let placed = [
            many(20, "P1", "J01", Some(Seat::Quota), 1),
            many(7, "P1", "J02", Some(Seat::Quota), 1),
            many(8, "P1", "J03", Some(Seat::Quota), 2),
            many(24, "P1", "J02", Some(Seat::Open), 1),
            many(3, "P2", "J01", Some(Seat::Quota), 2),
            many(22, "P2", "J02", Some(Seat::Open), 3),
            many(31, "P3", "J03", Some(Seat::Open), 1),
            many(33, "P3", "J03", Some(Seat::Open), 2),
            many(2, "P3", "J01", None, 0),
        ];
        Statistics::count(&offers, &cells, &placed.concat())
    }

    #[test]
    fn a_small_town_is_counted_by_hand() {
        let town = town();
        assert_eq!(town.admitted, Some(150));
        let fill: Vec<[Count; 4]> =
            town.fill.iter().map(|fill| [fill.quota, fill.pool, fill.open, fill.taken]).collect();
        let some = |counts: [u64; 4]| counts.map(Some);
        assert_eq!(fill, [some([35, 0, 24, 59]), some([3, 0, 22, 25]), some([0, 0, 66, 66])]);
        let used: Vec<(&str, &str, u64, Count)> = town
            .quota_use
            .iter()
            .map(|cell| (cell.juniors.as_str(), cell.school.as_str(), cell.seats, cell.used))
            .collect();
        assert_eq!(used, [("J01", "S1", 29, Some(23)), ("J02;J03", "S1", 20, Some(15))]);
        let ranks: Vec<(u32, Count)> = town.ranks.iter().map(|total| (total.rank, total.admitted)).collect();
        assert_eq!(ranks, [(0, Some(2)), (1, Some(82)), (2, Some(44)), (3, Some(22))]);
        assert_eq!(town.first_choice_per_mille(), Some(546), "82 of 150");
        let (numbers, sums) = town.system();
        for sum in sums {
            let parts: u64 = sum.parts.iter().map(|at| numbers[*at].value).sum();
            assert_eq!(numbers[sum.total].value, parts, "{sum:?}");
        }
    }

    #[test]
    fn everybody_sees_no_small_number_and_offices_see_all() {
        let mut public = town().for_everybody();
        let exact = town().counts().into_iter().map(|count| *count).collect::<Vec<_>>();
        for (shown, exact) in public.counts().into_iter().zip(exact) {
            assert!(shown.is_none() || *shown == exact);
        }
        // No pool in this town, no quota at S2: everybody knows these zeros.
        assert_eq!(public.fill[2].quota, Some(0));
        assert_eq!(public.fill[0].pool, Some(0));
        assert_eq!(public.fill[1].quota, None, "three people");
        assert_eq!(public.fill[1].open, None, "25 less 22 are three people");
        assert_eq!(public.admitted, Some(150));
        assert_eq!(public.ranks[0].admitted, None, "two people");
        for count in public.counts().into_iter().flatten() {
            assert!(*count == 0 || *count >= SMALLEST);
        }
    }

    #[test]
    fn bands_hold_ten_people_or_more() {
        let mut cumulative = 0;
        let rows = [(600, 4), (599, 5), (598, 3), (597, 0), (596, 11), (595, 2), (594, 1)];
        let mut all: Vec<Band> = rows
            .into_iter()
            .map(|(score, count)| {
                cumulative += count;
                Band { area: "A01".to_owned(), highest: score, lowest: score, count, cumulative }
            })
            .collect();
        all.push(Band { area: "A02".to_owned(), highest: 500, lowest: 500, count: 9, cumulative: 9 });
        let told: Vec<(i64, i64, u64, u64)> = bands_for_everybody(all)
            .into_iter()
            .map(|band| (band.highest, band.lowest, band.count, band.cumulative))
            .collect();
        assert_eq!(told, [(600, 598, 12, 12), (597, 594, 14, 26)]);
    }
}
