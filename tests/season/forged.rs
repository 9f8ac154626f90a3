//! Forged result folders: one thing changed, in half of the cases with every hash repaired.
//!
//! What a repaired forgery of the *inputs* proves is limited, and this file says exactly where: the
//! fields of [`DECIDES_NOTHING`] take no part in this season's computation, so a folder in which one
//! of them was changed and every hash repaired is the honest result of these other inputs, and
//! `verify` says so. Only the hash of the manifest, published beside the result, tells it from the
//! first. Without repaired hashes a change of them is refused like any other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use zhaosheng::domain::progress::Quiet;
use zhaosheng::service::verify_folder::verify_folder;

use crate::drafts::{Chance, Draft, Files, case, repair_manifest, rows, sentences, write_files};

const MANIFEST: &str = "proof/manifest.json";
const POLICY: &str = "proof/input/season.toml";

/// Fields of `proof/input` that decide nothing in any season, or not under the policy of this one.
const DECIDES_NOTHING: [(&str, &str, &str); 20] = [
    ("areas.csv", "name", "a name"),
    ("areas.csv", "divisions", "a note"),
    ("junior_schools.csv", "name", "a name"),
    ("junior_schools.csv", "ownership", "public and private are held to the same rules"),
    ("junior_schools.csv", "nine_year", "a note here"),
    ("junior_schools.csv", "graduates", "the weight is `eligible`"),
    ("junior_schools.csv", "intake", "the weight is `eligible`"),
    ("junior_schools.csv", "direct", "no `direct_divisor`"),
    ("junior_schools.csv", "factor", "no `use_factor`"),
    ("senior_schools.csv", "name", "a name"),
    ("senior_schools.csv", "area_code", "where its programmes name their scope"),
    ("senior_schools.csv", "ownership", "public and private are held to the same rules"),
    ("programmes.csv", "name", "a name"),
    ("programmes.csv", "gate_open", "nobody lies between"),
    ("programmes.csv", "gate_quota", "nobody lies between"),
    ("candidates.csv", "register_from", "another day on the same side of every bound"),
    ("candidates.csv", "flags", "words no rule knows, and `priority` without a tie"),
    (
        "season.toml",
        "(text)",
        "names and comments; `names_and_notes_are_bound_by_the_manifest_alone` has dates and roles",
    ),
    ("season.toml", "(bound)", "limits nobody reached: here full marks"),
    ("season.toml", "(rule)", "the year, a default written out or left out, the display name of a subject"),
];

fn honest() -> Files {
    Draft::of(&case("shanxi")).admit()
}

/// One change: the file's new bytes, and which field of it was changed.
struct Forgery {
    bytes: Vec<u8>,
    field: String,
}

/// A digit, and so a number, a date or a code, becomes another one.
fn another_digit(text: &str, chance: &mut Chance) -> Option<String> {
    let digits: Vec<usize> =
        text.bytes().enumerate().filter(|(_, b)| b.is_ascii_digit()).map(|p| p.0).collect();
    let at = *digits.get(chance.below(digits.len().max(1)))?;
    let digit = (text.as_bytes()[at] - b'0' + 1 + chance.below(9) as u8) % 10;
    Some(format!("{}{digit}{}", &text[..at], &text[at + 1..]))
}

/// A plausible other cell: another digit, another value of the same column, another word, nothing.
fn another_cell(cell: &str, column: &[String], chance: &mut Chance) -> Option<String> {
    match chance.below(4) {
        0 => another_digit(cell, chance),
        1 => Some(column[chance.below(column.len())].clone()),
        2 => match cell {
            "quota" => Some("open".to_owned()),
            "open" => Some("quota".to_owned()),
            "absent" => Some("0".to_owned()),
            "public" => Some("private".to_owned()),
            "A" => Some("B".to_owned()),
            "" => Some("1".to_owned()),
            _ => another_digit(cell, chance),
        },
        _ => Some(String::new()),
    }
}

fn forge_sheet(bytes: &[u8], chance: &mut Chance) -> Option<Forgery> {
    let mut rows = rows(bytes);
    let width = rows[0].len();
    let at = 1 + chance.below(rows.len() - 1);
    let field = match chance.below(8) {
        0 => {
            rows.remove(at);
            "(row)".to_owned()
        }
        1 => {
            let row = rows[at].clone();
            rows.insert(at, row);
            "(row)".to_owned()
        }
        2 => {
            let other = 1 + chance.below(rows.len() - 1);
            rows.swap(at, other);
            "(row)".to_owned()
        }
        _ => {
            let column = chance.below(width);
            let all: Vec<String> = rows[1..].iter().map(|row| row[column].clone()).collect();
            rows[at][column] = another_cell(&rows[at][column], &all, chance)?;
            rows[0][column].clone()
        }
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    Some(Forgery { bytes: writer.into_inner().unwrap(), field })
}

fn forge_text(bytes: &[u8], chance: &mut Chance) -> Option<Forgery> {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = chance.below(lines.len());
    let mut field = "(row)".to_owned();
    match chance.below(5) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let other = chance.below(lines.len());
            lines.swap(at, other);
        }
        _ => {
            field = lines[at].split(['=', ':']).next().unwrap().trim().to_owned();
            lines[at] = another_digit(&lines[at], chance)?;
        }
    }
    Some(Forgery { bytes: (lines.join("\n") + "\n").into_bytes(), field })
}

/// What verify answers: `None` when it confirms.
fn answer(folder: &Path) -> Option<Vec<String>> {
    verify_folder(folder, &Quiet).err().map(sentences)
}

/// Class of the field of an accepted forgery, as [`DECIDES_NOTHING`] names it.
fn class(file: &str, field: &str, before: &str, after: &str) -> String {
    let name = file.rsplit('/').next().unwrap();
    if name == "season.toml" {
        let changed: Vec<&str> =
            before.lines().zip(after.lines()).find(|(a, b)| a != b).map_or(vec![], |(a, b)| vec![a, b]);
        let code = |line: &str| line.split('#').next().unwrap().trim().to_owned();
        let all = |test: &dyn Fn(&str) -> bool| changed.iter().all(|line| test(&code(line)));
        let starts =
            |line: &str, keys: &[&str]| line.is_empty() || keys.iter().any(|key| line.starts_with(key));
        let texts = ["name", "publish", "extend", "control_line_announced", "admission_", "filed_on"];
        let bounds = ["full", "decimals", "control_line", "max_choices", "bonus_cap", "share", "exempt"];
        return if all(&|line| starts(line, &texts))
            || changed.iter().map(|l| code(l)).collect::<BTreeSet<_>>().len() == 1
        {
            "season.toml (text)".to_owned()
        } else if all(&|line| starts(line, &bounds)) {
            "season.toml (bound)".to_owned()
        } else {
            "season.toml (rule)".to_owned()
        };
    }
    if name == "scores.csv" && field != "computing" {
        return "scores.csv (state)".to_owned();
    }
    format!("{name} {field}")
}

/// 1,600 forgeries of every file; all are refused but those of fields that decide nothing.
#[test]
fn every_forged_folder_is_refused_but_for_fields_that_decide_nothing() {
    let honest = honest();
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &honest);
    assert_eq!(answer(folder.path()), None);
    let names: Vec<&String> = honest.keys().collect();
    let honest_root = root(folder.path());
    let mut turn = 20_260_701;
    let mut refused: BTreeMap<(&str, bool), u32> = BTreeMap::new();
    let mut accepted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut number = 0;
    while number < 1_600 {
        let name = names[number % names.len()].as_str();
        // A stream of its own for each turn: another text of one file forges the others as before.
        turn += 1;
        let mut chance = Chance(turn);
        let forgery = if name.ends_with(".csv") {
            forge_sheet(&honest[name], &mut chance)
        } else {
            forge_text(&honest[name], &mut chance)
        };
        let Some(forgery) = forgery.filter(|forgery| forgery.bytes != honest[name]) else { continue };
        let repaired = (number / names.len()) % 2 == 1 && name != MANIFEST;
        number += 1;
        let mut forged = honest.clone();
        forged.insert(name.to_owned(), forgery.bytes);
        if repaired {
            repair_manifest(&mut forged);
        }
        for file in [name, MANIFEST] {
            fs::write(folder.path().join(file), &forged[file]).unwrap();
        }
        match answer(folder.path()) {
            Some(why) => {
                assert!(!why.is_empty() && why.iter().all(|line| !line.is_empty()), "{name}");
                *refused.entry((name, repaired)).or_default() += 1;
            }
            None => {
                let texts =
                    [&honest[name], &forged[name]].map(|bytes| String::from_utf8(bytes.clone()).unwrap());
                let class = class(name, &forgery.field, &texts[0], &texts[1]);
                assert!(repaired, "{name} {}: confirmed without repaired hashes", forgery.field);
                assert!(name.starts_with("proof/input/"), "{name} {}: an output was forged", forgery.field);
                assert_ne!(root(folder.path()), honest_root, "the published root tells the two apart");
                accepted.entry(class).or_default().push(difference(&texts));
            }
        }
        for file in [name, MANIFEST] {
            fs::write(folder.path().join(file), &honest[file]).unwrap();
        }
    }
    println!("confirmed, as they decide nothing: {accepted:#?}");
    let known =
        |class: &String| DECIDES_NOTHING.iter().any(|(file, field, _)| *class == format!("{file} {field}"));
    let deciding: Vec<_> = accepted.iter().filter(|(class, _)| !known(class)).collect();
    assert!(deciding.is_empty(), "these decide, yet their forgeries were confirmed: {deciding:#?}");
    assert!(refused.values().sum::<u32>() >= 1_000, "{refused:?}");
    for name in names {
        assert!(refused.contains_key(&(name.as_str(), false)), "{name} was forged");
    }
    assert_eq!(answer(folder.path()), None);
}

/// The root that `verify` tells of a folder it confirms.
fn root(folder: &Path) -> String {
    verify_folder(folder, &Quiet).map(|verified| verified.root).unwrap_or_default()
}

fn difference([before, after]: &[String; 2]) -> String {
    let lines = before.lines().zip(after.lines()).find(|(a, b)| a != b);
    lines.map_or_else(String::new, |(a, b)| format!("{a}\n{b}"))
}

/// Each of the fields that decide nothing anywhere: refused with the old hashes, confirmed with new
/// ones, for it is then the honest result of another season.
#[test]
fn names_and_notes_are_bound_by_the_manifest_alone() {
    let honest = honest();
    for (file, from, to) in [
        ("areas.csv", "云岭区", "云岭县"),
        ("areas.csv", "149901", "149909"),
        ("junior_schools.csv", "云岭第一初级中学", "云岭第一中学"),
        ("junior_schools.csv", "J01,云岭第一初级中学,A01,public,0", "J01,云岭第一初级中学,A01,private,1"),
        ("senior_schools.csv", "云岭高级中学", "云岭中学"),
        ("senior_schools.csv", "S01,云岭高级中学,A01,public", "S01,云岭高级中学,A01,private"),
        ("programmes.csv", "云岭高级中学", "云岭中学"),
        ("season.toml", "name = \"示范市2026年高中阶段学校招生\"", "name = \"示范市\""),
        ("season.toml", "# best first", "# worst first"),
        ("season.toml", "[\"municipal_centre\", \"supervisor\"]", "[\"anyone\"]"),
        ("season.toml", "admission_ends = \"2026-08-10\"", "admission_ends = \"2026-08-11\""),
    ] {
        let name = format!("proof/input/{file}");
        let text = String::from_utf8(honest[&name].clone()).unwrap();
        assert!(text.contains(from), "{from} in {file}");
        let mut forged = honest.clone();
        forged.insert(name.clone(), text.replacen(from, to, 1).into_bytes());
        let folder = tempfile::tempdir().unwrap();
        write_files(folder.path(), &forged);
        assert!(answer(folder.path()).is_some(), "{from}");
        repair_manifest(&mut forged);
        write_files(folder.path(), &forged);
        assert_eq!(answer(folder.path()), None, "{from}");
        // The published hash of the manifest tells the two apart.
        assert_ne!(forged[MANIFEST], honest[MANIFEST]);
    }
    assert!(honest.contains_key(POLICY));
}

#[test]
fn missing_files_are_refused() {
    let honest = honest();
    for name in honest.keys() {
        for repaired in [false, true] {
            let mut forged = honest.clone();
            forged.remove(name);
            if repaired && name != MANIFEST {
                repair_manifest(&mut forged);
            }
            let folder = tempfile::tempdir().unwrap();
            write_files(folder.path(), &forged);
            assert!(answer(folder.path()).is_some(), "{name}");
        }
    }
}

#[test]
fn truncated_and_lengthened_files_are_refused() {
    let honest = honest();
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path(), &honest);
    for (name, bytes) in &honest {
        for length in [0, 1, bytes.len() / 2, bytes.len() - 1, bytes.len() + 1] {
            let mut forged = honest.clone();
            let mut cut = bytes.clone();
            cut.resize(length, b'\n');
            forged.insert(name.clone(), cut);
            // A policy with a blank line more or less at its end is the same policy.
            if name != MANIFEST && name != POLICY {
                repair_manifest(&mut forged);
            }
            for file in [name.as_str(), MANIFEST] {
                fs::write(folder.path().join(file), &forged[file]).unwrap();
            }
            assert!(answer(folder.path()).is_some(), "{name} of {length} bytes");
            for file in [name.as_str(), MANIFEST] {
                fs::write(folder.path().join(file), &honest[file]).unwrap();
            }
        }
    }
}

#[test]
fn extra_files_are_refused() {
    let honest = honest();
    for extra in [
        "note.txt",
        ".hidden",
        "proof/more.csv",
        "proof/input/profile.toml",
        "proof/input/notes.md",
        "more/deep.csv",
    ] {
        for repaired in [false, true] {
            let mut forged = honest.clone();
            forged.insert(extra.to_owned(), b"# nothing\n".to_vec());
            if repaired {
                repair_manifest(&mut forged);
            }
            let folder = tempfile::tempdir().unwrap();
            write_files(folder.path(), &forged);
            let why = answer(folder.path()).unwrap();
            assert!(why.contains(&format!("{extra}: does not belong to the result")), "{why:?}");
        }
    }
}

#[test]
fn an_empty_folder_is_refused() {
    assert!(answer(tempfile::tempdir().unwrap().path()).is_some());
}
