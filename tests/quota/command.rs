//! `zhaosheng apportion` as a script sees it.

use std::process::Command;

/// Runs the program on a text; exit code, standard output, standard error.
fn apportion(text: &str, more: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input.json");
    std::fs::write(&path, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
        .current_dir(folder.path())
        .arg("apportion")
        .arg(&path)
        .args(more)
        .output()
        .unwrap();
    let mut told = String::from_utf8(output.stdout).unwrap();
    if let ["--out", out] = more {
        assert_eq!(told, "");
        told = std::fs::read_to_string(folder.path().join(out)).unwrap();
    }
    (output.status.code().unwrap(), told, String::from_utf8(output.stderr).unwrap())
}

fn seats(fields: &str) -> (i32, String, String) {
    apportion(&format!(r#"{{ "format": "apportion/1", {fields} }}"#), &[])
}

#[test]
fn seats_go_out_as_the_contract_says() {
    let question = r#""method": "largest_remainder", "seats": 10, "weights": [47000, 16000], "minimum": 0, "caps": null"#;
    let expected = "{\"format\":\"seats/1\",\"seats\":[7,3]}\n";
    assert_eq!(seats(question), (0, expected.to_owned(), String::new()));
    let file = format!(r#"{{ "format": "apportion/1", {question} }}"#);
    assert_eq!(apportion(&file, &["--out", "out.json"]).1, expected);
}

#[test]
fn lots_decide_ties() {
    let tie = r#""method": "sainte_lague", "seats": 1, "weights": [5, 5, 5]"#;
    assert_eq!(seats(tie).1, "{\"format\":\"seats/1\",\"seats\":[1,0,0]}\n");
    let lots = format!(r#"{tie}, "lots": [2, 0, 1]"#);
    assert_eq!(seats(&lots).1, "{\"format\":\"seats/1\",\"seats\":[0,0,1]}\n");
}

#[test]
fn a_matrix_comes_back_in_cells() {
    let controlled = r#""method": "controlled", "row_totals": [1, 1], "column_totals": [1, 1]"#;
    assert_eq!(seats(controlled).1, "{\"format\":\"seats/1\",\"cells\":[[1,0],[0,1]]}\n");
    let shared = r#""method": "controlled", "rows": [30, 10], "column_totals": [2, 2]"#;
    assert_eq!(seats(shared).1, "{\"format\":\"seats/1\",\"cells\":[[2,1],[0,1]]}\n");
    let table = r#""method": "controlled", "rows": [[10, 20], [5, 5]], "column_totals": [2, 2]"#;
    assert_eq!(seats(table).1, "{\"format\":\"seats/1\",\"cells\":[[2,1],[0,1]]}\n");
    let biproportional = r#""method": "biproportional", "rows": [[123, 45, 815], [912, 714, 414], [312, 255, 215]],
        "row_totals": [5, 11, 4], "column_totals": [7, 5, 8]"#;
    assert_eq!(seats(biproportional).1, "{\"format\":\"seats/1\",\"cells\":[[1,0,4],[4,4,3],[2,1,1]]}\n");
}

#[test]
fn every_fault_is_told_at_once_with_its_field() {
    let (code, out, told) = seats(
        r#""method": "floor", "seats": -1, "weights": [1, 2.5, "x", 9007199254740993], "caps": [1], "wights": 3, "lots": 7"#,
    );
    assert_eq!((code, out.as_str()), (2, ""));
    for place in ["wights: ", "seats: ", "weights[1]: ", "weights[2]: ", "weights[3]: "] {
        assert!(told.lines().any(|line| line.starts_with(place)), "{place} in {told}");
    }
    let (code, _, told) =
        seats(r#""method": "floor", "seats": 1, "weights": [1, 2], "caps": [1], "lots": [1, 1, 5]"#);
    assert_eq!(code, 2);
    assert_eq!(told.lines().count(), 3, "{told}");
    assert_eq!(apportion("[", &[]).0, 2);
    assert_eq!(seats(r#""method": "hare", "seats": 1, "weights": [1]"#).0, 2);
    assert_eq!(seats(r#""method": "integer_part_then_lots", "seats": 1, "weights": [1]"#).0, 2);
    let sums = r#""method": "controlled", "row_totals": [1, 2], "column_totals": [1, 1]"#;
    assert_eq!(seats(sums).0, 2);
}

#[test]
fn what_a_rule_refuses_exits_with_one() {
    let minimum = r#""method": "largest_remainder", "seats": 1, "weights": [1, 2], "minimum": 1"#;
    assert_eq!(seats(minimum), (1, String::new(), "the minimum needs 2 seats, there are 1\n".to_owned()));
    let zeros = r#""method": "biproportional", "rows": [[1, 0], [1, 0]], "row_totals": [1, 1], "column_totals": [1, 1]"#;
    assert_eq!(seats(zeros).0, 1);
}

#[test]
fn seats_beyond_all_caps_are_told() {
    let (code, out, told) = seats(r#""method": "dhondt", "seats": 9, "weights": [1, 2], "caps": [1, 2]"#);
    assert_eq!((code, out.as_str()), (0, "{\"format\":\"seats/1\",\"seats\":[1,2]}\n"));
    assert!(told.contains("6 seats stay unassigned"), "{told}");
}

#[test]
fn a_missing_file_is_the_environment() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_zhaosheng")).args(["apportion", "/no/such/file"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
}
