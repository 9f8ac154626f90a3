//! `market/1`, `apportion/1` and JSON draw lists: damaged as bytes, and as trees that stay JSON.

use clap::Parser;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use zhaosheng::cli::answer::Stop;
use zhaosheng::cli::apportion::{self, ApportionArgs};
use zhaosheng::files::draw_file::read_list;
use zhaosheng::files::market_file::{parse, render};
use zhaosheng::service::match_market::{NoMatch, match_market};

use crate::mutation::{Chance, Verdict, mutant, run};

/// A JSON text with one to five of its values replaced, doubled, moved or taken away.
fn tree_mutant(chance: &mut Chance, corpus: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut tree: Value = serde_json::from_slice(&corpus[chance.below(corpus.len())]).unwrap();
    for _ in 0..=chance.below(5) {
        let mut number = chance.below(count(&tree));
        let values = leaves(&tree);
        let other = values[chance.below(values.len())].clone();
        change(chance, &mut tree, &mut number, words, &other);
    }
    serde_json::to_vec(&tree).unwrap()
}

fn count(tree: &Value) -> usize {
    1 + match tree {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

fn leaves(tree: &Value) -> Vec<Value> {
    match tree {
        Value::Array(items) if !items.is_empty() => items.iter().flat_map(leaves).collect(),
        Value::Object(fields) if !fields.is_empty() => fields.values().flat_map(leaves).collect(),
        leaf => vec![leaf.clone()],
    }
}

/// Changes the value that is reached after `number` others.
fn change(chance: &mut Chance, tree: &mut Value, number: &mut usize, words: &[&str], other: &Value) -> bool {
    if *number == 0 {
        damage(chance, tree, words, other);
        return true;
    }
    *number -= 1;
    match tree {
        Value::Array(items) => items.iter_mut().any(|item| change(chance, item, number, words, other)),
        Value::Object(fields) => fields.values_mut().any(|field| change(chance, field, number, words, other)),
        _ => false,
    }
}

fn damage(chance: &mut Chance, value: &mut Value, words: &[&str], other: &Value) {
    match (chance.below(8), value) {
        (0, value) => *value = json!(null),
        (1, Value::Array(items)) if !items.is_empty() => {
            let item = items[chance.below(items.len())].clone();
            let times = [1, 2, 40][chance.below(3)];
            items.extend(std::iter::repeat_n(item, times));
        }
        (2 | 3, Value::Array(items)) if !items.is_empty() => drop(items.remove(chance.below(items.len()))),
        (4, Value::Array(items)) => items.reverse(),
        (2, Value::Object(fields)) if !fields.is_empty() => {
            let key = fields.keys().nth(chance.below(fields.len())).unwrap().clone();
            fields.shift_remove(&key);
        }
        (3, Value::Object(fields)) => drop(fields.insert(chance.one(words).to_owned(), other.clone())),
        (5, value @ Value::String(_)) => *value = json!(chance.one(words)),
        (6, value) => *value = other.clone(),
        (_, Value::Array(_) | Value::Object(_)) => {}
        (_, value) => *value = number(chance),
    }
}

fn number(chance: &mut Chance) -> Value {
    let text = match chance.below(3) {
        0 => chance.number().to_owned(),
        1 => chance.below(8).to_string(),
        _ => format!("{}.{}", chance.below(700), chance.below(1000)),
    };
    serde_json::from_str(&text).unwrap_or_else(|_| json!(text))
}

/// Half of the inputs as trees, half as bytes.
fn inputs(seed: u64, corpus: &[&str], words: &'static [&'static str]) -> impl FnMut() -> Vec<u8> {
    let corpus: Vec<Vec<u8>> = corpus.iter().map(|text| text.as_bytes().to_vec()).collect();
    let mut chance = Chance::new(seed);
    move || {
        if chance.below(3) == 0 {
            mutant(&mut chance, &corpus, words)
        } else {
            tree_mutant(&mut chance, &corpus, words)
        }
    }
}

const MARKETS: [&str; 4] = [
    r#"{"format":"market/1","policy":{"precedence":"quota_first","reversion":"open","relative_gate":null,
        "placing":{"kind":"parallel"}},
        "students":[
        {"id":"s1","county":"K1","junior":"M1","score":612.5,"tiebreak":[118,120],"quota_eligible":true,"prefs":["H1","H2"]},
        {"id":"s2","county":"K1","junior":"M2","score":600.5,"tiebreak":[117,120],"quota_eligible":false,"prefs":["H2","H1"]},
        {"id":"s3","county":"K2","junior":"M1","score":600.5,"tiebreak":[116,120],"quota_eligible":["H1"],"prefs":["H1"]},
        {"id":"s4","county":"K1","junior":"M1","score":590,"tiebreak":[1],"quota_eligible":true,"prefs":["H1","H3","H2"]},
        {"id":"s5","county":"K1","junior":"M2","score":480,"tiebreak":[2],"prefs":["H1","H2","H3"]}],
        "schools":[
        {"id":"H1","capacity":2,"quota":{"M1":1,"M2":1},"scope":["K1"],"gate_open":500,"gate_quota":560,"priority":null},
        {"id":"H2","capacity":1,"quota":{"M1":1},"scope":null,"gate_open":null,"gate_quota":null},
        {"id":"H3","capacity":3,"priority":["s5","s4","s1"]}]}"#,
    r#"{"format":"market/1","policy":{"relative_gate":20},
        "students":[
        {"id":"a","junior":"M1","score":700,"prefs":["H1","H2"]},{"id":"b","junior":"M2","score":699,"prefs":["H1"]},
        {"id":"c","junior":"M1","score":690.125,"prefs":["H1","H2"]},{"id":"d","junior":"M1","score":650,"prefs":["H2","H1"]},
        {"id":"e","junior":"M2","score":640,"prefs":["H2","H1"]},{"id":"f","score":630,"prefs":["H2"]}],
        "schools":[{"id":"H1","capacity":3,"quota":{"M1":1,"M2":1}},{"id":"H2","capacity":2,"quota":{"M2":2}}]}"#,
    r#"{"format":"market/1","policy":{"precedence":"quota_first","reversion":"county_pool",
        "placing":{"kind":"band","points":5,"from":730}},
        "students":[
        {"id":"a","junior":"M1","score":700,"prefs":["H1","H2"]},{"id":"b","junior":"M2","score":699,"prefs":["H1"]},
        {"id":"c","junior":"M1","score":690.125,"prefs":["H1","H2"]},{"id":"d","junior":"M3","score":650,"prefs":["H2","H1"]}],
        "schools":[{"id":"H1","capacity":3,"quota":{"M1":1,"M2":1}},{"id":"H2","capacity":2,"quota":{"M2":2}}]}"#,
    r#"{"format":"market/1","policy":{"precedence":"open_first","reversion":"none",
        "placing":{"kind":"choice_bands","choices":2}},
        "students":[
        {"id":"a","junior":"M1","score":700,"prefs":["H1","H2","H3"]},{"id":"b","junior":"M2","score":699,"prefs":["H1"]},
        {"id":"c","junior":"M1","score":690.125,"prefs":["H3","H1","H2"]},{"id":"d","junior":"M3","score":650,"prefs":["H2","H1"]}],
        "schools":[{"id":"H1","capacity":1,"quota":{"M1":1}},{"id":"H2","capacity":2,"quota":{"M2":1}},
        {"id":"H3","capacity":1,"priority":["d","a","c"]}]}"#,
];

const MARKET_WORDS: [&str; 34] = [
    "H1",
    "H2",
    "H3",
    "M1",
    "M2",
    "K1",
    "K2",
    "s1",
    "s2",
    "s5",
    "a",
    "b",
    "",
    "quota_first",
    "open_first",
    "open",
    "county_pool",
    "none",
    "parallel",
    "band",
    "sequential",
    "choice_bands",
    "kind",
    "points",
    "from",
    "choices",
    "relative_gate",
    "reversion",
    "precedence",
    "priority",
    "quota",
    "tiebreak",
    "capacity",
    "$serde_json::private::Number",
];

#[test]
fn markets() {
    let check = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Verdict::Refused };
        let Ok(market) = parse(text) else { return Verdict::Refused };
        match match_market(&market, true) {
            Ok(result) if serde_json::from_str::<IgnoredAny>(&render(&result)).is_ok() => Verdict::Accepted,
            Ok(_) => Verdict::Wrong("the answer is no JSON".to_owned()),
            Err(NoMatch::Faults(faults)) if faults.is_empty() => Verdict::Wrong("no fault".to_owned()),
            Err(NoMatch::Faults(_)) => Verdict::Refused,
            Err(NoMatch::Breaches(breaches)) => Verdict::Wrong(format!("breaches: {breaches:?}")),
        }
    };
    run("market/1", 40_000, 3_000, inputs(1, &MARKETS, &MARKET_WORDS), check);
}

const QUESTIONS: [&str; 9] = [
    r#"{"format":"apportion/1","method":"largest_remainder","seats":10,"weights":[47000,16000,15900,12000,6000,3100],"minimum":0,"caps":null}"#,
    r#"{"format":"apportion/1","method":"sainte_lague","seats":10,"weights":[47000,16000,15900,12000],"minimum":1,"caps":[3,null,9,1]}"#,
    r#"{"format":"apportion/1","method":"dhondt","seats":7,"weights":[53,24,23],"lots":[2,1,0]}"#,
    r#"{"format":"apportion/1","method":"half_up","seats":7,"weights":[1,1,1,1,0],"caps":[1,2,3,4,5]}"#,
    r#"{"format":"apportion/1","method":"integer_part_then_lots","seats":7,"weights":[3,3,4],"lots":[1]}"#,
    r#"{"format":"apportion/1","method":"controlled","row_totals":[5,3,2],"column_totals":[4,4,2],"lots":[2,0]}"#,
    r#"{"format":"apportion/1","method":"controlled","rows":[[10,20],[30,5],[7,7]],"column_totals":[4,5],"minimum":1,"caps":[2,9,1]}"#,
    r#"{"format":"apportion/1","method":"biproportional","rows":[[10,20,1],[30,5,0],[7,7,7]],"row_totals":[3,4,2],"column_totals":[4,4,1]}"#,
    r#"{"format":"apportion/1","method":"floor","seats":9007199254740992,"weights":[9007199254740992,9007199254740991,1],"minimum":3,"caps":[9007199254740992,1,null]}"#,
];

const QUESTION_WORDS: [&str; 18] = [
    "largest_remainder",
    "sainte_lague",
    "dhondt",
    "half_up",
    "floor",
    "integer_part_then_lots",
    "controlled",
    "biproportional",
    "format",
    "method",
    "seats",
    "weights",
    "minimum",
    "caps",
    "lots",
    "rows",
    "row_totals",
    "column_totals",
];

/// The command's own arguments.
#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    args: ApportionArgs,
}

#[test]
fn apportionments() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("input.json"), folder.path().join("out.json"));
    let line = Line::parse_from([
        std::ffi::OsStr::new("apportion"),
        input.as_os_str(),
        "--out".as_ref(),
        out.as_os_str(),
    ]);
    let check = |bytes: &[u8]| {
        std::fs::write(&input, bytes).unwrap();
        match apportion::run(&line.args) {
            Ok(()) => match serde_json::from_slice::<Value>(&std::fs::read(&out).unwrap()) {
                Ok(answer) if answer["format"] == "seats/1" => Verdict::Accepted,
                _ => Verdict::Wrong("the answer is no seats/1".to_owned()),
            },
            Err(Stop::Environment(cause)) => Verdict::Wrong(cause),
            Err(Stop::Refused(why)) if why.is_empty() => Verdict::Wrong("refused without a word".to_owned()),
            Err(Stop::BadInput(faults)) if faults.is_empty() => Verdict::Wrong("no fault".to_owned()),
            Err(_) => Verdict::Refused,
        }
    };
    run("apportion/1", 12_000, 1_000, inputs(2, &QUESTIONS, &QUESTION_WORDS), check);
}

const LISTS: [&str; 2] = [
    r#"{"format":"list/1","tickets":["a-01",{"ticket":"b/02","heads":2},"张三",{"ticket":"c:03"},"d.04"]}"#,
    r#"{"format":"list/1","tickets":["1","2","3"]}"#,
];

#[test]
fn lists_of_a_draw_in_json() {
    let words = &["format", "list/1", "tickets", "ticket", "heads", "a-01", "b", "x y", "a,1", "\u{0}"];
    let check = |bytes: &[u8]| match read_list("list.JSON", bytes.to_vec()) {
        Ok(tickets) if tickets.is_empty() => Verdict::Wrong("an empty list".to_owned()),
        Ok(tickets) if tickets.windows(2).any(|pair| pair[0].id() >= pair[1].id()) => {
            Verdict::Wrong("not in order".to_owned())
        }
        result => result.into(),
    };
    run("list/1", 12_000, 1_000, inputs(3, &LISTS, words), check);
}
