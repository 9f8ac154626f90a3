//! What is allowed but seldom right in a roster or a score sheet: found in the data, told with figures.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::control_totals::{ControlTotals, HeadCount, LastYear, SubjectTotal, Warning};
use crate::domain::market::NONE;
use crate::domain::marks::{Mark, PackedMark};
use crate::domain::points::Points;
use crate::domain::season::Season;

/// Below so many candidates a share says nothing.
const FEW: u64 = 20;
/// From so many neighbours on, the order of marks says something.
const MANY: u64 = 100;

/// Warnings about a roster; `classes` are the junior high (by index) and class of every candidate
/// whose row names both, in any order.
///
/// # Complexity
/// O(candidates + schools).
pub fn roster_warnings(
    season: &Season,
    totals: &ControlTotals,
    classes: &[(u32, String)],
    last: &LastYear,
) -> Vec<Warning> {
    let mut found = not_eligible(totals);
    found.extend(missing_schools(totals, last));
    found.extend(missing_classes(season, classes));
    if let Some(before) = last.candidates.filter(|before| far(totals.candidates, *before)) {
        found.push(warning(
            "count_changed",
            "",
            format!("{} candidates, and {before} last year", totals.candidates),
            vec![("candidates", totals.candidates.to_string()), ("last_year", before.to_string())],
        ));
    }
    found
}

/// Warnings about marks.
///
/// # Complexity
/// O(candidates x columns).
pub fn score_warnings(season: &Season, totals: &ControlTotals, last: &LastYear) -> Vec<Warning> {
    let mut found = scale_changed(&totals.subjects, last);
    found.extend(shifted_columns(season, &totals.subjects));
    found.extend(order_against_score(season, &totals.subjects));
    found.extend(schools_without_marks(season, totals));
    found
}

fn warning(code: &'static str, subject: &str, text: String, figures: Vec<(&'static str, String)>) -> Warning {
    Warning { code, subject: subject.to_owned(), text, figures }
}

/// A share in whole percent, 0 of nothing.
fn percent(part: u64, whole: u64) -> u64 {
    (part * 100).checked_div(whole).unwrap_or(0)
}

/// More than a fifth up or down.
fn far(now: u64, before: u64) -> bool {
    before >= FEW && (now * 5 < before * 4 || now * 5 > before * 6)
}

/// A rule or a column mistaken shows as a mass of refusals: more than a fifth of all, or one reason
/// for more than a tenth.
fn not_eligible(totals: &ControlTotals) -> Vec<Warning> {
    let all = totals.candidates;
    if all < FEW {
        return Vec::new();
    }
    let told = |subject: &str, count: u64| {
        let share = percent(count, all);
        let text = match subject {
            "" => format!("{count} of {all} candidates ({share} %) may not use quota seats"),
            _ => format!("{count} of {all} candidates ({share} %) may not use quota seats {subject}"),
        };
        warning(
            "mass_not_eligible",
            subject,
            text,
            vec![
                ("candidates", all.to_string()),
                ("refused", count.to_string()),
                ("percent", share.to_string()),
            ],
        )
    };
    let mut found: Vec<Warning> = Vec::new();
    if totals.not_eligible * 5 > all {
        found.push(told("", totals.not_eligible));
    }
    found.extend(
        totals.refused.iter().filter(|(_, count)| **count * 10 > all).map(|(word, count)| told(word, *count)),
    );
    found
}

/// Junior highs on the list without any candidate, or with many fewer or more than last year.
fn missing_schools(totals: &ControlTotals, last: &LastYear) -> Vec<Warning> {
    let told = |school: &HeadCount| {
        let before = last.juniors.get(&school.code).copied();
        let mut figures = vec![("candidates", school.candidates.to_string())];
        figures.extend(before.map(|before| ("last_year", before.to_string())));
        let name = format!("{} {}", school.code, school.name);
        if school.candidates == 0 {
            return Some(warning(
                "missing_school",
                &school.code,
                format!("{name} has no candidate"),
                figures,
            ));
        }
        let before = before.filter(|before| far(school.candidates, *before))?;
        let text = format!("{name} has {} candidates, and {before} last year", school.candidates);
        Some(warning("school_count_changed", &school.code, text, figures))
    };
    totals.juniors.iter().filter_map(told).collect()
}

/// Classes that the numbers of a school skip (1, 2, 4), and classes of less than a third of the usual.
fn missing_classes(season: &Season, classes: &[(u32, String)]) -> Vec<Warning> {
    let mut counts: BTreeMap<u32, BTreeMap<&str, u64>> = BTreeMap::new();
    for (junior, class) in classes.iter().filter(|(junior, class)| *junior != NONE && !class.is_empty()) {
        *counts.entry(*junior).or_default().entry(class).or_default() += 1;
    }
    let mut found = Vec::new();
    for (junior, counts) in counts {
        let Some(school) = season.city.juniors.get(junior as usize) else { continue };
        let number = |class: &&str| {
            let digits: String = class.chars().filter(char::is_ascii_digit).collect();
            digits.parse::<u64>().ok()
        };
        let numbers: BTreeSet<u64> = counts.keys().filter_map(number).collect();
        if let (Some(first), Some(last)) = (numbers.first(), numbers.last())
            && numbers.len() == counts.len()
            && last - first < 100
        {
            // A school's classes begin with 1, and in many cities with 901.
            let from = first - (first % 100).saturating_sub(1).min(*first);
            let missing: Vec<String> =
                (from..=*last).filter(|at| !numbers.contains(at)).map(|at| at.to_string()).collect();
            if !missing.is_empty() {
                let text = format!("{} {} has no class {}", school.code, school.name, missing.join(", "));
                found.push(warning(
                    "missing_class",
                    &school.code,
                    text,
                    vec![("classes", missing.join(","))],
                ));
            }
        }
        let all: u64 = counts.values().sum();
        let usual = all / counts.len() as u64;
        for (class, count) in counts.iter().filter(|(_, count)| usual >= FEW && **count * 3 < usual) {
            let text = format!(
                "{} {} class {class} has {count} candidates of about {usual}",
                school.code, school.name
            );
            let figures = vec![("candidates", count.to_string()), ("usual", usual.to_string())];
            found.push(warning("small_class", &school.code, text, figures));
        }
    }
    found
}

/// Millionths of the full mark.
fn share(points: Points, full: Points) -> i64 {
    let share = i128::from(points.millionths()) * 1_000_000 / i128::from(full.millionths().max(1));
    i64::try_from(share).unwrap_or(i64::MAX)
}

fn mean(total: &SubjectTotal) -> Points {
    Points::from_millionths(total.sum.millionths() / i64::try_from(total.scored.max(1)).unwrap_or(i64::MAX))
}

/// Means and highest marks that moved by 15 points in 100 since last year; without last year's
/// figures, a highest mark below 60 % of the full mark.
fn scale_changed(subjects: &[SubjectTotal], last: &LastYear) -> Vec<Warning> {
    let mut found = Vec::new();
    for total in subjects.iter().filter(|total| total.scored >= FEW && total.sum > Points::ZERO) {
        let (mean, highest) = (mean(total), total.highest);
        let mut figures = vec![
            ("full", total.full.to_string()),
            ("mean", mean.half_up(2).to_string()),
            ("highest", highest.to_string()),
        ];
        let text = match last.subjects.get(&total.column) {
            Some(before) => {
                let moved = |now: Points, then: Points| {
                    (share(now, total.full) - share(then, before.full)).abs() >= 150_000
                };
                if !moved(mean, before.mean) && !moved(highest, before.highest) && total.full == before.full {
                    continue;
                }
                figures.push(("last_full", before.full.to_string()));
                figures.push(("last_mean", before.mean.half_up(2).to_string()));
                figures.push(("last_highest", before.highest.to_string()));
                format!(
                    "{}: mean {} and highest {highest} of {}, last year mean {} and highest {} of {}",
                    total.column,
                    mean.half_up(2),
                    total.full,
                    before.mean.half_up(2),
                    before.highest,
                    before.full
                )
            }
            None if share(highest, total.full) < 600_000 => {
                format!("{}: the highest mark is {highest} of {}", total.column, total.full)
            }
            None => continue,
        };
        found.push(warning("scale_changed", &total.column, text, figures));
    }
    found
}

/// A column whose marks end exactly at a neighbour's full mark, and two columns of the same marks.
fn shifted_columns(season: &Season, subjects: &[SubjectTotal]) -> Vec<Warning> {
    let mut found = Vec::new();
    for (at, total) in subjects.iter().enumerate().filter(|(_, total)| total.scored >= FEW) {
        let neighbours = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
        for neighbour in neighbours.filter_map(|at| subjects.get(at)) {
            if neighbour.full < total.full && total.highest == neighbour.full {
                let text = format!(
                    "{}: no mark is above {}, the full mark of {}; are columns shifted?",
                    total.column, total.highest, neighbour.column
                );
                let figures = vec![("full", total.full.to_string()), ("highest", total.highest.to_string())];
                found.push(warning("column_shifted", &total.column, text, figures));
            }
        }
        for (other, later) in subjects.iter().enumerate().skip(at + 1) {
            let (mut both, mut same) = (0, 0);
            for row in season.marks.cells.chunks(season.marks.columns.max(1)) {
                if let (Mark::Scored(one), Mark::Scored(two)) = (row[at].mark(), row[other].mark()) {
                    both += 1;
                    same += u64::from(one == two);
                }
            }
            if both >= FEW && same * 20 >= both * 19 {
                let text =
                    format!("{} and {} hold the same marks in {same} rows", total.column, later.column);
                let figures = vec![("rows", both.to_string()), ("same", same.to_string())];
                found.push(warning("column_copied", &total.column, text, figures));
            }
        }
    }
    found
}

/// Marks that rise or fall with the exam number: numbers and marks were sorted apart from each other.
///
/// Among neighbours by exam number as many rise as fall, whatever the schools' levels are; when
/// three of four differing pairs go one way, it is no chance.
fn order_against_score(season: &Season, subjects: &[SubjectTotal]) -> Vec<Warning> {
    let width = season.marks.columns.max(1);
    let mut found = Vec::new();
    for (at, total) in subjects.iter().enumerate() {
        let marks = season.marks.cells.iter().skip(at).step_by(width).map(|cell: &PackedMark| cell.mark());
        let marks =
            marks.filter_map(|mark| if let Mark::Scored(points) = mark { Some(points) } else { None });
        let (mut up, mut down, mut before) = (0_u64, 0_u64, None);
        for mark in marks {
            up += u64::from(before.is_some_and(|before| before < mark));
            down += u64::from(before.is_some_and(|before| before > mark));
            before = Some(mark);
        }
        // Sorted whole marks repeat: long runs of equals between few steps in one direction.
        let (one_way, other) = (up.max(down), up.min(down));
        let sorted_runs = other == 0 && one_way >= 10 && total.scored >= MANY;
        if sorted_runs || (up + down >= MANY && one_way >= other * 3) {
            let column = &total.column;
            let text = if up > down {
                format!("{column}: marks rise with the exam number; were they sorted apart?")
            } else {
                format!("{column}: marks fall with the exam number; were they sorted apart?")
            };
            let figures = vec![("rises", up.to_string()), ("falls", down.to_string())];
            found.push(warning("order_against_score", &total.column, text, figures));
        }
    }
    found
}

/// Junior highs with candidates of whom nobody has a row in the score sheet.
fn schools_without_marks(season: &Season, totals: &ControlTotals) -> Vec<Warning> {
    if totals.subjects.is_empty() {
        return Vec::new();
    }
    let mut with_marks = vec![0_u64; season.city.juniors.len()];
    for (at, junior) in season.candidates.junior.iter().enumerate().filter(|(_, junior)| **junior != NONE) {
        let has_row = season.marks.row(at).first().is_some_and(|cell| cell.mark() != Mark::Missing);
        with_marks[*junior as usize] += u64::from(has_row);
    }
    totals
        .juniors
        .iter()
        .zip(with_marks)
        .filter(|(school, marks)| school.candidates > 0 && *marks * 2 < school.candidates)
        .map(|(school, marks)| {
            let text = format!(
                "{} {}: {marks} of {} candidates have marks",
                school.code, school.name, school.candidates
            );
            let figures =
                vec![("candidates", school.candidates.to_string()), ("with_marks", marks.to_string())];
            warning("missing_marks", &school.code, text, figures)
        })
        .collect()
}
