//! Control totals, and warnings that come when something is off and stay away when it is not.

use std::collections::BTreeMap;

use zhaosheng::domain::control_totals::{LastMarks, LastYear, Warning};
use zhaosheng::domain::points::Points;
use zhaosheng::domain::season::Season;
use zhaosheng::domain::sheet_kind::SheetKind;
use zhaosheng::engine::control_totals::control_totals;
use zhaosheng::engine::plausibility::{roster_warnings, score_warnings};
use zhaosheng::files::season_folder::{Sheets, read_season_sheets};
use zhaosheng::files::sheet::Sheet;

use crate::roster::{COLUMNS, context, csv, marks, policy, policy_text, roster};

const QUOTA: &str = "[quota]\nshare = \"0.6\"\n[quota.eligibility]\nregister_by = \"2023-09-30\"\n";

/// A season of rows and marks, whatever was done to them.
fn season(rows: &[[String; 14]], scores: &[Vec<String>]) -> Season {
    let mut sheets: Sheets = context();
    let put = |sheets: &mut Sheets, kind: SheetKind, text: Vec<u8>| {
        sheets.insert(kind, Sheet::own(kind.word(), text));
    };
    put(&mut sheets, SheetKind::SeniorSchools, b"school_code,name,area_code\nS1,x,A1\n".to_vec());
    put(
        &mut sheets,
        SheetKind::Programmes,
        b"programme_code,school_code,name,batch,seats\nP1,S1,x,1,5\n".to_vec(),
    );
    put(&mut sheets, SheetKind::Candidates, csv(&COLUMNS, rows));
    let codes: Vec<String> = policy().subjects.into_iter().map(|subject| subject.code).collect();
    let header: Vec<String> = ["exam_no".to_owned()].into_iter().chain(codes).collect();
    put(&mut sheets, SheetKind::Scores, csv(&header, scores));
    let text = policy_text() + QUOTA;
    read_season_sheets(&text, &sheets).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn codes(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(|warning| format!("{} {}", warning.code, warning.subject).trim().to_owned()).collect()
}

fn warned(rows: &[[String; 14]], scores: &[Vec<String>], last: &LastYear) -> Vec<String> {
    let season = season(rows, scores);
    let totals = control_totals(&season);
    let mut found = codes(&roster_warnings(&season, &totals, &[], last));
    found.extend(codes(&score_warnings(&season, &totals, last)));
    found
}

#[test]
fn totals_are_the_sums_a_clerk_gets() {
    let (rows, (_, scores)) = (roster(200), marks(200));
    let totals = control_totals(&season(&rows, &scores));
    assert_eq!((totals.candidates, totals.no_junior, totals.not_eligible), (200, 0, 0));
    assert_eq!(totals.areas.iter().map(|area| area.candidates).collect::<Vec<_>>(), [100, 100]);
    assert!(totals.juniors.iter().all(|school| school.candidates == 4));
    for (at, subject) in totals.subjects.iter().enumerate() {
        let cells: Vec<Points> = scores.iter().filter_map(|row| row[at + 1].parse().ok()).collect();
        assert_eq!((subject.scored, subject.absent), (cells.len() as u64, 200 - cells.len() as u64));
        assert_eq!(subject.sum, cells.iter().copied().sum());
        assert_eq!(Some(subject.highest), cells.iter().copied().max());
    }
}

#[test]
fn an_ordinary_season_has_no_warning() {
    assert_eq!(warned(&roster(3000), &marks(3000).1, &LastYear::default()), Vec::<String>::new());
}

#[test]
fn each_mistake_is_warned_of() {
    let (rows, (_, scores)) = (roster(3000), marks(3000));
    let none = LastYear::default();

    // A register date a year late for everybody: nobody would be eligible.
    let mut late = rows.clone();
    late.iter_mut().for_each(|row| row[6] = "2024-09-01".to_owned());
    assert_eq!(warned(&late, &scores, &none), ["mass_not_eligible", "mass_not_eligible register_short"]);

    // A school that did not send its list.
    let mut missing = rows.clone();
    missing.iter_mut().filter(|row| row[4] == "J7").for_each(|row| row[4] = "J8".to_owned());
    assert_eq!(warned(&missing, &scores, &none), ["missing_school J7"]);

    // Last year's counts and marks.
    let last = LastYear {
        candidates: Some(2000),
        juniors: BTreeMap::from([("J3".to_owned(), 100)]),
        ..none.clone()
    };
    assert_eq!(warned(&rows, &scores, &last), ["school_count_changed J3", "count_changed"]);
    let marks_of = |full: i64, mean: i64, highest: i64| LastMarks {
        full: Points::whole(full),
        mean: Points::whole(mean),
        highest: Points::whole(highest),
    };
    let subjects = BTreeMap::from([
        ("math".to_owned(), marks_of(120, 95, 120)),
        ("chinese".to_owned(), marks_of(120, 62, 118)),
        ("english".to_owned(), marks_of(150, 75, 150)),
    ]);
    let last = LastYear { subjects, ..none.clone() };
    assert_eq!(warned(&rows, &scores, &last), ["scale_changed math", "scale_changed english"]);

    // Marks out of 50 where 120 are full.
    let mut halved = scores.clone();
    let half = |cell: &mut String| {
        if let Ok(points) = cell.parse::<Points>() {
            *cell = Points::from_millionths(points.millionths() / 4 / 500_000 * 500_000).to_string();
        }
    };
    halved.iter_mut().for_each(|row| half(&mut row[2]));
    assert_eq!(warned(&rows, &halved, &none), ["scale_changed math"]);

    // Marks sorted apart from the exam numbers.
    let mut sorted = scores.clone();
    let mut column: Vec<Points> = scores.iter().map(|row| row[1].parse().unwrap_or(Points::ZERO)).collect();
    column.sort();
    sorted.iter_mut().zip(column).for_each(|(row, mark)| row[1] = mark.to_string());
    assert_eq!(warned(&rows, &sorted, &none), ["order_against_score chinese"]);

    // Chemistry (50) pasted under physics (80): physics ends at its neighbour's full mark.
    let mut shifted = scores.clone();
    for row in &mut shifted {
        if let Ok(points) = row[4].parse::<Points>() {
            row[4] = points.min(Points::whole(50)).to_string();
        }
    }
    assert_eq!(warned(&rows, &shifted, &none), ["column_shifted physics"]);

    // A column copied into another.
    let mut copied = scores.clone();
    copied.iter_mut().for_each(|row| row[7] = row[6].clone());
    assert_eq!(warned(&rows, &copied, &none), ["column_copied ethics"]);

    // A school whose marks did not arrive.
    let gone: Vec<&str> = rows.iter().filter(|row| row[4] == "J9").map(|row| row[0].as_str()).collect();
    let without: Vec<Vec<String>> =
        scores.iter().filter(|row| !gone.contains(&row[0].as_str())).cloned().collect();
    assert_eq!(warned(&rows, &without, &none), ["missing_marks J9"]);
}

#[test]
fn missing_and_small_classes_are_warned_of() {
    let rows = roster(300);
    let season = season(&rows, &marks(300).1);
    let totals = control_totals(&season);
    let mut classes = Vec::new();
    for (junior, numbers) in
        [(0_u32, &["1", "2", "4"][..]), (1, &["901", "902", "903"]), (2, &["九（1）班", "九（2）班"])]
    {
        for class in numbers {
            let size = if *class == "902" { 5 } else { 45 };
            classes.extend((0..size).map(|_| (junior, (*class).to_owned())));
        }
    }
    let found = codes(&roster_warnings(&season, &totals, &classes, &LastYear::default()));
    assert_eq!(found, ["missing_class J0", "small_class J1"]);
}
