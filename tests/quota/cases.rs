//! The shared cases with known answers.

use serde_json::Value;
use zhaosheng::domain::quota::Method;
use zhaosheng::engine::biproportional::{NoMatrix, biproportional};
use zhaosheng::engine::controlled_rounding::MarginsDiffer;

use crate::files::{seats, shared};

fn numbers(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
}

fn matrix(value: &Value) -> Vec<Vec<u64>> {
    value.as_array().unwrap().iter().map(numbers).collect()
}

/// The cases whose name starts so, by name.
fn cases(start: &str) -> Vec<(String, Value)> {
    let Some(folder) = shared("cases") else { return Vec::new() };
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(start))
        .collect();
    names.sort();
    let read = |name: String| {
        let value = serde_json::from_slice(&std::fs::read(folder.join(&name)).unwrap()).unwrap();
        (name, value)
    };
    names.into_iter().map(read).collect()
}

#[test]
fn apportionment_cases_have_their_published_answers() {
    let mut checked = 0;
    let cases = cases("ap");
    for (name, case) in &cases {
        for (word, expected) in case["expected"].as_object().unwrap() {
            let method = match word.as_str() {
                "hamilton" => Method::LargestRemainder,
                "webster" => Method::SainteLague,
                "dhondt" | "jefferson" => Method::Dhondt,
                _ => continue,
            };
            let given = seats(method, case["seats"].as_u64().unwrap(), &numbers(&case["votes"]), 0);
            assert_eq!(given, numbers(expected), "{name} {word}");
            checked += 1;
        }
    }
    assert!(cases.is_empty() || checked >= 10);
}

#[test]
fn biproportional_cases_have_their_published_answers() {
    for (name, case) in cases("bp") {
        let (rows, columns) = (numbers(&case["row_totals"]), numbers(&case["col_totals"]));
        let cells = biproportional(&matrix(&case["votes"]), &rows, &columns);
        assert_eq!(cells, Ok(matrix(&case["expected"])), "{name}");
    }
}

#[test]
fn biproportional_margins_that_no_matrix_has_are_refused() {
    let margins = NoMatrix::Margins(MarginsDiffer { rows: 2, columns: 3 });
    assert_eq!(biproportional(&[vec![1, 1]], &[2], &[1, 2]), Err(margins));
    assert_eq!(biproportional(&[vec![0, 0], vec![1, 1]], &[1, 1], &[1, 1]), Err(NoMatrix::EmptyRow(0)));
    let blocked = [vec![1, 0], vec![1, 0]];
    assert_eq!(biproportional(&blocked, &[1, 1], &[1, 1]), Err(NoMatrix::Column(1)));
}
