//! The three seasons of `tests/cases/seasons`, worked by hand in their EXPECTED.md.

use std::fs;

use crate::drafts::{case, independent, program, told};

fn comes_out_as_worked(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("result");
    let (code, _, err) = told(program().arg("admit").arg(case(name)).arg("--out").arg(&out));
    assert_eq!((code, err.as_str()), (0, ""), "{name}");
    for (sheet, expected) in [("results.csv", "expected_results.csv"), ("quota.csv", "expected_quota.csv")] {
        let expected = fs::read_to_string(case(name).join(expected)).unwrap();
        assert_eq!(fs::read_to_string(out.join(sheet)).unwrap(), expected, "{name} {sheet}");
    }
    let (code, said, err) = told(program().arg("verify").arg(&out));
    assert_eq!((code, err.as_str()), (0, ""), "{name}");
    assert!(said.starts_with("verified: "), "{said}");
    if let Some((code, said)) = independent(&out) {
        assert_eq!(code, 0, "{name}: {said}");
    }
}

#[test]
fn the_shanxi_season_comes_out_as_worked_by_hand() {
    comes_out_as_worked("shanxi");
}

#[test]
fn the_band_season_comes_out_as_worked_by_hand() {
    comes_out_as_worked("band");
}

#[test]
fn the_quota_then_unified_season_comes_out_as_worked_by_hand() {
    comes_out_as_worked("quota_then_unified");
}

#[test]
fn verify_tells_json_and_refuses_what_is_no_result() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("result");
    assert_eq!(told(program().arg("admit").arg(case("shanxi")).arg("--out").arg(&out)).0, 0);
    let (code, said, _) = told(program().args(["--json", "verify"]).arg(&out));
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &said["verified"], &said["candidates"]), (0, &true.into(), &23.into()));
    assert_eq!(told(program().arg("verify").arg(folder.path())).0, 2);
    let text = fs::read_to_string(out.join("results.csv")).unwrap();
    fs::write(out.join("results.csv"), text.replacen("P01,quota", "P01,open", 1)).unwrap();
    let (code, _, err) = told(program().arg("verify").arg(&out));
    assert_eq!(code, 1);
    assert!(err.starts_with("results.csv: row 2: \"260101,1,P01,open"), "{err}");
}

#[test]
fn import_tells_control_totals_and_export_keeps_the_season() {
    let (code, said, _) = told(program().args(["--json", "import"]).arg(case("shanxi")));
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &said["candidates"], &said["seats"]), (0, &23.into(), &18.into()));
    assert_eq!((&said["overrides"], &said["preferences"]), (&2.into(), &36.into()));
    let folder = tempfile::tempdir().unwrap();
    let (again, out) = (folder.path().join("again"), folder.path().join("out"));
    let args = ["--encoding", "gb18030", "--out"];
    assert_eq!(told(program().arg("export").arg(case("shanxi")).args(args).arg(&again)).0, 0);
    assert_eq!(told(program().arg("admit").arg(&again).arg("--out").arg(&out)).0, 0);
    let expected = fs::read(case("shanxi").join("expected_results.csv")).unwrap();
    assert_eq!(fs::read(out.join("results.csv")).unwrap(), expected);
    // GBK has no 𠮷: the person is named by row and exam number, nothing is written.
    let args = ["--encoding", "gbk", "--out"];
    let nowhere = folder.path().join("nowhere");
    let (code, _, err) = told(program().arg("export").arg(case("shanxi")).args(args).arg(&nowhere));
    assert_eq!(code, 2);
    assert!(err.contains("candidates.csv row 12 column name: "), "{err}");
    assert!(!nowhere.exists());
}
