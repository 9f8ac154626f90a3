//! `zhaosheng draw` as people run it.

use std::path::Path;
use std::process::{Command, Output};

fn draw(folder: &Path, words: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
        .current_dir(folder)
        .arg("draw")
        .args(words.split_whitespace())
        .output()
        .unwrap()
}

fn out(answer: &Output) -> String {
    String::from_utf8(answer.stdout.clone()).unwrap()
}

fn talk(answer: &Output) -> String {
    String::from_utf8(answer.stderr.clone()).unwrap()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn hash(folder: &Path, list: &str) -> String {
    let answer = draw(folder, &format!("freeze {list}"));
    assert!(answer.status.success(), "{}", talk(&answer));
    out(&answer).lines().next().unwrap().strip_prefix("list_hash ").unwrap().to_owned()
}

#[test]
fn the_order_of_rows_never_matters() {
    let folder = folder(&[
        ("a.csv", "ticket,heads\nc,\nb,2\na,1\n"),
        ("b.csv", "\u{feff}heads,ticket\r\n1,a\r\n1,c\r\n2,b\r\n"),
        ("c.json", r#"{"format":"list/1","tickets":["a",{"ticket":"b","heads":2},{"ticket":"c"}]}"#),
    ]);
    let hash = hash(folder.path(), "a.csv");
    let runs: Vec<Output> = ["a.csv", "b.csv", "c.json"]
        .map(|list| {
            let flags = "--seats 2 --part 031124 --part office --twins next_single";
            draw(folder.path(), &format!("run {list} --list-hash {hash} {flags}"))
        })
        .to_vec();
    for run in &runs {
        assert!(run.status.success(), "{}", talk(run));
        assert_eq!((out(run), talk(run)), (out(&runs[0]), talk(&runs[0])));
    }
    assert!(out(&runs[0]).starts_with("place,ticket,number,heads,admitted\n1,"));
    assert!(talk(&runs[0]).contains("can be steered by whoever knows the list"));
}

#[test]
fn another_list_than_the_frozen_one_is_refused() {
    let folder = folder(&[("a.csv", "ticket\na\nb\n"), ("b.csv", "ticket\na\nb\nc\n")]);
    let hash = hash(folder.path(), "a.csv");
    let answer = draw(folder.path(), &format!("run b.csv --seats 1 --part x --list-hash {hash} --out o.csv"));
    assert_eq!(answer.status.code(), Some(1));
    assert!(talk(&answer).contains("is not the frozen list"));
    assert!(!folder.path().join("o.csv").exists());
}

#[test]
fn all_faults_come_at_once() {
    let folder = folder(&[("a.csv", "ticket,heads,name\na b,1,\nc,x,\nd,1,\nd,1,\n")]);
    let answer = draw(folder.path(), "run a.csv --seats 1 --list-hash 12 --start 3");
    assert_eq!(answer.status.code(), Some(2));
    let talk = talk(&answer);
    for fault in [
        "a.csv row 1 column name:",
        "a.csv row 2 column ticket: \"a b\"",
        "a.csv row 3 column heads: \"x\"",
        "a.csv row 5 column ticket: \"d\" stands twice (first in row 4)",
        "--list-hash: \"12\"",
        "--part: must be given",
        "--start: does not belong",
    ] {
        assert!(talk.contains(fault), "{fault} not in:\n{talk}");
    }
    assert_eq!(talk.lines().count(), 7, "{talk}");
}

#[test]
fn the_ring_of_nanchang_and_a_progression() {
    let rows: String = (1..=20).map(|n| format!("{n:02}\n")).collect();
    let folder = folder(&[("a.csv", &format!("ticket\n{rows}"))]);
    let hash = hash(folder.path(), "a.csv");
    let ring = format!("run a.csv --seats 15 --list-hash {hash} --protocol ring --start 6 --interval 3");
    let answer = draw(folder.path(), &ring);
    let numbers: Vec<u32> = out(&answer)
        .lines()
        .skip(1)
        .filter(|line| line.ends_with(",1"))
        .map(|line| line.split(',').nth(2).unwrap().parse().unwrap())
        .collect();
    assert_eq!(numbers, [6, 9, 12, 15, 18, 1, 4, 8, 13, 17, 2, 7, 14, 20, 10]);
    assert!(talk(&answer).contains("entropy 8.6 bits"), "{}", talk(&answer));

    let progression = "--protocol first_and_difference --first 3 --difference";
    let ask = |difference: u32| {
        draw(folder.path(), &format!("run a.csv --seats 1 --list-hash {hash} {progression} {difference}"))
    };
    assert!(out(&ask(7)).starts_with("place,ticket,number,heads,admitted\n1,03,3,1,1\n2,10,10,1,0\n"));
    assert_eq!(ask(8).status.code(), Some(2));
    assert!(talk(&ask(8)).contains("divisible by 4"));
}

#[test]
fn json_tells_everything() {
    let folder = folder(&[("a.csv", "ticket,heads\nz,2\n")]);
    let hash = hash(folder.path(), "a.csv");
    let part = "6f1d".repeat(16);
    let flags = format!("--twins admit_both --part {part} --json");
    let answer = draw(folder.path(), &format!("run a.csv --seats 1 --list-hash {hash} {flags}"));
    let value: serde_json::Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(value["format"], "draw/1");
    assert_eq!(value["admitted_heads"], 2);
    assert_eq!(value["can_be_steered"], false);
    assert_eq!(value["log"][0], "place 1: all 2 of z admitted, plan + 1");
    assert_eq!(value["places"][0]["ticket"], "z");
    assert_eq!(value["seed"].as_str().unwrap().len(), 64);
}
