//! One invented candidate at a time: standing, marks, papers of her school, and her lists.

use jiff::civil::Date;

use crate::domain::demonstration::{CandidateRow, SCORE_COLUMNS, ScoreCell};
use crate::engine::demonstration::chance::Chance;
use crate::engine::demonstration::layout::{AreaPlan, BATCHES, Layout, Offer, division};
use crate::engine::demonstration::people::{identity_number, name, write_digits};
use crate::engine::demonstration::published::total_at;

const CANDIDATES_ROOM: u64 = 10;

/// The control line of the demonstration's `season.toml`.
const LINE: i64 = 420;

/// The longest lists of the demonstration's `season.toml`, by batch.
const MAX_CHOICES: [usize; 3] = [8, 6, 4];

/// Bonuses with their reasons; a list of two is a candidate with two claims, the highest counts.
const BONUSES: [&[(&str, &str)]; 6] = [
    &[("5", "少数民族")],
    &[("5", "归侨子女")],
    &[("10", "军人子女")],
    &[("20", "烈士子女")],
    &[("5", "少数民族"), ("10", "军人子女")],
    &[("10", "见义勇为人员子女"), ("5", "台湾省籍")],
];

/// The days that register entries of the demonstration fall on.
const THREE_YEARS: Date = Date::constant(2023, 9, 1);
const FOUR_YEARS: Date = Date::constant(2022, 9, 1);
const TRANSFERS: [Date; 6] = [
    Date::constant(2023, 11, 6),
    Date::constant(2024, 2, 26),
    Date::constant(2024, 9, 2),
    Date::constant(2024, 9, 30),
    Date::constant(2025, 3, 3),
    Date::constant(2025, 9, 1),
];
const LATE_TRANSFERS: [Date; 4] = [
    Date::constant(2025, 9, 2),
    Date::constant(2025, 10, 13),
    Date::constant(2026, 2, 24),
    Date::constant(2026, 3, 16),
];
/// Pupils of a class at most.
const CLASS: u64 = 50;
const FIRST_BIRTHDAY: Date = Date::constant(2010, 9, 1);

/// The candidate with a number of the whole city, from 0; those of an area follow one another.
///
/// Her row depends on the layout and her number alone, so any part of a city can be drawn anywhere.
///
/// # Complexity
/// O(log areas + log junior highs of the area + programmes in scope).
pub fn draw(layout: &Layout, number: u64) -> CandidateRow<'_> {
    let mut chance = Chance::at(layout.seed, CANDIDATES_ROOM, number);
    let area = layout.areas.partition_point(|area| area.first <= number) - 1;
    let plan = &layout.areas[area];
    let serial = number - plan.first;
    // A fixed walk over the places of the area: every place once, neighbours far apart.
    let seat = u64::try_from(u128::from(serial) * u128::from(plan.stride) % u128::from(plan.pupils))
        .expect("a remainder fits");
    let at = plan.juniors.partition_point(|junior| junior.end <= seat);
    let junior = &plan.juniors[at];
    // The pupils of a junior high are dealt out to its classes in turn.
    let first = at.checked_sub(1).map_or(0, |before| plan.juniors[before].end);
    let class = 1 + (seat - first) % (junior.end - first).div_ceil(CLASS);
    let from_school = !chance.per_mille(3);
    let total = standing(&mut chance, if from_school { junior.leaning } else { 0 });

    let mut exam_no = *b"260000000000";
    write_digits(&mut exam_no[2..5], area as u64 + 1);
    write_digits(&mut exam_no[5..], serial + 1);

    let repeat = chance.per_mille(if from_school { 15 } else { 600 });
    let local = !chance.per_mille(120);
    let female = chance.per_mille(478);
    let id_no = number_of(&mut chance, area, serial, repeat, local, female);
    let row = &layout.sheets.juniors[junior.row];
    let mut flags = Vec::new();
    let register_from = if from_school { register(&mut chance, repeat, &mut flags) } else { None };
    if chance.per_mille(if row.private { 90 } else { 20 }) {
        flags.push("chosen_school");
    }
    if chance.per_mille(8) {
        flags.push("priority");
    }
    CandidateRow {
        exam_no,
        name: name(&mut chance),
        female,
        id_no,
        junior_code: from_school.then_some(row.code.as_str()),
        class: from_school.then_some(class),
        area_code: &layout.sheets.areas[area].code,
        register_from,
        attended: !chance.per_mille(10),
        repeat,
        local,
        bonuses: bonuses(&mut chance),
        quality_grade: quality(&mut chance, total),
        flags,
        scores: scores(&mut chance, total),
        preferences: lists(layout, plan, &mut chance, total),
    }
}

/// The total of a candidate whose junior high leans so; over a centred city it follows the
/// published curve, because the better and the worse of two draws together are all draws.
fn standing(chance: &mut Chance, leaning: i64) -> i64 {
    const OF: u64 = 1 << 32;
    let (one, other) = (chance.below(OF), chance.below(OF));
    let above = match (chance.below(1000) < leaning.unsigned_abs(), leaning > 0) {
        (true, true) => one.min(other),
        (true, false) => one.max(other),
        (false, _) => one,
    };
    total_at(above, OF)
}

/// An identity number nobody else of the city has: birth day and digits come from the serial.
fn number_of(
    chance: &mut Chance,
    area: usize,
    serial: u64,
    repeat: bool,
    local: bool,
    female: bool,
) -> [u8; 18] {
    let day = i32::try_from(serial % 365).expect("below 365");
    let earlier = repeat || chance.per_mille(30);
    let offset = if earlier { day - 365 } else { day };
    let born = FIRST_BIRTHDAY.checked_add(jiff::Span::new().days(offset)).expect("a day of our time");
    let home = division(area);
    let elsewhere = 159_001 + u32::try_from(area).expect("few areas");
    // Odd for a boy, even for a girl.
    let digits = serial / 365 * 2 + 1 + u64::from(female);
    identity_number(if local { home } else { elsewhere }, born, digits)
}

fn register(chance: &mut Chance, repeat: bool, flags: &mut Vec<&'static str>) -> Option<Date> {
    match chance.below(1000) {
        0..5 => None,
        5..20 => Some(chance.of(&LATE_TRANSFERS)),
        20..60 => {
            if chance.per_mille(500) {
                flags.push("legal_transfer");
            }
            Some(chance.of(&TRANSFERS))
        }
        _ => Some(if repeat { FOUR_YEARS } else { THREE_YEARS }),
    }
}

fn bonuses(chance: &mut Chance) -> &'static [(&'static str, &'static str)] {
    match chance.below(1000) {
        0..12 => BONUSES[0],
        12..15 => BONUSES[1],
        15..21 => BONUSES[2],
        21..22 => BONUSES[3],
        22..24 => BONUSES[4],
        24..25 => BONUSES[5],
        _ => &[],
    }
}

fn quality(chance: &mut Chance, total: i64) -> &'static str {
    if chance.per_mille(8) {
        return "";
    }
    match total + chance.around(250) {
        500.. => "A",
        280.. => "B",
        80.. => "C",
        _ => "D",
    }
}

/// Marks that add up to `total`, some of them missing; none at all for a few.
fn scores(chance: &mut Chance, total: i64) -> Option<[ScoreCell; SCORE_COLUMNS.len()]> {
    let mut cells = marks(chance, total);
    match chance.below(10_000) {
        0..20 => return None,
        20..80 => cells = [ScoreCell::Absent; SCORE_COLUMNS.len()],
        80..84 => cells = [ScoreCell::Void; SCORE_COLUMNS.len()],
        84..134 => cells[chance.place(SCORE_COLUMNS.len())] = ScoreCell::Absent,
        134..150 => cells[chance.place(SCORE_COLUMNS.len() - 1)] = ScoreCell::Void,
        150..300 => cells[7] = ScoreCell::Exempt,
        _ => {}
    }
    Some(cells)
}

/// Splits a total over the papers, in half points; the paper in Chinese takes what is left.
fn marks(chance: &mut Chance, total: i64) -> [ScoreCell; SCORE_COLUMNS.len()] {
    let all = total * 2 - i64::from(chance.per_mille(500));
    let level = total * 1000 / 710;
    let sport = (120 * (550 + level * 45 / 100 + chance.around(120)).clamp(200, 1000) / 1000).min(all / 2);
    let grades = [(); 2].map(|()| match level + chance.around(150) {
        800.. => ("A", 80),
        600.. => ("B", 64),
        400.. => ("C", 48),
        _ => ("D", 32),
    });
    let papers = (all - sport - grades[0].1 - grades[1].1).max(0);
    let level = (papers * 1000 / 1140).min(1000);
    let spread = level.min(1000 - level).min(120);
    let mut paper = |full: i64| full * (level + chance.around(spread)) / 1000;
    let physics = paper(140);
    let chemistry = paper(100);
    let mut math = paper(150) * 2;
    let mut written = paper(120) * 2;
    let oral = paper(60);
    let lab = paper(40).min(physics).max(physics - 100);
    let mut left = papers - physics - chemistry - math - written - oral;
    let chinese = left.clamp(0, 300);
    left -= chinese;
    for (mark, full) in [(&mut math, 300), (&mut written, 240)] {
        let moved = (*mark + left).clamp(0, full);
        left -= moved - *mark;
        *mark = moved;
    }
    let cell = |half_points: i64| ScoreCell::Tenths(u16::try_from(half_points * 5).unwrap_or(0));
    [
        cell(chinese),
        cell(math),
        cell(written),
        cell(oral),
        cell((physics - lab) * 2),
        cell(lab),
        cell(chemistry * 2),
        cell(sport),
        ScoreCell::Grade(grades[0].0),
        ScoreCell::Grade(grades[1].0),
        ScoreCell::Grade(if chance.per_mille(12) { "fail" } else { "pass" }),
    ]
}

/// The lists of all batches: by popularity, around what she expects to reach.
fn lists<'city>(
    layout: &'city Layout,
    plan: &AreaPlan,
    chance: &mut Chance,
    total: i64,
) -> Vec<(&'static str, &'city str)> {
    let hope = total + chance.around(35);
    let hopeless = hope < LINE - 40;
    if chance.per_mille(if hopeless { 300 } else { 12 }) {
        return Vec::new();
    }
    let mut rows = Vec::with_capacity(16);
    let codes = &layout.sheets.programmes;
    let overreaching = chance.per_mille(70);
    let mut safest = i64::MAX;
    for batch in 0..2 {
        if (batch == 0 && hopeless && chance.per_mille(700)) || (batch == 1 && chance.per_mille(20)) {
            continue;
        }
        let mut list = listed(&plan.offers[batch], chance, hope, MAX_CHOICES[batch], overreaching);
        safest = list.iter().map(|offer| offer.expected).chain([safest]).min().unwrap_or(safest);
        let stranger = chance.per_mille(4).then(|| outside(layout, plan, chance, batch)).flatten();
        if let Some(stranger) = stranger {
            list.truncate(MAX_CHOICES[batch] - 1);
            list.insert(chance.place(list.len() + 1), stranger);
        }
        rows.extend(list.iter().map(|offer| (BATCHES[batch], codes[offer.programme].code.as_str())));
    }
    // Lists of a folder are filed before the run: who may stay without a place files this one too.
    let doubtful = safest > hope - 15 || safest < LINE && hope < LINE + 15;
    if doubtful && chance.per_mille(if hopeless { 250 } else { 850 }) {
        let tails = [last(&plan.offers[0], 2), last(&plan.offers[1], 6)].concat();
        let wanted = 1 + chance.place(MAX_CHOICES[2]);
        let kept: Vec<Offer> = tails.into_iter().filter(|_| chance.per_mille(650)).collect();
        // Seats are left where fewer ask for them.
        let kept = last(&kept, wanted).iter();
        rows.extend(kept.map(|offer| (BATCHES[2], codes[offer.programme].code.as_str())));
    }
    rows
}

fn last(offers: &[Offer], count: usize) -> &[Offer] {
    &offers[offers.len().saturating_sub(count)..]
}

/// A list of one batch: from a little above her hope downward, with tastes of her own.
fn listed(
    offers: &[Offer],
    chance: &mut Chance,
    hope: i64,
    longest: usize,
    overreaching: bool,
) -> Vec<Offer> {
    let reach = hope + 5 + chance.around(30) + if overreaching { 45 } else { 0 };
    let wanted = match (overreaching, chance.per_mille(120)) {
        (true, _) => 1 + chance.place(2),
        (false, true) => 1 + chance.place(3),
        (false, false) => longest - chance.place(3),
    };
    let spare = offers.len().saturating_sub(3 + chance.place(4));
    let start = offers.partition_point(|offer| offer.expected > reach).min(spare);
    let mut list: Vec<Offer> =
        offers[start..].iter().filter(|_| chance.per_mille(820)).take(wanted).copied().collect();
    for place in 1..list.len() {
        if chance.per_mille(160) {
            list.swap(place - 1, place);
        }
    }
    list
}

/// A programme of the batch that does not admit from her area.
fn outside(layout: &Layout, plan: &AreaPlan, chance: &mut Chance, batch: usize) -> Option<Offer> {
    let offers = &layout.areas[chance.place(layout.areas.len())].offers[batch];
    let offer = offers.get(chance.place(offers.len().max(1)))?;
    let known = plan.offers[batch].iter().any(|own| own.programme == offer.programme);
    (!known).then_some(*offer)
}
