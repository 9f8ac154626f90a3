//! Classes by files: worked by hand, confirmed by the independent verifier, forged, faulty, frozen before chance comes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use zhaosheng::domain::progress::Quiet;
use zhaosheng::service::admit_folder::NoResult;
use zhaosheng::service::compulsory::group_classes::{
    freeze_grade, group_classes, verify_classes, write_classes,
};

use crate::folders::Draft;

fn case() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/after/classes")
}

/// The worked grade, to be changed.
fn worked() -> Draft {
    let read = |name: &str| (name.to_owned(), fs::read_to_string(case().join(name)).unwrap());
    Draft { files: ["class.toml", "pupils.csv", "teachers.csv"].map(read).into() }
}

fn grouped(draft: &Draft, folder: &Path) -> Result<PathBuf, NoResult> {
    let (source, out) = (folder.join("grade"), folder.join("result"));
    draft.write(&source);
    write_classes(&group_classes(&source, &Quiet)?, &out, &Quiet)?;
    Ok(out)
}

fn stopped(draft: &Draft) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let told = match grouped(draft, folder.path()) {
        Ok(_) => Vec::new(),
        Err(NoResult::Faults(faults)) => faults.iter().map(ToString::to_string).collect(),
        Err(NoResult::Breaches(breaches)) => breaches,
        Err(NoResult::Broken(error)) => panic!("{error}"),
    };
    assert_eq!(folder.path().join("result").exists(), told.is_empty(), "half a result");
    told
}

fn independent(out: &Path) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/verify_classes.py");
    let told = Command::new("python3").arg(script).arg(out).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (told.status.success(), text(&told.stdout) + &text(&told.stderr))
}

/// Sixty pupils of seven schools, ranked or not, some of them twins.
fn grade(method: &str) -> Draft {
    let pupil = |at: usize| {
        let (sex, source) = (["F", "M", "M"][at % 3], at / 4 % 7);
        let order = if at.is_multiple_of(5) { String::new() } else { (at * 7 % 60).to_string() };
        let twins = match at {
            3 | 17 | 40 => "t1,together",
            8 | 9 => "t2,apart",
            20 => "t3,apart",
            21 => "t3,together",
            _ => ",",
        };
        format!("p{at},{sex},S{source},{order},{},{twins}\n", at * at)
    };
    let pupils: String = (0..60).rev().map(pupil).collect();
    let policy = format!(
        "method = \"{method}\"\nclass_size = 13\ntwins = \"honour\"\nlimits.source_gap = 2\n\
         lot = {{ parts = [\"7 7 7\"], round = 3 }}"
    );
    Draft { files: [("class.toml".to_owned(), policy)].into() }
        .with("pupils.csv", format!("pupil_no,sex,source,order,figure,twins,twin_wish\n{pupils}"))
}

#[test]
fn w22_comes_out_as_worked_by_hand_and_is_confirmed_by_both_programs() {
    let folder = tempfile::tempdir().unwrap();
    let out = grouped(&worked(), folder.path()).unwrap();
    for name in ["classes.csv", "balance.csv"] {
        let expected = fs::read_to_string(case().join(format!("expected_{name}"))).unwrap();
        assert_eq!(fs::read_to_string(out.join(name)).unwrap(), expected, "{name}");
    }
    let teachers = fs::read_to_string(out.join("teachers.csv")).unwrap();
    assert_eq!(teachers.lines().count(), 4, "{teachers}");
    let verified = verify_classes(&out, &Quiet).unwrap();
    assert_eq!((verified.pupils, verified.classes), (10, 3));
    let (right, told) = independent(&out);
    assert!(right, "{told}");
}

#[test]
fn mixed_grades_with_twins_are_confirmed_by_both_programs() {
    for method in ["random", "serpentine"] {
        let folder = tempfile::tempdir().unwrap();
        let out = grouped(&grade(method), folder.path()).unwrap();
        assert_eq!(fs::read_to_string(out.join("unmet_wishes.csv")).unwrap(), "twins\nt3\n");
        verify_classes(&out, &Quiet).unwrap();
        let (right, told) = independent(&out);
        assert!(right, "{method}: {told}");
    }
}

#[test]
fn a_pupil_moved_a_teacher_exchanged_and_a_forged_balance_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = grouped(&worked(), folder.path()).unwrap();
    let teachers = fs::read_to_string(out.join("teachers.csv")).unwrap();
    let first = teachers.lines().nth(1).unwrap().to_owned();
    for (name, old, new) in [
        ("classes.csv", "p01,1", "p01,2"),
        ("teachers.csv", first.as_str(), "1,t-x"),
        ("balance.csv", "gap,figure,mean,11/6", "gap,figure,mean,1/6"),
        ("unmet_wishes.csv", "twins\n", "twins\nt1\n"),
        ("proof/manifest.json", "\"pupils\": 10", "\"pupils\": 11"),
    ] {
        let before = fs::read_to_string(out.join(name)).unwrap();
        assert!(before.contains(old), "{name} holds no {old}");
        fs::write(out.join(name), before.replacen(old, new, 1)).unwrap();
        let refused = verify_classes(&out, &Quiet).unwrap_err();
        assert!(matches!(&refused, NoResult::Breaches(all) if all[0].starts_with(name)), "{refused:?}");
        assert!(!independent(&out).0, "{name}");
        fs::write(out.join(name), before).unwrap();
    }
}

#[test]
fn every_fault_of_a_grade_is_told_at_once() {
    let told = stopped(
        &worked()
            .with(
                "pupils.csv",
                "pupil_no,sex,source,order,figure,twins,twin_wish,name\n\
                 p 1,male,,,,,,\np2,woman,,,,,,\np3,F,\"a,b\",,,,,\np4,F,,-1,,,,\np5,F,,,1.5,,,\n\
                 p6,F,,,,t1,together,\np7,F,,,,t2,,\np7,F,,,,,apart,\np8,F,,,,,,x9?\n",
            )
            .with("teachers.csv", "teacher_no\nt 1\nt2\nt2\n")
            .change("class.toml", "class_size = 4", "class_size = 56")
            .change("class.toml", "classes = 3", "classes = 0")
            .change("class.toml", "parts = [\"03 11 24 29\"]", "parts = [\"\"]"),
    );
    for expected in [
        "class.toml column class_size: must be from 1 to 55",
        "class.toml column classes: must be from 1 to 999",
        "class.toml column lot.parts: must not hold an empty part",
        "pupils.csv row 2 column pupil_no: \"p 1\" must be 1 to 64 letters",
        "pupils.csv row 3 column sex: \"woman\" must be female, male or unknown",
        "pupils.csv row 4 column source: \"a,b\" must not hold",
        "pupils.csv row 5 column order: \"-1\" must be a whole number",
        "pupils.csv row 6 column figure: \"1.5\" must be a whole number",
        "pupils.csv row 7 column twins: \"t1\" must stand at two pupils at least",
        "pupils.csv row 8 column twin_wish: must be together or apart",
        "pupils.csv row 9 column twin_wish: \"apart\" is a wish of twins who have no code",
        "pupils.csv row 9 column pupil_no: \"p7\" stands twice",
        "pupils.csv row 10 column name: \"x9?\"",
        "teachers.csv row 2 column teacher_no: \"t 1\" must be 1 to 64 letters",
        "teachers.csv row 4 column teacher_no: \"t2\" stands twice",
    ] {
        assert!(told.iter().any(|line| line.starts_with(expected)), "{expected}\n{told:#?}");
    }
    assert_eq!(told.len(), 15, "{told:#?}");
}

#[test]
fn what_cannot_come_out_even_is_refused_with_its_figures() {
    for (old, new, words) in [
        ("class_size = 4", "class_size = 3", "class 3 has 4 pupils"),
        ("classes = 3", "classes = 3\nlimits.size_gap = 0", "sizes differ by 1"),
        ("classes = 3", "classes = 3\nlimits.mean_gap = 0.5", "the means of the figure differ by 11/6"),
        ("parts = [\"03 11 24 29\"]", "parts = []", "nothing was drawn yet"),
        ("method = \"serpentine\"", "method = \"by_score\"", "unknown variant"),
        ("method = \"serpentine\"", "method = \"serpentine\"\nexam = 1", "unknown field"),
    ] {
        let told = stopped(&worked().change("class.toml", old, new));
        assert!(told.iter().any(|line| line.contains(words)), "{words}: {told:?}");
    }
    let told = stopped(&worked().with("teachers.csv", "teacher_no\n"));
    assert!(told.iter().any(|line| line.contains("teachers.csv: has no teacher")), "{told:?}");
    let told = stopped(&worked().with("pupils.csv", "pupil_no,sex\n"));
    assert!(told.iter().any(|line| line.contains("pupils.csv: has no pupil")), "{told:?}");
}

/// First the groups, then their teachers: each list has its hash before its own chance comes.
#[test]
fn lists_are_frozen_before_chance_comes_and_teachers_after_the_groups() {
    let folder = tempfile::tempdir().unwrap();
    let freeze = |draft: Draft| {
        draft.write(folder.path());
        freeze_grade(folder.path()).unwrap()
    };
    let no_teachers_drawn =
        worked().change("class.toml", "parts = [\"balls of the ceremony: 2 7 1\"]", "parts = []");
    let nothing = freeze(no_teachers_drawn.clone().change("class.toml", "[\"03 11 24 29\"]", "[]"));
    assert_eq!(nothing.teachers_hash, None);
    let groups = freeze(no_teachers_drawn);
    let all = group_classes(&case(), &Quiet).unwrap();
    assert_eq!((nothing.list_hash, groups.list_hash), (all.list_hash, all.list_hash));
    let teachers = all.teachers.unwrap();
    assert_eq!(groups.teachers_hash, Some(teachers.list_hash));
    // Another teacher is another list, and the groups stay.
    let other = freeze(worked().change("teachers.csv", "t-a", "t-d"));
    assert_eq!(other.list_hash, all.list_hash);
    assert_ne!(other.teachers_hash, Some(teachers.list_hash));
}

#[test]
fn the_command_groups_verifies_and_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("result");
    let run = |words: &[&str]| {
        let told = Command::new(env!("CARGO_BIN_EXE_zhaosheng")).args(words).output().unwrap();
        (
            told.status.code(),
            String::from_utf8(told.stdout).unwrap() + &String::from_utf8(told.stderr).unwrap(),
        )
    };
    let (case, out) = (case(), out.to_str().unwrap().to_owned());
    let case = case.to_str().unwrap();
    let (code, told) = run(&["classes", case]);
    assert!(code == Some(0) && told.contains("list of head teachers"), "{told}");
    let (code, told) = run(&["classes", case, "--out", &out]);
    assert!(code == Some(0) && told.contains("10 pupils in 3 classes, 3 head teachers"), "{told}");
    let (code, told) = run(&["verify", &out, "--json"]);
    assert!(code == Some(0) && told.contains("\"classes\":3"), "{told}");
    let (code, told) = run(&["verify", &out, "--root", "00"]);
    assert!(code == Some(1) && told.contains("published was 00"), "{told}");
}
