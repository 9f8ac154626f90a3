//! The lay of the city: areas, schools, plans and what a candidate of each area can list.

use crate::domain::demonstration::{AreaRow, CitySheets, JuniorRow, ProgrammeRow, ScopeCell, SeniorRow};
use crate::engine::demonstration::chance::Chance;
use crate::engine::demonstration::published::{
    MEAN_JUNIOR_SIZE, OTHER_PUBLIC, PRIVATE, Plan, SOUGHT_PUBLIC, junior_size_at, total_at,
};

/// Batches of the demonstration, in the order of its `season.toml`.
pub const BATCHES: [&str; 3] = ["1", "2", "3"];

/// Rooms of chance, so that no two draws share an address.
const AREAS_ROOM: u64 = 1;
const JUNIORS_ROOM: u64 = 2;
const SENIORS_ROOM: u64 = 3;

/// Areas that one city holds; a larger demonstration is a province of several cities.
const AREAS_OF_A_CITY: usize = 8;

/// A programme a candidate of an area can list, and the total it is expected to take.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// The place in [`CitySheets::programmes`].
    pub programme: usize,
    pub expected: i64,
}

/// A junior high inside its area.
#[derive(Clone, Debug)]
pub struct JuniorPlan {
    /// The place in [`CitySheets::juniors`].
    pub row: usize,
    /// Pupils of the area up to and with this school.
    pub end: u64,
    /// -1000 to 1000: how often the better (worse) of two draws becomes a pupil's standing.
    pub leaning: i64,
}

/// An area: its candidates are numbered without gaps.
#[derive(Clone, Debug)]
pub struct AreaPlan {
    /// The number of its first candidate in the whole city, from 0.
    pub first: u64,
    pub pupils: u64,
    pub juniors: Vec<JuniorPlan>,
    /// Serial numbers are spread over the junior highs by this step, coprime to `pupils`.
    pub stride: u64,
    /// Programmes of the first and of the second batch, the most sought after first.
    pub offers: [Vec<Offer>; 2],
}

/// The whole lay: sheets as they are written, and what the candidates are drawn from.
#[derive(Clone, Debug)]
pub struct Layout {
    pub size: u64,
    pub seed: u64,
    pub sheets: CitySheets,
    pub areas: Vec<AreaPlan>,
}

/// Lays out a city of `size` candidates.
///
/// # Complexity
/// O(areas + schools); both grow with `size` up to 240 areas.
pub fn lay_out(size: u64, seed: u64) -> Layout {
    let count = usize::try_from((size / 6000).clamp(3, 240)).expect("at most 240");
    let mut layout = Layout { size, seed, sheets: CitySheets::default(), areas: Vec::with_capacity(count) };
    found_areas(&mut layout, count);
    for area in 0..count {
        found_juniors(&mut layout, area);
    }
    centre_leanings(&mut layout);
    let cities = (count / AREAS_OF_A_CITY).max(1);
    for city in 0..cities {
        let end = if city + 1 == cities { count } else { (city + 1) * AREAS_OF_A_CITY };
        found_seniors(&mut layout, city * AREAS_OF_A_CITY..end);
    }
    layout.sheets.seniors.sort_by(|a, b| a.code.cmp(&b.code));
    layout
}

/// The number of urban areas among those of a city.
fn urban(areas: usize) -> usize {
    (areas * 2 / 5).max(2)
}

fn is_urban(area: usize, areas: usize) -> bool {
    let cities = (areas / AREAS_OF_A_CITY).max(1);
    let city = (area / AREAS_OF_A_CITY).min(cities - 1);
    let of_city = if city + 1 == cities { areas - city * AREAS_OF_A_CITY } else { AREAS_OF_A_CITY };
    area - city * AREAS_OF_A_CITY < urban(of_city)
}

fn found_areas(layout: &mut Layout, count: usize) {
    const FIRST: [&str; 16] =
        ["云", "松", "河", "安", "星", "石", "林", "清", "平", "宁", "长", "海", "文", "柳", "泉", "白"];
    const SECOND: [&str; 16] =
        ["岭", "原", "溪", "丰", "桥", "台", "川", "口", "陵", "水", "山", "阳", "塘", "城", "湾", "沙"];
    let mut chance = Chance::at(layout.seed, AREAS_ROOM, 0);
    let weights: Vec<u64> = (0..count)
        .map(|area| if is_urban(area, count) { 100 + chance.below(60) } else { 60 + chance.below(60) })
        .collect();
    let all: u64 = weights.iter().sum();
    let mut before = 0;
    for (area, weight) in weights.iter().enumerate() {
        let first = layout.size * before / all;
        before += weight;
        let pupils = layout.size * before / all - first;
        let mut stride = (pupils * 618 / 1000).max(1);
        while greatest_common_divisor(stride, pupils) != 1 {
            stride += 1;
        }
        let kind = if is_urban(area, count) { "区" } else { "县" };
        layout.sheets.areas.push(AreaRow {
            code: format!("A{:03}", area + 1),
            name: format!("{}{}{kind}", FIRST[area % 16], SECOND[(area / 16 + area) % 16]),
            divisions: vec![division(area).to_string()],
        });
        let offers = [Vec::new(), Vec::new()];
        layout.areas.push(AreaPlan { first, pupils, juniors: Vec::new(), stride, offers });
    }
}

/// A county code of the shape of GB/T 2260 that does not exist: 149901, 149902, ..., 149801, ...
pub fn division(area: usize) -> u32 {
    let area = u32::try_from(area).expect("few areas");
    (1499 - area / 90) * 100 + 1 + area % 90
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Junior highs of an area: sizes spread as published, stretched to the pupils there are.
fn found_juniors(layout: &mut Layout, area: usize) {
    let mut chance = Chance::at(layout.seed, JUNIORS_ROOM, area as u64);
    let Layout { sheets, areas, .. } = layout;
    let plan = &mut areas[area];
    let count = ((plan.pupils + MEAN_JUNIOR_SIZE / 2) / MEAN_JUNIOR_SIZE).max(6);
    let drawn: Vec<u64> =
        (0..count).map(|school| junior_size_at((school * 1000 + chance.below(1000)) / count)).collect();
    let mut sizes = shared_out(plan.pupils, &drawn, 1);
    for last in (1..sizes.len()).rev() {
        sizes.swap(last, chance.place(last + 1));
    }
    let area_leaning = chance.around(200);
    let mut end = 0;
    for (school, size) in sizes.into_iter().enumerate() {
        let number = school + 1;
        let private = chance.per_mille(125);
        let nine_year = chance.per_mille(if size < 60 { 400 } else { 130 });
        let kind = match (private, nine_year) {
            (true, _) => "双语学校",
            (false, true) => "九年一贯制学校",
            (false, false) => "初级中学",
        };
        let leaning = chance.around(900) + area_leaning + if private { 250 } else { 0 };
        end += size;
        plan.juniors.push(JuniorPlan { row: sheets.juniors.len(), end, leaning });
        let row = &sheets.areas[area];
        sheets.juniors.push(JuniorRow {
            code: format!("J{:03}{number:03}", area + 1),
            name: format!("{}第{number}{kind}", row.name),
            area_code: row.code.clone(),
            private,
            nine_year,
            intake: size + chance.below(size / 20 + 2),
        });
    }
}

/// Takes the mean off the leanings, so that the totals of the whole city keep their published shape.
fn centre_leanings(layout: &mut Layout) {
    for _ in 0..4 {
        let mut sum: i128 = 0;
        for area in &layout.areas {
            let mut start = 0;
            for junior in &area.juniors {
                sum += i128::from(junior.leaning) * i128::from(junior.end - start);
                start = junior.end;
            }
        }
        let mean = i64::try_from(sum / i128::from(layout.size.max(1))).expect("between -1000 and 1000");
        for junior in layout.areas.iter_mut().flat_map(|area| &mut area.juniors) {
            junior.leaning = (junior.leaning - mean).clamp(-1000, 1000);
        }
    }
}

/// Whole shares of `total` after `weights`, none below `least`; what is left goes to the largest.
fn shared_out(total: u64, weights: &[u64], least: u64) -> Vec<u64> {
    let all: u64 = weights.iter().sum::<u64>().max(1);
    let mut shares: Vec<u64> = weights.iter().map(|weight| (total * weight / all).max(least)).collect();
    loop {
        let given: u64 = shares.iter().sum();
        let largest =
            (0..shares.len()).max_by_key(|&place| (shares[place], place)).expect("there is a share");
        match total.checked_sub(given) {
            Some(left) => {
                shares[largest] += left;
                return shares;
            }
            None if shares[largest] <= least => return shares,
            None => shares[largest] -= (given - total).min(shares[largest] - least).div_ceil(2),
        }
    }
}

/// Plans taken evenly from a published list, from the most to the least sought after.
fn plans(chance: &mut Chance, list: &[Plan], count: usize) -> Vec<Plan> {
    (0..count)
        .map(|place| {
            let at = place * list.len() + chance.place(list.len());
            list[(at / count).min(list.len() - 1)]
        })
        .collect()
}

/// What a senior high is before it has its code.
struct Founding {
    home: usize,
    plan: Plan,
    seats: u64,
    private: bool,
    sought: bool,
    name: String,
    scope: ScopeCell,
    /// Areas inside the scope.
    areas: std::ops::Range<usize>,
}

/// Senior highs of one city: city-run ones for its urban areas, the others area by area.
fn found_seniors(layout: &mut Layout, areas: std::ops::Range<usize>) {
    let mut chance = Chance::at(layout.seed, SENIORS_ROOM, areas.start as u64);
    let all_areas = layout.areas.len();
    let urban = areas.start..areas.start + urban(areas.len());
    let codes = |range: &std::ops::Range<usize>| {
        ScopeCell::Areas(layout.sheets.areas[range.clone()].iter().map(|row| row.code.clone()).collect())
    };
    let mut schools: Vec<Founding> = Vec::new();
    let urban_pupils: u64 = layout.areas[urban.clone()].iter().map(|area| area.pupils).sum();
    let city_run = usize::try_from((urban_pupils / 4000).clamp(1, 5)).expect("at most 5");
    let weights: Vec<u64> = SOUGHT_PUBLIC[..city_run].iter().map(|plan| plan.seats).collect();
    for (place, seats) in shared_out(urban_pupils * 6 / 100, &weights, 4).into_iter().enumerate() {
        schools.push(Founding {
            home: areas.start,
            plan: SOUGHT_PUBLIC[place],
            seats,
            private: false,
            sought: true,
            name: format!("示范市第{}中学", areas.start + place + 1),
            scope: codes(&urban),
            areas: urban.clone(),
        });
    }
    for area in areas.clone() {
        let pupils = layout.areas[area].pupils;
        let count = usize::try_from((8 + pupils / 1200).min(20)).expect("at most 20");
        let sought = count * 45 / 100;
        let other = count * 30 / 100;
        let mut drawn = plans(&mut chance, &SOUGHT_PUBLIC[5..], sought);
        drawn.extend(plans(&mut chance, &OTHER_PUBLIC, other));
        drawn.extend(plans(&mut chance, &PRIVATE, count - sought - other));
        let weights: Vec<u64> = drawn.iter().map(|plan| plan.seats).collect();
        let percent = if urban.contains(&area) { 51 } else { 57 };
        let name = &layout.sheets.areas[area].name;
        for (place, seats) in shared_out(pupils * percent / 100, &weights, 4).into_iter().enumerate() {
            let private = place >= sought + other;
            // The first private school of a city admits from all of it.
            let wide = private && place == sought + other && area == areas.start;
            let within = if wide { areas.clone() } else { area..area + 1 };
            let scope = match (wide, place % 5) {
                (true, _) if areas.len() == all_areas => ScopeCell::Everywhere,
                (false, 4) => ScopeCell::Own,
                _ => codes(&within),
            };
            let kind = if private { "外国语高级中学" } else { "高级中学" };
            let sought = place < sought;
            let name = format!("{name}第{}{kind}", place + 1);
            schools.push(Founding {
                home: area,
                plan: drawn[place],
                seats,
                private,
                sought,
                name,
                scope,
                areas: within,
            });
        }
    }
    // The most sought after first: so a running sum of seats tells the rank each one should reach.
    let mut numbers = vec![0_usize; areas.len()];
    let mut order: Vec<(i64, usize)> = Vec::new();
    let mut founded: Vec<(usize, Founding)> = Vec::new();
    for school in schools {
        let number = &mut numbers[school.home - areas.start];
        *number += 1;
        let rank = i64::from(school.sought) * 10_000 + school.plan.cutoff * 10 + chance.around(60);
        order.push((-rank, founded.len()));
        founded.push((*number, school));
    }
    order.sort_unstable();
    let mut taken = vec![0_u64; areas.len()];
    for (_, place) in order {
        let (number, school) = &founded[place];
        offer(layout, &mut chance, *number, school, &areas, &mut taken);
    }
}

/// Writes a school and its programmes, and offers them to the areas in scope.
fn offer(
    layout: &mut Layout,
    chance: &mut Chance,
    number: usize,
    school: &Founding,
    city: &std::ops::Range<usize>,
    taken: &mut [u64],
) {
    let home = &layout.sheets.areas[school.home];
    let code = format!("S{:03}{number:02}", school.home + 1);
    layout.sheets.seniors.push(SeniorRow {
        code: code.clone(),
        name: school.name.clone(),
        area_code: home.code.clone(),
        private: school.private,
        high_quality: school.sought,
    });
    let batch = usize::from(!school.sought);
    // Some schools recruit a part of their plan for a class of its own.
    let special = if school.seats >= 40 && chance.per_mille(180) { school.seats / 5 } else { 0 };
    for (part, seats) in [school.seats - special, special].into_iter().enumerate() {
        if seats == 0 {
            continue;
        }
        let quota_base = (school.sought && part == 0 && seats >= 40 && chance.per_mille(250))
            .then(|| seats - seats / 10 - chance.below(3));
        let gate_open = (school.sought && school.plan.cutoff >= 638).then(|| 480 + 10 * chance.below(4));
        let gate_quota = (school.sought && chance.per_mille(350)).then(|| 440 + 10 * chance.below(5));
        let row = layout.sheets.programmes.len();
        layout.sheets.programmes.push(ProgrammeRow {
            code: format!("P{}{}", &code[1..], part + 1),
            school_code: code.clone(),
            name: format!("{}{}", school.name, if part == 0 { "" } else { "特色班" }),
            batch: BATCHES[batch],
            seats,
            scope: school.scope.clone(),
            gate_open,
            gate_quota,
            quota_base,
        });
        let in_scope: u64 = layout.areas[school.areas.clone()].iter().map(|area| area.pupils).sum();
        for area in school.areas.clone() {
            let plan = &mut layout.areas[area];
            let seen = &mut taken[area - city.start];
            *seen += seats * plan.pupils / in_scope.max(1);
            let expected = total_at(*seen, plan.pupils);
            plan.offers[batch].push(Offer { programme: row, expected });
        }
    }
}
