//! One person, one register: what the rows of a register show of numbers, schools and days that cannot be.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::domain::compulsory::register_no::RegisterKind;
use crate::domain::compulsory::register_spell::RegisterSpell;

/// A rule of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegisterRule {
    /// A spell does not end before it begins.
    Backwards,
    /// Who was transferred or graduated has a day on which the spell ended.
    NoEnd,
    /// A number belongs to one person.
    TwoPersons,
    /// A person has one number at a time, and one formal number for life.
    TwoNumbers,
    /// A number is enrolled once at a time.
    EnrolledTwice,
    /// A person goes to one school at a time.
    TwoSchools,
    /// Person and register are at the same school: suspended, deferred or dropped here means nowhere else (人籍分离).
    Split,
    /// Spells at one school do not overlap.
    Overlap,
}

impl RegisterRule {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            RegisterRule::Backwards => "backwards",
            RegisterRule::NoEnd => "no_end",
            RegisterRule::TwoPersons => "two_persons",
            RegisterRule::TwoNumbers => "two_numbers",
            RegisterRule::EnrolledTwice => "enrolled_twice",
            RegisterRule::TwoSchools => "two_schools",
            RegisterRule::Split => "split",
            RegisterRule::Overlap => "overlap",
        }
    }

    /// The rule in plain words.
    pub const fn rule(self) -> &'static str {
        match self {
            RegisterRule::Backwards => "a spell does not end before it begins",
            RegisterRule::NoEnd => "who was transferred or graduated needs the day of it",
            RegisterRule::TwoPersons => "a number belongs to one person",
            RegisterRule::TwoNumbers => "a person has one number at a time, and one formal number for life",
            RegisterRule::EnrolledTwice => "a number is enrolled once at a time",
            RegisterRule::TwoSchools => "a person goes to one school at a time",
            RegisterRule::Split => "person and register are at the same school",
            RegisterRule::Overlap => "spells at one school do not overlap",
        }
    }
}

/// A broken rule and the rows that break it together, by index, in the order of time where days decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegisterBreach {
    pub rule: RegisterRule,
    pub rows: Vec<u32>,
}

/// Every breach, by rule, then by rows.
///
/// Rule: SX22 4.4: the register follows the person; "ten prohibitions" 10 (reference.md section 6): *"person-register
/// split, empty or false registers"*. Rows that stand at the same time are told together, once: as `two_schools` if
/// the person was at school in two places, else as `split` if the register stood in two places, else as `overlap`.
///
/// # Complexity
/// O(n log n); the rows of all breaches together are at most a few times n.
pub fn register_breaches(spells: &[RegisterSpell]) -> Vec<RegisterBreach> {
    let mut found = BTreeSet::new();
    let mut tell = |rule: RegisterRule, rows: Vec<u32>| {
        found.insert(RegisterBreach { rule, rows });
    };
    for (row, spell) in (0..).zip(spells) {
        if spell.end() < spell.from {
            tell(RegisterRule::Backwards, vec![row]);
        }
        if spell.status.is_over() && spell.until.is_none() {
            tell(RegisterRule::NoEnd, vec![row]);
        }
    }
    let of = |row: u32| &spells[row as usize];
    let attends = |row: &u32| of(*row).status.attends();
    for rows in groups(spells, |spell| spell.number.as_str()) {
        if differ(&rows, |row| &of(row).person) {
            tell(RegisterRule::TwoPersons, rows.clone());
        }
        for run in runs(spells, rows.into_iter().filter(attends)) {
            tell(RegisterRule::EnrolledTwice, run);
        }
    }
    for rows in groups(spells, |spell| &spell.person) {
        let formal: Vec<u32> =
            rows.iter().copied().filter(|row| of(*row).number.kind() == RegisterKind::Formal).collect();
        if differ(&formal, |row| &of(row).number) {
            tell(RegisterRule::TwoNumbers, formal);
        }
        for run in runs(spells, rows.into_iter()) {
            if differ(&run, |row| &of(row).number) {
                tell(RegisterRule::TwoNumbers, run.clone());
            }
            let school = |row: u32| &of(row).school;
            let at_school = runs(spells, run.iter().copied().filter(attends));
            let rule = if at_school.iter().any(|rows| differ(rows, school)) {
                RegisterRule::TwoSchools
            } else if differ(&run, school) {
                RegisterRule::Split
            } else {
                RegisterRule::Overlap
            };
            tell(rule, run);
        }
    }
    found.into_iter().collect()
}

/// Rows that have something in common, in the order of the sheet.
fn groups<'s, K: Ord>(spells: &'s [RegisterSpell], key: impl Fn(&'s RegisterSpell) -> K) -> Vec<Vec<u32>> {
    let mut groups: BTreeMap<K, Vec<u32>> = BTreeMap::new();
    for (row, spell) in (0..).zip(spells) {
        groups.entry(key(spell)).or_default().push(row);
    }
    groups.into_values().collect()
}

/// Whether rows differ in something.
fn differ<K: PartialEq>(rows: &[u32], key: impl Fn(u32) -> K) -> bool {
    rows.windows(2).any(|pair| key(pair[0]) != key(pair[1]))
}

/// Rows bound together by days they share, in the order of time; a row that shares none is left out.
fn runs(spells: &[RegisterSpell], rows: impl Iterator<Item = u32>) -> Vec<Vec<u32>> {
    let of = |row: u32| &spells[row as usize];
    let mut rows: Vec<u32> = rows.filter(|row| of(*row).from < of(*row).end()).collect();
    rows.sort_by_key(|row| (of(*row).from, *row));
    let mut runs: Vec<Vec<u32>> = Vec::new();
    let mut end = Date::MIN;
    for row in rows {
        match runs.last_mut() {
            Some(run) if of(row).from < end => run.push(row),
            _ => runs.push(vec![row]),
        }
        end = end.max(of(row).end());
    }
    runs.retain(|run| run.len() > 1);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compulsory::register_no::RegisterNo;
    use crate::domain::compulsory::register_spell::RegisterStatus::{self, *};

    const ONE: &str = "G140105201009010010";
    const OTHER: &str = "G140105201009010029";
    const TEMPORARY: &str = "L140105201009019999";

    type Row<'r> = (&'r str, &'r str, &'r str, RegisterStatus, &'r str, &'r str);

    /// The words of the breaches with their rows.
    fn found(rows: &[Row<'_>]) -> Vec<(&'static str, Vec<u32>)> {
        let spell = |&(number, person, school, status, from, until): &Row<'_>| RegisterSpell {
            number: RegisterNo::parse(number).unwrap(),
            person: person.to_owned(),
            school: school.to_owned(),
            status,
            from: from.parse().unwrap(),
            until: (!until.is_empty()).then(|| until.parse().unwrap()),
        };
        let spells: Vec<RegisterSpell> = rows.iter().map(spell).collect();
        register_breaches(&spells).into_iter().map(|breach| (breach.rule.word(), breach.rows)).collect()
    }

    #[test]
    fn a_life_without_a_breach() {
        let life = [
            (TEMPORARY, "a", "s1", Enrolled, "2016-09-01", "2017-03-01"),
            (ONE, "a", "s1", Transferred, "2017-03-01", "2019-02-18"),
            (ONE, "a", "s2", Graduated, "2019-02-18", "2022-07-10"),
            (ONE, "a", "j0", Transferred, "2022-09-01", "2022-09-01"),
            (ONE, "a", "j1", Enrolled, "2022-09-01", "2023-10-08"),
            (ONE, "a", "j1", Suspended, "2023-10-08", ""),
            (OTHER, "b", "j1", Enrolled, "2022-09-01", ""),
        ];
        assert_eq!(found(&life), []);
        assert_eq!(found(&[]), []);
    }

    #[test]
    fn every_breach_names_its_rows() {
        let day = "2022-09-01";
        for (rows, expected) in [
            (vec![(ONE, "a", "s", Enrolled, day, "2022-08-31")], vec![("backwards", vec![0])]),
            (vec![(ONE, "a", "s", Graduated, day, "")], vec![("no_end", vec![0])]),
            (
                vec![
                    (ONE, "a", "s", Graduated, day, "2023-07-01"),
                    (ONE, "b", "s", Enrolled, "2023-09-01", ""),
                ],
                vec![("two_persons", vec![0, 1])],
            ),
            (
                vec![
                    (ONE, "a", "s", Graduated, day, "2023-07-01"),
                    (OTHER, "a", "j", Enrolled, "2023-09-01", ""),
                ],
                vec![("two_numbers", vec![0, 1])],
            ),
            (
                vec![(ONE, "a", "j", Enrolled, "2022-09-02", ""), (ONE, "a", "k", Enrolled, day, "")],
                vec![("enrolled_twice", vec![1, 0]), ("two_schools", vec![1, 0])],
            ),
            (
                vec![(TEMPORARY, "a", "j", Dropped, day, ""), (ONE, "a", "k", Enrolled, "2023-09-01", "")],
                vec![("two_numbers", vec![0, 1]), ("split", vec![0, 1])],
            ),
            (
                vec![
                    (ONE, "a", "j", Enrolled, day, "2023-09-02"),
                    (ONE, "a", "j", Suspended, "2023-09-01", ""),
                ],
                vec![("overlap", vec![0, 1])],
            ),
            (
                // The first lasts longer than the second.
                vec![
                    (ONE, "a", "j", Suspended, day, "2024-09-01"),
                    (ONE, "a", "j", Suspended, "2022-10-01", "2022-11-01"),
                    (ONE, "a", "k", Enrolled, "2023-09-01", ""),
                ],
                vec![("split", vec![0, 1, 2])],
            ),
        ] {
            assert_eq!(found(&rows), expected, "{rows:?}");
        }
    }

    #[test]
    fn a_sheet_of_one_person_is_told_once() {
        let rows = vec![(ONE, "a", "s", Enrolled, "2022-09-01", ""); 20_000];
        let all: Vec<u32> = (0..20_000).collect();
        assert_eq!(found(&rows), [("enrolled_twice", all.clone()), ("overlap", all)]);
    }
}
