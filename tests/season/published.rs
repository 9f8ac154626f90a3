//! Chengdu 2023: the published one-point segments and the ranks at the published cut-offs.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::drafts::{Draft, HEAD, OPEN, PLAIN, cell, rows};

#[test]
fn chengdu_2023_segments_and_ranks_come_out_as_published() {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data"));
    let (Ok(table), Ok(schools)) = (
        fs::read(data.join("chengdu_2023_score_segments.csv")),
        fs::read(data.join("chengdu_2023_plans_cutoffs.csv")),
    ) else {
        println!("skipped: no published figures in {}", data.display());
        return;
    };
    let mut candidates = "exam_no,junior_code,area_code\n".to_owned();
    let mut scores = "exam_no,s\n".to_owned();
    let mut number = 0;
    let table = rows(&table);
    for row in &table[1..] {
        for _ in 0..row[1].parse::<u32>().unwrap() {
            number += 1;
            writeln!(candidates, "C{number:06},J1,A1").unwrap();
            writeln!(scores, "C{number:06},{}", row[0]).unwrap();
        }
    }
    let result = Draft::new(&format!("{HEAD}{PLAIN}{OPEN}"))
        .with("candidates.csv", candidates)
        .with("scores.csv", scores)
        .admit();
    let expected: String = table[1..]
        .iter()
        .fold("area_code,score,count,cumulative\n".into(), |all, row| format!("{all}A1,{}\n", row.join(",")));
    assert_eq!(String::from_utf8(result["segments.csv"].clone()).unwrap(), expected);

    // The published rank of a school is the place of the last who reached its cut-off.
    let totals = rows(&result["proof/totals.csv"]);
    let column = |name: &str| totals[0].iter().position(|cell| cell == name).unwrap();
    let (total, rank) = (column("total"), column("rank"));
    let mut last = std::collections::BTreeMap::new();
    for row in &totals[1..] {
        let place: u32 = row[rank].parse().unwrap();
        last.entry(row[total].clone())
            .and_modify(|known: &mut u32| *known = place.max(*known))
            .or_insert(place);
    }
    let schools = rows(&schools);
    let column = |name: &str| schools[0].iter().position(|cell| cell == name).unwrap();
    let (place, public, private) = (column("录取位次"), column("录取分数线"), column("民办录取分数线"));
    let mut compared = 0;
    for row in schools[1..].iter().filter(|row| row[place] != "0") {
        let line = if row[public] == "0" { &row[private] } else { &row[public] };
        let Some(found) = last.get(line) else { continue };
        assert_eq!(found.to_string(), row[place], "{} at {line}", row[1]);
        assert_eq!(cell(&result, "segments.csv", &["A1", line], "cumulative"), row[place]);
        compared += 1;
    }
    assert_eq!(compared, 90, "rows with a rank and a cut-off");
}
