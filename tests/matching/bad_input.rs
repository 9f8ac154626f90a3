//! Bad market files: every fault at once with its path, exit code 2, and never a panic.

use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use serde_json::{Value, json};
use zhaosheng::files::market_file;
use zhaosheng::service::match_market::{NoMatch, match_market};

use crate::town::{PLAIN, Policy, Shape, Town};

pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) talk: String,
}

/// `zhaosheng match -` with a file on standard input.
pub(crate) fn run(file: &[u8]) -> Answer {
    let mut child = Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
        .args(["match", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(file).unwrap();
    let output = child.wait_with_output().unwrap();
    Answer {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        talk: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A sound market to spoil.
fn sound() -> Value {
    json!({
        "format": "market/1",
        "policy": { "placing": { "kind": "parallel" } },
        "students": [
            { "id": "s1", "county": "K1", "junior": "M1", "score": 612.5, "tiebreak": [118], "prefs": ["H1", "H2"] },
            { "id": "s2", "county": "K1", "junior": "M2", "score": 600, "tiebreak": [2], "prefs": ["H2"] },
            { "id": "s3", "county": "K1", "junior": "M1", "score": 599, "tiebreak": [1], "prefs": ["H1"] },
            { "id": "s4", "county": "K1", "junior": "M1", "score": 598, "prefs": [] }
        ],
        "schools": [
            { "id": "H1", "capacity": 1, "quota": { "M1": 1 } },
            { "id": "H2", "capacity": 1, "priority": ["s2", "s1"] }
        ]
    })
}

/// The sound market with values put at JSON pointers; `null` takes a field away.
fn spoilt(changes: &[(&str, Value)]) -> String {
    let mut market = sound();
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let parent = market.pointer_mut(parent).unwrap();
        match parent {
            Value::Object(object) => object.insert((*field).to_owned(), value.clone()).map_or((), drop),
            Value::Array(list) => list[field.parse::<usize>().unwrap()] = value.clone(),
            _ => panic!("{pointer} leads nowhere"),
        }
    }
    market.to_string()
}

/// The lines on standard error of a file that is refused.
fn refused(file: &[u8]) -> Vec<String> {
    let answer = run(file);
    assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{}", answer.talk);
    answer.talk.lines().map(str::to_owned).collect()
}

#[test]
fn the_sound_market_is_sound() {
    let answer = run(sound().to_string().as_bytes());
    assert_eq!((answer.code, answer.talk.as_str()), (0, ""));
}

#[test]
fn a_single_fault_is_one_line_with_the_path_of_its_field() {
    let table: &[(&str, Value, &str)] = &[
        ("/format", json!("market/2"), r#"format: must be "market/1""#),
        ("/policy", json!(7), "policy: must be an object"),
        ("/policy/presedence", json!("open_first"), "policy.presedence: is not known"),
        ("/policy/precedence", json!("first"), "policy.precedence: must be quota_first or open_first"),
        ("/policy/precedence", json!(1), "policy.precedence: must be a text"),
        ("/policy/reversion", json!("pool"), "policy.reversion: must be open, county_pool or none"),
        ("/policy/relative_gate", json!(-1), "policy.relative_gate: must not be negative"),
        ("/policy/relative_gate", json!("10"), "policy.relative_gate: must be a number"),
        ("/policy/placing", json!("parallel"), "policy.placing: must be an object"),
        ("/policy/placing/kind", json!("band"), "policy.placing: a band needs points above 0 and from"),
        (
            "/policy/placing/kind",
            json!("bands"),
            "policy.placing.kind: must be parallel, band, sequential or choice_bands",
        ),
        (
            "/policy/placing/kind",
            json!("choice_bands"),
            "policy.placing.choices: must be a whole number of at least 1",
        ),
        ("/students/2", json!(5), "students[2]: must be an object"),
        ("/students/2/id", json!("s1"), r#"students[2].id: "s1" stands twice"#),
        ("/students/2/id", json!(""), "students[2].id: must be a text that is not empty"),
        ("/students/2/county", json!(1), "students[2].county: must be a text"),
        ("/students/2/junior", json!(["M1"]), "students[2].junior: must be a text"),
        ("/students/2/score", json!("599"), "students[2].score: must be a number"),
        ("/students/2/score", Value::Null, "students[2].score: is needed: H1 orders by score"),
        ("/students/2/tiebreak", json!(5), "students[2].tiebreak: must be an array of numbers"),
        ("/students/2/tiebreak", json!([5, "6"]), "students[2].tiebreak[1]: must be a number"),
        (
            "/students/2/quota_eligible",
            json!("yes"),
            "students[2].quota_eligible: must be true, false or a list of school ids",
        ),
        (
            "/students/2/quota_eligible",
            json!(["H1", "H9"]),
            r#"students[2].quota_eligible[1]: unknown school "H9""#,
        ),
        ("/students/2/prefs", Value::Null, "students[2].prefs: must be an array of school ids"),
        ("/students/2/prefs", json!(["H1", "H9"]), r#"students[2].prefs[1]: unknown school "H9""#),
        ("/students/2/prefs", json!(["H1", 4]), "students[2].prefs[1]: must be a school id"),
        ("/students/2/prefs", json!(["H1", "H1"]), "students[2].prefs[1]: stands twice"),
        (
            "/schools/0/quota",
            json!({ "M1": 1, "M2": 1 }),
            "schools[0].quota: more quota seats than the capacity 1",
        ),
        (
            "/schools/0/quota",
            json!({ "M1": -1 }),
            "schools[0].quota.M1: must be a whole number of seats, at most 10,000,000",
        ),
        ("/schools/0/quota", json!([1]), "schools[0].quota: must be an object of seats per junior"),
        (
            "/schools/1/capacity",
            json!(1.5),
            "schools[1].capacity: must be a whole number of seats, at most 10,000,000",
        ),
        (
            "/schools/1/capacity",
            json!(-3),
            "schools[1].capacity: must be a whole number of seats, at most 10,000,000",
        ),
        (
            "/schools/1/capacity",
            json!(10_000_001),
            "schools[1].capacity: must be a whole number of seats, at most 10,000,000",
        ),
        (
            "/schools/1/capacity",
            json!("3"),
            "schools[1].capacity: must be a whole number of seats, at most 10,000,000",
        ),
        (
            "/schools/1/capacity",
            Value::Null,
            "schools[1].capacity: must be a whole number of seats, at most 10,000,000",
        ),
        ("/schools/0/scope", json!("K1"), "schools[0].scope: must be an array of counties or null"),
        ("/schools/0/scope", json!(["K1", 2]), "schools[0].scope[1]: must be a text"),
        ("/schools/0/gate_open", json!(true), "schools[0].gate_open: must be a number"),
        ("/schools/1/priority", json!("s1"), "schools[1].priority: must be an array of student ids or null"),
        ("/schools/1/priority", json!(["s1", "s9"]), r#"schools[1].priority[1]: unknown student "s9""#),
        ("/schools/1/priority", json!(["s1", "s2", "s1"]), "schools[1].priority[2]: stands twice"),
        ("/students/1/id", json!(null), "students[1].id: must be a text that is not empty"),
    ];
    for (pointer, value, line) in table {
        // A file that loses an id also loses what refers to it; only its own line counts here.
        let mut lines = refused(spoilt(&[(pointer, value.clone())]).as_bytes());
        if pointer.ends_with("1/id") || *pointer == "/students/2" {
            lines.retain(|told| told.starts_with(line.split(':').next().unwrap()));
            lines.dedup();
            assert!(lines.contains(&(*line).to_owned()), "{pointer}: {lines:?}");
        } else {
            assert_eq!(lines, [*line], "{pointer} = {value}");
        }
    }
}

#[test]
fn all_faults_are_listed_at_once() {
    let lines = refused(
        spoilt(&[
            ("/format", json!("market/0")),
            ("/policy/reversion", json!("county_pool")),
            ("/policy/precedence", json!("open_first")),
            ("/students/0/prefs/1", json!("H7")),
            ("/students/1/score", json!(600.1234)),
            ("/students/2/id", json!("s2")),
            ("/students/3/prefs", json!(["H1", "H1", "H8"])),
            ("/schools/0/quota", json!({ "M1": 2 })),
            ("/schools/1/priority", json!(["s2", "s8"])),
        ])
        .as_bytes(),
    );
    for line in [
        r#"format: must be "market/1""#,
        "policy.reversion: county_pool goes with quota_first only",
        r#"students[0].prefs[1]: unknown school "H7""#,
        "students[1].score: 600.1234 has too many decimal places (at most 3 places)",
        r#"students[2].id: "s2" stands twice"#,
        "students[3].prefs[1]: stands twice",
        r#"students[3].prefs[2]: unknown school "H8""#,
        "schools[0].quota: more quota seats than the capacity 1",
        r#"schools[1].priority[1]: unknown student "s8""#,
    ] {
        assert!(lines.contains(&line.to_owned()), "{line} is missing in {lines:#?}");
    }
    assert_eq!(lines.len(), 9, "{lines:#?}");
}

#[test]
fn rules_that_do_not_go_together_are_refused() {
    let table = [
        (
            json!({ "relative_gate": 5, "reversion": "none" }),
            "policy.relative_gate: goes with reversion open only",
        ),
        (
            json!({ "relative_gate": 5, "placing": { "kind": "sequential" } }),
            "policy.relative_gate: goes by totals: it needs parallel placing",
        ),
        (
            json!({ "placing": { "kind": "band", "points": 0, "from": 700 } }),
            "policy.placing: a band needs points above 0 and from",
        ),
        (
            json!({ "placing": { "kind": "choice_bands", "choices": 0 } }),
            "policy.placing.choices: must be a whole number of at least 1",
        ),
    ];
    for (policy, line) in table {
        assert_eq!(refused(spoilt(&[("/policy", policy)]).as_bytes()), [line]);
    }
}

#[test]
fn a_tie_that_a_school_must_break_is_told_with_school_and_students() {
    let ids = ["s1", "s3", "s7", "s8"];
    let market = |ties: [i64; 4]| {
        let students: Vec<Value> = ids
            .iter()
            .zip(ties)
            .map(|(id, tie)| json!({ "id": id, "score": 600, "tiebreak": [tie], "prefs": ["H1"] }))
            .collect();
        json!({
            "format": "market/1", "students": students, "schools": [{ "id": "H1", "capacity": 2 }]
        })
        .to_string()
    };
    assert_eq!(refused(market([9, 5, 5, 1]).as_bytes()), ["tie left at H1: s3, s7"]);
    let mut two = refused(market([5, 5, 1, 1]).as_bytes());
    two.sort();
    assert_eq!(two, ["tie left at H1: s1, s3", "tie left at H1: s7, s8"]);
    assert_eq!(refused(market([5, 5, 5, 5]).as_bytes()), ["tie left at H1: s1, s3, s7, s8"]);
    assert_eq!(run(market([4, 3, 2, 1]).as_bytes()).code, 0);
}

#[test]
fn equal_scores_that_nobody_compares_are_no_tie() {
    // s2 lists H2 only, which has a list of its own; s3 is out of the scope of H1.
    let file = spoilt(&[
        ("/students/1/score", json!(612.5)),
        ("/students/1/tiebreak", json!([118])),
        ("/students/2/score", json!(612.5)),
        ("/students/2/tiebreak", json!([118])),
        ("/students/2/county", json!("K2")),
        ("/schools/0/scope", json!(["K1"])),
    ]);
    let answer = run(file.as_bytes());
    assert_eq!((answer.code, answer.talk.as_str()), (0, ""));
}

/// `score` as it stands in the file, and the fault, if any.
fn with_score(score: &str) -> Vec<String> {
    let text = sound().to_string().replace("\"score\":599,", &format!("\"score\":{score},"));
    match market_file::parse(&text) {
        Ok(_) => Vec::new(),
        Err(faults) => {
            assert_eq!(refused(text.as_bytes()), faults.iter().map(ToString::to_string).collect::<Vec<_>>());
            faults.into_iter().map(|fault| fault.to_string()).collect()
        }
    }
}

#[test]
fn numbers_are_read_exactly_or_refused() {
    for sound in ["599.125", "599.1250", "599.0000", "-3", "0", "-0.5", "5.99e2", "599E0", "59900e-2", "1e9"]
    {
        assert_eq!(with_score(sound), [""; 0], "{sound}");
    }
    for (score, why) in [
        ("599.1234", "599.1234 has too many decimal places (at most 3 places)"),
        ("5991234e-4", "5991234e-4 has too many decimal places (at most 3 places)"),
        ("1e-4", "1e-4 has too many decimal places (at most 3 places)"),
        ("1000000000.001", "1000000000.001 is too large (at most 3 places)"),
        ("99999999999999999999999999", "99999999999999999999999999 is too large (at most 3 places)"),
        ("-99999999999999999999999999", "-99999999999999999999999999 is too large (at most 3 places)"),
        ("1e30", "1e+30 is too large (at most 3 places)"),
    ] {
        assert_eq!(with_score(score), [format!("students[2].score: {why}")], "{score}");
    }
    for huge in ["1e999", "1e999999999999999", "-1e400", "1e-999"] {
        let lines = with_score(huge);
        assert!(lines.len() == 1 && lines[0].starts_with("students[2].score: "), "{huge}: {lines:?}");
    }
    for not_json in ["NaN", "Infinity", "0x10", "01", "+1", ".5", "1."] {
        let text = sound().to_string().replace("\"score\":599,", &format!("\"score\":{not_json},"));
        let lines = refused(text.as_bytes());
        assert!(lines.len() == 1 && lines[0].starts_with("market: "), "{not_json}: {lines:?}");
    }
}

#[test]
fn exact_decimals_decide_and_not_floats() {
    // 0.1 + 0.2 and the like: scores a thousandth apart, beyond what an f32 tells.
    let file = json!({
        "format": "market/1",
        "students": [
            { "id": "less", "score": 999_999_999, "prefs": ["H"] },
            { "id": "more", "score": 999_999_999, "prefs": ["H"] }
        ],
        "schools": [{ "id": "H", "capacity": 1 }]
    });
    let text = file.to_string().replacen("999999999", "999999999.998", 1).replacen(
        "999999999,",
        "999999999.999,",
        1,
    );
    let answer = run(text.as_bytes());
    assert_eq!(answer.code, 0, "{}", answer.talk);
    let result: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!(result["assignment"], json!({ "less": null, "more": { "school": "H", "seat": "open" } }));
}

#[test]
fn files_that_are_no_market_are_refused() {
    for file in [
        &b""[..],
        b" ",
        b"{",
        b"[]",
        b"null",
        b"\"market/1\"",
        b"{}",
        b"{\"format\":\"market/1\"}",
        b"\xff\xfe{}",
        b"\x00",
        b"{\"format\":\"market/1\",\"students\":{},\"schools\":[]}",
        b"{\"format\":\"market/1\",\"students\":[],\"schools\":[]} x",
    ] {
        assert!(!refused(file).is_empty(), "{}", String::from_utf8_lossy(file));
    }
    let deep = "[".repeat(200_000);
    assert_eq!(refused(deep.as_bytes()).len(), 1);
    let empty = run(b"{\"format\":\"market/1\",\"students\":[],\"schools\":[]}");
    assert_eq!(empty.code, 0, "{}", empty.talk);
}

#[test]
fn a_byte_order_mark_is_no_fault() {
    let mut file = b"\xef\xbb\xbf".to_vec();
    file.extend_from_slice(sound().to_string().as_bytes());
    assert_eq!(run(&file).code, 0);
}

#[test]
fn more_bands_than_the_engine_tells_apart_are_a_fault() {
    let students: Vec<Value> = (0..66_000)
        .map(|index| json!({ "id": format!("s{index}"), "score": index, "prefs": ["H"] }))
        .collect();
    let market = |points: u32| {
        json!({
            "format": "market/1",
            "policy": { "placing": { "kind": "band", "points": points, "from": 66_000 } },
            "students": students, "schools": [{ "id": "H", "capacity": 5 }]
        })
        .to_string()
    };
    assert_eq!(
        refused(market(1).as_bytes()),
        ["policy.placing.points: gives more than 65,534 bands and positions"]
    );
    assert_eq!(run(market(2).as_bytes()).code, 0);
}

/// Through parser and service, in this process; a breach would be a bug of ours.
fn survives(text: &str) {
    if let Ok(input) = market_file::parse(text)
        && let Err(NoMatch::Breaches(breaches)) = match_market(&input, true)
    {
        panic!("{breaches:?}\n{text}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "H0",
        "H1",
        "s0",
        "s1",
        "M0",
        "K0",
        "market/1",
        "band",
        "none",
        "open",
        "county_pool",
        "",
        "parallel",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-5..20_i64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
        ".{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let field = prop::sample::select(vec![
            "id", "prefs", "score", "capacity", "quota", "scope", "priority", "kind", "points", "from",
            "choices", "M0",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((field, inner), 0..5).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

/// Every place in a market that a value can stand at.
const PLACES: [&str; 24] = [
    "/format",
    "/policy",
    "/policy/precedence",
    "/policy/reversion",
    "/policy/relative_gate",
    "/policy/placing",
    "/policy/placing/kind",
    "/students",
    "/students/0",
    "/students/0/id",
    "/students/0/score",
    "/students/0/county",
    "/students/0/junior",
    "/students/0/tiebreak",
    "/students/0/quota_eligible",
    "/students/0/prefs",
    "/schools",
    "/schools/0",
    "/schools/0/capacity",
    "/schools/0/quota",
    "/schools/0/scope",
    "/schools/0/gate_open",
    "/schools/0/gate_quota",
    "/schools/0/priority",
];

fn random_file(seed: u64, policy: Policy, changes: &[(usize, Value)]) -> String {
    let mut market: Value =
        serde_json::from_str(&Town::random(seed, Shape::tiny(4, 2), policy).file()).unwrap();
    for (place, value) in changes {
        if let Some(field) = market.pointer_mut(PLACES[*place]) {
            *field = value.clone();
        }
    }
    market.to_string()
}

fn changes() -> impl Strategy<Value = Vec<(usize, Value)>> {
    prop::collection::vec((0..PLACES.len(), any_json()), 1..=3)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3_000) })]

    #[test]
    fn no_value_anywhere_makes_the_parser_panic(policy in crate::oracle::policies(), changes in changes(), seed: u64) {
        survives(&random_file(seed, policy, &changes));
    }

    #[test]
    fn no_json_makes_the_parser_panic(value in any_json()) {
        survives(&value.to_string());
        survives(&json!({ "format": "market/1", "students": [value], "schools": [value] }).to_string());
        survives(&json!({ "format": "market/1", "policy": value, "students": [], "schools": [] }).to_string());
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}", cut in 0..2_000_usize, byte: u8, seed: u64) {
        survives(&text);
        // A sound file, cut, or with one byte changed.
        let file = Town::random(seed, Shape::tiny(4, 2), PLAIN).file();
        survives(&file[..cut.min(file.len())]);
        let mut bytes = file.into_bytes();
        let at = cut.min(bytes.len() - 1);
        bytes[at] = byte;
        survives(&String::from_utf8_lossy(&bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn no_bytes_make_the_program_panic(
        policy in crate::oracle::policies(), changes in changes(), bytes: Vec<u8>, seed: u64,
    ) {
        let spoilt = random_file(seed, policy, &changes);
        for file in [bytes.as_slice(), spoilt.as_bytes()] {
            let answer = run(file);
            prop_assert!(answer.code == 0 || answer.code == 2, "{}: {}", answer.code, answer.talk);
            prop_assert_eq!(answer.code == 2, answer.out.is_empty());
            prop_assert_eq!(answer.code == 2, !answer.talk.is_empty());
            prop_assert!(!answer.talk.contains("panicked"), "{}", answer.talk);
        }
    }
}
