//! What the register tells a senior-high season of a pupil: each value with its rows and its reason.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::register_reason::RegisterReason;
use crate::domain::compulsory::register_row::RegisterRow;
use crate::domain::compulsory::register_spell::RegisterStatus;
use crate::domain::eligibility::EligibilityRule;

/// A value, the rows of the sheet that gave it, ascending, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding<T> {
    pub value: T,
    pub rows: Vec<u64>,
    pub reason: RegisterReason,
}

/// The rows of one person at schools of one stage, in the order of time; never empty.
pub type History<'r> = Vec<&'r RegisterRow>;

/// What the season asks of a pupil.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub rule: &'a EligibilityRule,
    /// The season's year.
    pub year: i16,
    /// Whether her transfer was found lawful: the later day counts for her (DP13).
    pub legal_transfer: bool,
    /// Divisions of her admission area.
    pub divisions: &'a [String],
}

/// What the register tells of a pupil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterFacts {
    /// The junior high on whose register she stands; none where she stands on none.
    pub junior: Finding<Option<String>>,
    /// Since when she stands there without a break.
    pub register_from: Finding<Option<Date>>,
    pub attended: Finding<bool>,
    pub repeat: Finding<bool>,
    /// None where the register tells no household.
    pub local: Option<Finding<bool>>,
}

/// Everybody's rows of a stage.
///
/// # Complexity
/// O(n log n).
pub fn histories(rows: &[RegisterRow], stage: EntryStage) -> BTreeMap<&str, History<'_>> {
    let mut histories: BTreeMap<&str, History<'_>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.stage == stage) {
        histories.entry(&row.spell.person).or_default().push(row);
    }
    for history in histories.values_mut() {
        history.sort_by_key(|row| (row.spell.from, row.spell.end(), row.row));
    }
    histories
}

/// What a history tells.
///
/// Rule: DP13: *"same school three years continuous and attending"*: on the register of her last school since
/// `register_from` without a break (休学 is none: the register stays), and at school on every day from the last day
/// that counts. A register that passed the check of breaches is assumed.
///
/// # Complexity
/// O(rows of the pupil).
pub fn register_facts(history: &History<'_>, asked: &Asked<'_>) -> RegisterFacts {
    let last = history.len() - 1;
    let by = match asked.rule.transfer_register_by {
        Some(later) if asked.legal_transfer => Some(later),
        _ => asked.rule.register_by,
    };
    let local = household(history, asked);
    let repeat = repeat(history, asked.year);
    if left(history) {
        let rows = vec![history[last].row];
        let reason = RegisterReason::MovedAway;
        return RegisterFacts {
            junior: Finding { value: None, rows: rows.clone(), reason },
            register_from: Finding { value: None, rows: rows.clone(), reason },
            attended: Finding { value: false, rows, reason },
            repeat,
            local,
        };
    }
    let first = stands_since(history);
    let school = &history[last].spell.school;
    let from = history[first].spell.from;
    let reason = match history[..first].last() {
        None if by.is_some_and(|by| from > by) => RegisterReason::LateEntry,
        None => RegisterReason::Whole,
        Some(before) if before.spell.school == *school && !before.spell.status.is_over() => {
            RegisterReason::Interrupted
        }
        Some(_) if history[..first].iter().any(|row| row.spell.school == *school) => RegisterReason::CameBack,
        Some(_) => RegisterReason::TransferredIn,
    };
    let rows = numbers(&history[first.saturating_sub(1)..]);
    RegisterFacts {
        junior: Finding { value: Some(school.clone()), rows: rows.clone(), reason },
        register_from: Finding { value: Some(from), rows, reason },
        attended: attended(&history[first..], by),
        repeat,
        local,
    }
}

/// The first of the rows, by place, that lead to her last one at the same school without a break.
pub fn stands_since(history: &History<'_>) -> usize {
    (1..history.len()).rev().find(|at| !goes_on(history[at - 1], history[*at])).unwrap_or(0)
}

/// The year in which she finishes junior high.
pub fn class_of(history: &History<'_>) -> i16 {
    let told = history.iter().rev().find_map(|row| row.class_of);
    told.unwrap_or_else(|| school_year(history[0].spell.from) + 3)
}

/// The rows by which pupils graduate this year, by school: of the class, at school or just graduated, not before.
///
/// Rule: DP5: *"all graduates of the year"*.
///
/// # Complexity
/// O(rows).
pub fn graduates(histories: &BTreeMap<&str, History<'_>>, year: i16) -> BTreeMap<String, Vec<u64>> {
    let mut graduates: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for history in histories.values().filter(|history| class_of(history) == year) {
        let last = history[history.len() - 1];
        if !left(history) && last.spell.status.attends() && !repeat(history, year).value {
            graduates.entry(last.spell.school.clone()).or_default().push(last.row);
        }
    }
    graduates.values_mut().for_each(|rows| rows.sort_unstable());
    graduates
}

/// Whether the register has gone elsewhere.
fn left(history: &History<'_>) -> bool {
    history
        .last()
        .is_some_and(|last| last.spell.until.is_some() && last.spell.status != RegisterStatus::Graduated)
}

/// Whether the next row continues a row: the same school, no day between, and not after an end.
fn goes_on(before: &RegisterRow, next: &RegisterRow) -> bool {
    before.spell.school == next.spell.school
        && !before.spell.status.is_over()
        && before.spell.end() >= next.spell.from
}

/// Whether she was at school: from the last day that counts until now, at the school where she stands.
fn attended(rows: &[&RegisterRow], by: Option<Date>) -> Finding<bool> {
    let away = |row: &&&RegisterRow| !row.spell.status.attends();
    let counts = |row: &&&RegisterRow| row.spell.until.is_none_or(|until| by.is_some_and(|by| until > by));
    let missed: Vec<&RegisterRow> = rows.iter().filter(away).filter(counts).copied().collect();
    if let Some(last) = missed.last() {
        let reason = match last.spell.status {
            RegisterStatus::Deferred => RegisterReason::Deferred,
            RegisterStatus::Dropped => RegisterReason::Dropped,
            _ => RegisterReason::Suspended,
        };
        return Finding { value: false, rows: numbers(&missed), reason };
    }
    let was_away = rows.iter().any(|row| !row.spell.status.attends());
    let reason = if was_away { RegisterReason::Returned } else { RegisterReason::Whole };
    Finding { value: true, rows: numbers(rows), reason }
}

/// Rule: DP14: 往届生 are those who graduated before the season's school year began.
fn repeat(history: &History<'_>, year: i16) -> Finding<bool> {
    let begins = date(year - 1, 9, 1);
    let before =
        |row: &&&RegisterRow| row.spell.status == RegisterStatus::Graduated && row.spell.end() < begins;
    let before: Vec<&RegisterRow> = history.iter().filter(before).copied().collect();
    if before.is_empty() {
        return Finding { value: false, rows: numbers(history), reason: RegisterReason::FirstTime };
    }
    Finding { value: true, rows: numbers(&before), reason: RegisterReason::GraduatedBefore }
}

/// Rule: DP15: household in the admission area, by the last row that tells one.
fn household(history: &History<'_>, asked: &Asked<'_>) -> Option<Finding<bool>> {
    let row = history.iter().rev().find(|row| !row.household.is_empty())?;
    if asked.divisions.is_empty() {
        return None;
    }
    let value = asked.divisions.contains(&row.household);
    let reason = if value { RegisterReason::HouseholdHere } else { RegisterReason::HouseholdElsewhere };
    Some(Finding { value, rows: vec![row.row], reason })
}

/// The year in which the school year of a day begins; who comes in July or August comes for September.
fn school_year(day: Date) -> i16 {
    if day.month() >= 7 { day.year() } else { day.year() - 1 }
}

fn numbers(rows: &[&RegisterRow]) -> Vec<u64> {
    let mut numbers: Vec<u64> = rows.iter().map(|row| row.row).collect();
    numbers.sort_unstable();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compulsory::register_no::RegisterNo;
    use crate::domain::compulsory::register_spell::RegisterSpell;
    use crate::domain::compulsory::register_spell::RegisterStatus::{self, *};

    type Spell<'s> = (&'s str, RegisterStatus, &'s str, &'s str);

    /// Rows 2, 3, ... of one person.
    fn rows(spells: &[Spell<'_>]) -> Vec<RegisterRow> {
        (2..)
            .zip(spells)
            .map(|(row, &(school, status, from, until))| RegisterRow {
                row,
                stage: EntryStage::Junior,
                spell: RegisterSpell {
                    number: RegisterNo::parse("G140105201009010010").unwrap(),
                    person: "a".to_owned(),
                    school: school.to_owned(),
                    status,
                    from: from.parse().unwrap(),
                    until: (!until.is_empty()).then(|| until.parse().unwrap()),
                },
                class_of: None,
                household: String::new(),
            })
            .collect()
    }

    fn facts(rows: &[RegisterRow], legal_transfer: bool) -> RegisterFacts {
        let rule = EligibilityRule {
            register_by: Some(date(2023, 10, 1)),
            transfer_register_by: Some(date(2024, 9, 30)),
            ..EligibilityRule::default()
        };
        let asked = Asked { rule: &rule, year: 2026, legal_transfer, divisions: &[] };
        register_facts(&histories(rows, EntryStage::Junior)["a"], &asked)
    }

    /// `school since: reason of rows; attended: reason of rows; repeat`.
    fn told(spells: &[Spell<'_>]) -> String {
        let facts = facts(&rows(spells), false);
        let junior = facts.junior.value.unwrap_or_default();
        let from = facts.register_from.value.map_or(String::new(), |day| day.to_string());
        assert_eq!(
            (&facts.junior.rows, facts.junior.reason),
            (&facts.register_from.rows, facts.register_from.reason)
        );
        format!(
            "{junior} {from}: {} {:?}; {}: {} {:?}; {}",
            facts.junior.reason.word(),
            facts.junior.rows,
            facts.attended.value,
            facts.attended.reason.word(),
            facts.attended.rows,
            facts.repeat.reason.word(),
        )
    }

    #[test]
    fn every_course_of_three_years_has_its_reason() {
        let day = "2023-09-01";
        for (spells, expected) in [
            (vec![("J", Enrolled, day, "")], "J 2023-09-01: whole [2]; true: whole [2]; first_time"),
            (
                vec![("J", Graduated, day, "2026-07-01")],
                "J 2023-09-01: whole [2]; true: whole [2]; first_time",
            ),
            (
                vec![("J", Enrolled, "2023-10-02", "")],
                "J 2023-10-02: late_entry [2]; true: whole [2]; first_time",
            ),
            (
                vec![("K", Transferred, day, "2024-09-02"), ("J", Enrolled, "2024-09-02", "")],
                "J 2024-09-02: transferred_in [2, 3]; true: whole [3]; first_time",
            ),
            (
                vec![("K", Enrolled, day, "2024-09-02"), ("J", Enrolled, "2024-09-02", "")],
                "J 2024-09-02: transferred_in [2, 3]; true: whole [3]; first_time",
            ),
            (
                vec![("J", Transferred, day, "2024-09-02"), ("J", Enrolled, "2024-09-02", "")],
                "J 2024-09-02: came_back [2, 3]; true: whole [3]; first_time",
            ),
            (
                vec![
                    ("J", Transferred, day, "2024-02-20"),
                    ("K", Transferred, "2024-02-20", "2024-09-02"),
                    ("J", Enrolled, "2024-09-02", ""),
                ],
                "J 2024-09-02: came_back [3, 4]; true: whole [4]; first_time",
            ),
            (
                vec![("J", Enrolled, day, "2024-07-01"), ("J", Enrolled, "2024-09-01", "")],
                "J 2024-09-01: interrupted [2, 3]; true: whole [3]; first_time",
            ),
            (
                vec![
                    ("J", Enrolled, "2022-09-01", "2022-11-01"),
                    ("J", Suspended, "2022-11-01", "2023-09-01"),
                    ("J", Enrolled, day, ""),
                ],
                "J 2022-09-01: whole [2, 3, 4]; true: returned [2, 3, 4]; first_time",
            ),
            (
                vec![
                    ("J", Enrolled, day, "2024-11-01"),
                    ("J", Suspended, "2024-11-01", "2025-02-01"),
                    ("J", Enrolled, "2025-02-01", ""),
                ],
                "J 2023-09-01: whole [2, 3, 4]; false: suspended [3]; first_time",
            ),
            (
                vec![("J", Enrolled, day, "2025-11-01"), ("J", Dropped, "2025-11-01", "")],
                "J 2023-09-01: whole [2, 3]; false: dropped [3]; first_time",
            ),
            (
                vec![("J", Deferred, day, "2023-11-01"), ("J", Enrolled, "2023-11-01", "")],
                "J 2023-09-01: whole [2, 3]; false: deferred [2]; first_time",
            ),
            (
                vec![("J", Transferred, day, "2025-02-17")],
                " : moved_away [2]; false: moved_away [2]; first_time",
            ),
            (
                vec![("J", Graduated, "2022-09-01", "2025-07-01")],
                "J 2022-09-01: whole [2]; true: whole [2]; graduated_before",
            ),
            (
                vec![("J", Graduated, "2022-09-01", "2025-07-01"), ("J", Enrolled, "2025-09-01", "")],
                "J 2025-09-01: came_back [2, 3]; true: whole [3]; graduated_before",
            ),
        ] {
            assert_eq!(told(&spells), expected, "{spells:?}");
        }
    }

    #[test]
    fn for_a_lawful_transfer_the_later_day_counts() {
        let rows = rows(&[
            ("K", Transferred, "2023-09-01", "2024-03-01"),
            ("J", Enrolled, "2024-03-01", "2024-04-01"),
            ("J", Suspended, "2024-04-01", "2024-09-30"),
            ("J", Enrolled, "2024-09-30", ""),
        ]);
        assert!(!facts(&rows, false).attended.value);
        let lawful = facts(&rows, true).attended;
        assert_eq!((lawful.value, lawful.reason), (true, RegisterReason::Returned));
    }

    #[test]
    fn graduates_are_of_the_class_at_school_and_graduate_once() {
        let of = |person: &str, mut own: Vec<RegisterRow>, class: Option<i16>, row: u64| {
            for (place, own) in (row..).zip(&mut own) {
                (own.row, own.spell.person, own.class_of) = (place, person.to_owned(), class);
            }
            own
        };
        let entered = |school, status, until| rows(&[(school, status, "2023-09-01", until)]);
        let all = [
            of("a", entered("J", Enrolled, ""), None, 2),
            of("b", entered("J", Graduated, "2026-07-01"), None, 3),
            of("c", entered("J", Suspended, ""), None, 4),
            of("d", entered("J", Transferred, "2025-03-01"), None, 5),
            of("e", entered("K", Enrolled, ""), None, 6),
            of("f", entered("K", Enrolled, ""), Some(2027), 7),
            of("g", rows(&[("K", Enrolled, "2022-09-01", "")]), Some(2026), 8),
            of("h", rows(&[("K", Graduated, "2022-09-01", "2025-07-01")]), Some(2026), 9),
        ]
        .concat();
        let told: Vec<(String, Vec<u64>)> =
            graduates(&histories(&all, EntryStage::Junior), 2026).into_iter().collect();
        assert_eq!(told, [("J".to_owned(), vec![2, 3]), ("K".to_owned(), vec![6, 8])]);
    }

    #[test]
    fn a_household_is_here_or_elsewhere_by_the_last_row_that_tells() {
        let mut own =
            rows(&[("K", Transferred, "2023-09-01", "2024-03-01"), ("J", Enrolled, "2024-03-01", "")]);
        own[0].household = "149901".to_owned();
        let divisions = ["149901".to_owned()];
        let rule = EligibilityRule::default();
        let asked = Asked { rule: &rule, year: 2026, legal_transfer: false, divisions: &divisions };
        let local = |own: &[RegisterRow]| {
            register_facts(&histories(own, EntryStage::Junior)["a"], &asked).local.unwrap()
        };
        assert_eq!((local(&own).reason, local(&own).rows), (RegisterReason::HouseholdHere, vec![2]));
        own[1].household = "149902".to_owned();
        assert_eq!((local(&own).reason, local(&own).rows), (RegisterReason::HouseholdElsewhere, vec![3]));
    }
}
