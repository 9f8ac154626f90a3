//! Nine years of one invented cohort: its county, its register year by year, and who sits the exam.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::{Date, date};

use crate::domain::compulsory::coordinates::Coordinates;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::register_no::RegisterNo;
use crate::domain::compulsory::register_row::RegisterRow;
use crate::domain::compulsory::register_spell::RegisterSpell;
use crate::domain::compulsory::register_spell::RegisterStatus::{
    self, Dropped, Enrolled, Graduated, Suspended, Transferred,
};
use crate::domain::compulsory::school_place::{Plan, SchoolKind};
use crate::domain::nine_years::{
    COHORT_PROGRAMMES, COHORT_SUBJECTS, Came, CohortCandidate, CohortChild, CohortCounty, CohortSchool,
    DIVISIONS, Entrant,
};
use crate::engine::compulsory::register_eligibility::{class_of, histories, stands_since};
use crate::engine::demonstration::chance::Chance;
use crate::engine::demonstration::people::{identity_number, name};
use crate::engine::demonstration::published::total_at;

/// The years of primary entry, junior entry and senior-high admission.
pub const YEARS: [i16; 3] = [2017, 2023, 2026];

/// Rooms of chance.
const CHILDREN_ROOM: u64 = 40;
const PRIMARY_ROOM: u64 = 41;
const JUNIOR_ROOM: u64 = 42;
const EXAM_ROOM: u64 = 43;

/// Children of a zone, about.
const CHILDREN_OF_A_ZONE: usize = 60;
/// Schools of other counties, where some come from.
const ELSEWHERE: [&str; 2] = ["X01", "X02"];

const BEGIN: Date = date(YEARS[0], 9, 1);
const SIXTH_GRADE_ENDS: Date = date(YEARS[1], 7, 5);
const JUNIOR_BEGINS: Date = date(YEARS[1], 9, 1);
const PRIMARY_MOVES: [Date; 5] =
    [date(2018, 9, 3), date(2019, 2, 25), date(2020, 9, 1), date(2021, 9, 1), date(2022, 2, 21)];
/// In the second of the three years of junior high.
const JUNIOR_MOVES: [Date; 3] = [date(2024, 9, 2), date(2024, 11, 11), date(2025, 2, 17)];

/// Lays out the county and its cohort: `size` children who enter at six, and those who come later.
///
/// # Complexity
/// O(size).
pub fn found_county(size: usize, seed: u64) -> CohortCounty {
    let zones = (size / CHILDREN_OF_A_ZONE).max(4);
    let width = zones.isqrt();
    let place = |zone: usize| Coordinates {
        longitude: 1_120_000_000 + (zone % width) as i64 * 200_000,
        latitude: 310_000_000 + (zone / width) as i64 * 200_000,
    };
    let plan = |children: usize, class: usize| {
        let seats = u32::try_from(children).expect("a school is small");
        Plan { classes: seats.div_ceil(class as u32), seats }
    };
    let of_zone = size.div_ceil(zones);
    let mut schools: Vec<CohortSchool> = (0..zones)
        .map(|zone| {
            let nine_year = zone % 5 == 2;
            CohortSchool {
                code: format!("{}{:03}", if nine_year { 'N' } else { 'P' }, zone + 1),
                kind: if nine_year { SchoolKind::NineYear } else { SchoolKind::Primary },
                number: zone + 1,
                // A tenth more than come, so that nobody is left and a crowded zone still moves some.
                primary: plan(of_zone * 11 / 10 + 1, 45),
                junior: if nine_year { plan(of_zone / 2, 50) } else { Plan::default() },
                at: place(zone),
            }
        })
        .collect();
    let juniors = zones.div_ceil(3);
    schools.extend((0..juniors).map(|junior| CohortSchool {
        code: format!("J{:03}", junior + 1),
        kind: SchoolKind::Junior,
        number: junior + 1,
        primary: Plan::default(),
        junior: plan(size.div_ceil(juniors) * 11 / 10 + 1, 50),
        at: place(junior * 3),
    }));
    let later = [(size * 30 / 1000, 0), (size * 15 / 1000, 1), (size * 10 / 1000, 2)];
    let kinds = std::iter::repeat_n(None, size)
        .chain(later.into_iter().flat_map(|(count, kind)| std::iter::repeat_n(Some(kind), count.max(1))));
    let children = (0_u64..).zip(kinds).map(|(at, kind)| {
        let mut chance = Chance::at(seed, CHILDREN_ROOM, at);
        let came = match kind {
            None => Came::FirstYear,
            Some(0) => Came::Primary(chance.of(&PRIMARY_MOVES)),
            Some(1) => Came::Junior(chance.of(&JUNIOR_MOVES)),
            Some(_) => Came::ClassAbove,
        };
        child(&mut chance, at, came, zones)
    });
    CohortCounty { seed, schools, zones, children: children.collect() }
}

fn child(chance: &mut Chance, at: u64, came: Came, zones: usize) -> CohortChild {
    let (local, female) = (!chance.per_mille(120), chance.per_mille(478));
    let year = if came == Came::ClassAbove { 2009 } else { 2010 };
    let day = i64::try_from(at % 364).expect("below 364");
    let born = date(year, 9, 1).saturating_add(Span::new().days(day));
    let division = DIVISIONS[usize::from(!local)].parse().expect("six digits");
    CohortChild {
        person: format!("n{:06}", at + 1),
        name: name(chance),
        female,
        // Odd for a boy, even for a girl.
        id_no: identity_number(division, born, at / 364 * 2 + 1 + u64::from(female)),
        born,
        came,
        zone: chance.place(zones),
        address: chance.place(4),
        local,
        owned: chance.per_mille(800),
        since: date(2005, 1, 1).saturating_add(Span::new().days(chance.place(4000) as i64)),
    }
}

/// The register of the primary years, from the places of the entry: person -> school.
///
/// # Complexity
/// O(children).
pub fn primary_register(county: &CohortCounty, places: &BTreeMap<String, String>) -> Vec<RegisterRow> {
    let mut register = Register::new(county, EntryStage::Primary);
    for (at, child) in county.children.iter().enumerate() {
        let mut chance = Chance::at(county.seed, PRIMARY_ROOM, at as u64);
        let day = chance.of(&PRIMARY_MOVES);
        if let Came::Primary(day) = child.came {
            let school = register.another(&mut chance, "");
            register.spells(
                at,
                &[
                    (ELSEWHERE[0], Transferred, BEGIN, Some(day)),
                    (&school, Graduated, day, Some(SIXTH_GRADE_ENDS)),
                ],
            );
        }
        let Some(school) = places.get(&child.person).map(String::as_str) else { continue };
        let end = Some(SIXTH_GRADE_ENDS);
        match chance.below(1000) {
            0..40 => {
                let other = register.another(&mut chance, school);
                register
                    .spells(at, &[(school, Transferred, BEGIN, Some(day)), (&other, Graduated, day, end)]);
            }
            40..60 => register.spells(at, &[(school, Transferred, BEGIN, Some(day))]),
            60..68 => {
                let (away, back) = (date(2019, 10, 14), date(2020, 9, 1));
                register.spells(
                    at,
                    &[
                        (school, Enrolled, BEGIN, Some(away)),
                        (school, Suspended, away, Some(back)),
                        (school, Enrolled, back, None),
                    ],
                );
                register.last().class_of = Some(YEARS[1] + 1);
            }
            68..74 => {
                let (away, back) = (date(2021, 3, 1), date(2021, 6, 28));
                register.spells(
                    at,
                    &[
                        (school, Enrolled, BEGIN, Some(away)),
                        (school, Suspended, away, Some(back)),
                        (school, Graduated, back, end),
                    ],
                );
            }
            _ => register.spells(at, &[(school, Graduated, BEGIN, end)]),
        }
    }
    register.rows
}

/// Who enters junior high: everybody whom the register shows to have finished sixth grade this year.
///
/// # Complexity
/// O(rows log rows).
pub fn entrants(county: &CohortCounty, register: &[RegisterRow]) -> Vec<Entrant> {
    let histories = histories(register, EntryStage::Primary);
    let entrant = |(child, of): (usize, &CohortChild)| {
        let history = histories.get(of.person.as_str())?;
        let last = history.last()?;
        let school = county.schools.iter().find(|school| school.code == last.spell.school)?;
        let direct =
            school.kind.promotes() && Chance::at(county.seed, JUNIOR_ROOM, child as u64).per_mille(700);
        (last.spell.status == Graduated && last.spell.until == Some(SIXTH_GRADE_ENDS)).then(|| Entrant {
            child,
            primary: school.code.clone(),
            since: history[stands_since(history)].spell.from,
            direct,
        })
    };
    county.children.iter().enumerate().filter_map(entrant).collect()
}

/// The register of the junior-high years, from the places of the second entry: person -> school.
///
/// # Complexity
/// O(children).
pub fn junior_register(county: &CohortCounty, places: &BTreeMap<String, String>) -> Vec<RegisterRow> {
    let mut register = Register::new(county, EntryStage::Junior);
    for (at, child) in county.children.iter().enumerate() {
        let mut chance = Chance::at(county.seed, JUNIOR_ROOM, (county.children.len() + at) as u64);
        let day = chance.of(&JUNIOR_MOVES);
        let begin = JUNIOR_BEGINS;
        match child.came {
            Came::Junior(day) => {
                let school = register.another(&mut chance, "");
                register.spells(
                    at,
                    &[(ELSEWHERE[1], Transferred, begin, Some(day)), (&school, Enrolled, day, None)],
                );
            }
            Came::ClassAbove => {
                let school = register.another(&mut chance, "");
                let (came, away) = (date(YEARS[1] - 1, 9, 1), date(YEARS[1] - 1, 11, 7));
                register.spells(
                    at,
                    &[
                        (&school, Enrolled, came, Some(away)),
                        (&school, Suspended, away, Some(begin)),
                        (&school, Enrolled, begin, None),
                    ],
                );
                register.last().class_of = Some(YEARS[2]);
            }
            Came::FirstYear | Came::Primary(_) => {}
        }
        let Some(school) = places.get(&child.person).map(String::as_str) else { continue };
        match chance.below(1000) {
            0..30 => {
                let other = register.another(&mut chance, school);
                register
                    .spells(at, &[(school, Transferred, begin, Some(day)), (&other, Enrolled, day, None)]);
            }
            30..50 => register.spells(at, &[(school, Transferred, begin, Some(day))]),
            50..60 => {
                let (away, back) = (date(2024, 10, 14), date(2025, 2, 17));
                register.spells(
                    at,
                    &[
                        (school, Enrolled, begin, Some(away)),
                        (school, Suspended, away, Some(back)),
                        (school, Enrolled, back, None),
                    ],
                );
            }
            60..68 => {
                let (away, back) = (date(2023, 11, 6), date(2024, 9, 1));
                register.spells(
                    at,
                    &[
                        (school, Enrolled, begin, Some(away)),
                        (school, Suspended, away, Some(back)),
                        (school, Enrolled, back, None),
                    ],
                );
                register.last().class_of = Some(YEARS[2] + 1);
            }
            68..74 => {
                let away = date(2025, 10, 20);
                register.spells(at, &[(school, Enrolled, begin, Some(away)), (school, Dropped, away, None)]);
            }
            _ => register.spells(at, &[(school, Enrolled, begin, None)]),
        }
    }
    register.rows
}

/// Who sits the exam: everybody of the class whom the register shows at school. Marks and lists are drawn.
///
/// # Complexity
/// O(rows log rows).
pub fn candidates(county: &CohortCounty, register: &[RegisterRow]) -> Vec<CohortCandidate> {
    let histories = histories(register, EntryStage::Junior);
    let at_school = |child: &&(usize, &CohortChild)| {
        histories.get(child.1.person.as_str()).is_some_and(|history| {
            let last = &history[history.len() - 1].spell;
            class_of(history) == YEARS[2] && last.status == Enrolled && last.until.is_none()
        })
    };
    let children: Vec<(usize, &CohortChild)> = county.children.iter().enumerate().collect();
    let sitting = children.iter().filter(at_school).map(|child| child.0);
    let candidate = |(number, child): (usize, usize)| {
        let mut chance = Chance::at(county.seed, EXAM_ROOM, child as u64);
        const OF: u64 = 1 << 32;
        let level = total_at(chance.below(OF), OF) * 1000 / 710;
        let marks = COHORT_SUBJECTS.map(|(_, full)| {
            let per_mille = (level + chance.around(60)).clamp(0, 1000);
            u32::try_from(i64::from(full) * per_mille / 1000).expect("a mark is small")
        });
        let mut list: Vec<usize> = (0..COHORT_PROGRAMMES.len()).collect();
        if chance.per_mille(200) {
            list.swap(0, 1);
        }
        if chance.per_mille(200) {
            list.swap(2, 3);
        }
        CohortCandidate { child, exam_no: format!("26{number:06}"), marks, list }
    };
    (1..).zip(sitting).map(candidate).collect()
}

/// What became of a child who sat no exam, by her last row.
pub fn without_exam(history: &[&RegisterRow]) -> &'static str {
    match history.last().map(|last| last.spell.status) {
        Some(Transferred) => "moved_away",
        Some(Dropped) => "dropped",
        Some(Enrolled | Suspended) => "later_class",
        // No entry had a place for her.
        _ => "without_a_school",
    }
}

type Spell<'s> = (&'s str, RegisterStatus, Date, Option<Date>);

/// A register under way; its rows are numbered when the sheet is written.
struct Register<'c> {
    county: &'c CohortCounty,
    stage: EntryStage,
    rows: Vec<RegisterRow>,
}

impl<'c> Register<'c> {
    fn new(county: &'c CohortCounty, stage: EntryStage) -> Register<'c> {
        Register { county, stage, rows: Vec::new() }
    }

    /// A school of the stage other than this one.
    fn another(&self, chance: &mut Chance, school: &str) -> String {
        let others: Vec<&str> = self
            .county
            .schools
            .iter()
            .filter(|other| other.kind.has(self.stage) && other.code != school)
            .map(|other| other.code.as_str())
            .collect();
        chance.of(&others).to_owned()
    }

    fn spells(&mut self, child: usize, spells: &[Spell<'_>]) {
        let child = &self.county.children[child];
        let digits = std::str::from_utf8(&child.id_no).expect("digits");
        let number = RegisterNo::parse(&format!("G{digits}")).expect("a number of identity behind a G");
        self.rows.extend(spells.iter().map(|&(school, status, from, until)| RegisterRow {
            row: 0,
            stage: self.stage,
            spell: RegisterSpell {
                number: number.clone(),
                person: child.person.clone(),
                school: school.to_owned(),
                status,
                from,
                until,
            },
            class_of: None,
            household: DIVISIONS[usize::from(!child.local)].to_owned(),
        }));
    }

    /// The row added last.
    fn last(&mut self) -> &mut RegisterRow {
        self.rows.last_mut().expect("a row was added")
    }
}
