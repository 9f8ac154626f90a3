//! Result folders: verified by the program, by the independent verifier, and refused when one byte differs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use zhaosheng::domain::progress::Quiet;
use zhaosheng::service::admit_folder::NoResult;
use zhaosheng::service::compulsory::place_entry::{place_entry, write_entry};
use zhaosheng::service::compulsory::verify_entry::verify_entry;

use crate::folders::case;
use crate::properties::tight;

fn result(source: &Path, folder: &Path) -> PathBuf {
    let out = folder.join("result");
    let (entry, run) = place_entry(source, &Quiet).unwrap();
    write_entry(&entry, &run, &out, &Quiet).unwrap();
    out
}

fn independent(out: &Path) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/verify_entry.py");
    let told = Command::new("python3").arg(script).arg(out).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (told.status.success(), text(&told.stdout) + &text(&told.stderr))
}

#[test]
fn worked_and_random_entries_are_confirmed_by_both_programs() {
    let folder = tempfile::tempdir().unwrap();
    for style in ["yicheng", "single_school", "multi_school", "feeder"] {
        let out = result(&case(style), folder.path());
        verify_entry(&out, &Quiet).unwrap();
        let (right, told) = independent(&out);
        assert!(right, "{style}: {told}");
    }
    for seed in 50..54 {
        let source = folder.path().join("source");
        tight(500, seed).write(&source);
        let out = result(&source, folder.path());
        verify_entry(&out, &Quiet).unwrap();
        let (right, told) = independent(&out);
        assert!(right, "county {seed}: {told}");
    }
}

#[test]
fn a_changed_byte_a_missing_and_a_strange_file_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = result(&case("yicheng"), folder.path());
    let refused = |words: &str| match verify_entry(&out, &Quiet) {
        Err(NoResult::Breaches(breaches)) => {
            assert!(breaches.iter().any(|breach| breach.contains(words)), "{words}: {breaches:?}");
        }
        other => panic!("{words}: {other:?}"),
    };
    for (name, old, new) in [
        ("placements.csv", "C04,primary,LT", "C04,primary,YW"),
        ("reasons.csv", "category", "lot"),
        ("school_lines.csv", "admission,4,4", "admission,5,4"),
        ("loads.csv", "red", "amber"),
        ("candidacies.csv", "no_category", "age"),
        (
            "proof/input/evidence.csv",
            "C05,employment,social_security,match",
            "C05,employment,social_security,mismatch",
        ),
        ("proof/manifest.json", "\"placed\": 11", "\"placed\": 12"),
    ] {
        let before = fs::read_to_string(out.join(name)).unwrap();
        assert!(before.contains(old), "{name} holds no {old}");
        fs::write(out.join(name), before.replacen(old, new, 1)).unwrap();
        refused(if name.starts_with("proof/input") { "placements.csv" } else { name });
        assert!(!independent(&out).0, "{name}");
        fs::write(out.join(name), before).unwrap();
    }
    fs::write(out.join("more.csv"), "x").unwrap();
    refused("more.csv: does not belong");
    assert!(!independent(&out).0);
    fs::remove_file(out.join("more.csv")).unwrap();
    fs::remove_file(out.join("loads.csv")).unwrap();
    refused("loads.csv: is missing");
    assert!(!independent(&out).0);
}
