//! Finds the parts of a market that have nothing to do with each other, and sorts it by them.
//!
//! SX22 6.1: senior highs recruit inside their county, so a city falls into areas that can be
//! placed independently and in parallel; which ones follows from the lists themselves.

use crate::domain::market::{Area, Market, Programme};

/// A market sorted into areas, and where its students and programmes stood before.
pub struct Sorted {
    pub market: Market,
    /// New index of a student -> old one.
    pub students: Vec<u32>,
    /// New index of a programme -> old one.
    pub programmes: Vec<u32>,
}

/// Sorts a market of one area into its independent areas. Inside an area the order stays.
///
/// # Complexity
/// O(total list length), nearly (union-find with path halving).
pub fn sorted_by_area(market: Market) -> Sorted {
    let count = market.programmes.len();
    let mut parent: Vec<u32> = (0..count as u32).collect();
    for list in market.list_start.windows(2) {
        let list = &market.applications[list[0] as usize..list[1] as usize];
        let mut wanted = list.iter().filter(|application| application.open() || application.quota());
        if let Some(first) = wanted.next() {
            let mut root = find(&mut parent, first.programme());
            for application in wanted {
                let other = find(&mut parent, application.programme());
                // The smaller index becomes the root: areas come in the order of their programmes.
                let (low, high) = (root.min(other), root.max(other));
                parent[high as usize] = low;
                root = low;
            }
        }
    }
    let mut area_of = vec![0u32; count];
    let mut areas = 0;
    for programme in 0..count as u32 {
        let root = find(&mut parent, programme);
        if root == programme {
            area_of[programme as usize] = areas;
            areas += 1;
        } else {
            area_of[programme as usize] = area_of[root as usize];
        }
    }
    let areas = areas.max(1) as usize;
    let student_area: Vec<u32> = market
        .list_start
        .windows(2)
        .map(|list| {
            let list = &market.applications[list[0] as usize..list[1] as usize];
            let wanted = list.iter().find(|application| application.open() || application.quota());
            wanted.map_or(0, |application| area_of[application.programme() as usize])
        })
        .collect();
    let (programme_bounds, programmes) = grouped(&area_of, areas);
    let (student_bounds, students) = grouped(&student_area, areas);
    let market = rearranged(&market, &students, &programmes);
    let area = |at: usize| Area {
        students: student_bounds[at]..student_bounds[at + 1],
        programmes: programme_bounds[at]..programme_bounds[at + 1],
    };
    let market = Market { areas: (0..areas).map(area).collect(), ..market };
    Sorted { market, students, programmes }
}

fn find(parent: &mut [u32], mut programme: u32) -> u32 {
    while parent[programme as usize] != programme {
        let above = parent[parent[programme as usize] as usize];
        parent[programme as usize] = above;
        programme = above;
    }
    programme
}

/// Counting sort: the bounds of each group, and the members in order.
fn grouped(group_of: &[u32], groups: usize) -> (Vec<u32>, Vec<u32>) {
    let mut bounds = vec![0u32; groups + 1];
    for &group in group_of {
        bounds[group as usize + 1] += 1;
    }
    for group in 0..groups {
        bounds[group + 1] += bounds[group];
    }
    let mut next = bounds.clone();
    let mut members = vec![0u32; group_of.len()];
    for (member, &group) in (0..).zip(group_of) {
        members[next[group as usize] as usize] = member;
        next[group as usize] += 1;
    }
    (bounds, members)
}

fn rearranged(market: &Market, students: &[u32], programmes: &[u32]) -> Market {
    let mut new_of = vec![0u32; programmes.len()];
    for (new, &old) in (0..).zip(programmes) {
        new_of[old as usize] = new;
    }
    let mut to = Market {
        list_start: Vec::with_capacity(students.len() + 1),
        applications: Vec::with_capacity(market.applications.len()),
        levels: Vec::with_capacity(market.levels.len()),
        juniors: picked(&market.juniors, students),
        totals: picked(&market.totals, students),
        rankings: market.rankings.iter().map(|ranking| picked(ranking, students)).collect(),
        ..Market::default()
    };
    to.list_start.push(0);
    for &student in students {
        for entry in market.list(student) {
            let old = market.applications[entry];
            to.applications.push(old.renumbered(new_of[old.programme() as usize]));
            to.levels.push(market.levels[entry]);
        }
        to.list_start.push(to.applications.len() as u32);
    }
    for &programme in programmes {
        let old = &market.programmes[programme as usize];
        let first = to.cells.len() as u32;
        to.cells.extend_from_slice(&market.cells[old.cells.start as usize..old.cells.end as usize]);
        let feeders = to.feeders.len() as u32;
        let moved = &market.feeders[old.feeders.start as usize..old.feeders.end as usize];
        to.feeders.extend(moved.iter().map(|&(junior, cell)| (junior, cell - old.cells.start + first)));
        to.programmes.push(Programme {
            cells: first..to.cells.len() as u32,
            feeders: feeders..to.feeders.len() as u32,
            ..old.clone()
        });
    }
    to
}

fn picked<T: Copy>(column: &[T], students: &[u32]) -> Vec<T> {
    if column.is_empty() {
        Vec::new()
    } else {
        students.iter().map(|&student| column[student as usize]).collect()
    }
}
