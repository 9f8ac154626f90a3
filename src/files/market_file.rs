//! `market/1` in, `result/1` out (`formats.md` section 1).

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::{Map, Value, json};

use crate::domain::fault::Fault;
use crate::domain::market::Rule;
use crate::domain::market_input::{Eligible, MarketInput, SchoolInput, StudentInput};
use crate::domain::points::Points;
use crate::domain::policy::{Placing, Precedence, Reversion};

/// Reads a market.
///
/// # Errors
/// Every fault, each with the path of its field.
pub fn parse(text: &str) -> Result<MarketInput, Vec<Fault>> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| vec![Fault::at("market", error.to_string())])?;
    let mut reader = Reader { faults: Vec::new() };
    let market = reader.market(&value);
    if reader.faults.is_empty() { Ok(market) } else { Err(reader.faults) }
}

struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn say(&mut self, path: impl Into<String>, rule: impl Into<String>) {
        self.faults.push(Fault::at(path, rule));
    }

    fn market(&mut self, value: &Value) -> MarketInput {
        let Some(object) = value.as_object() else {
            self.say("market", "must be an object");
            return MarketInput::default();
        };
        if object.get("format").and_then(Value::as_str) != Some("market/1") {
            self.say("format", "must be \"market/1\"");
        }
        let (rule, placing) = self.policy(object.get("policy"));
        let school_ids = self.ids(object, "schools");
        let student_ids = self.ids(object, "students");
        let mut market = MarketInput { rule, placing, ..MarketInput::default() };
        for (place, school) in self.array(object, "schools").iter().enumerate() {
            let school = self.school(&format!("schools[{place}]"), school, &student_ids);
            market.schools.push(school);
        }
        for (place, student) in self.array(object, "students").iter().enumerate() {
            let student = self.student(&format!("students[{place}]"), student, &school_ids);
            market.students.push(student);
        }
        self.scores(&market, self.array(object, "students"));
        market
    }

    /// A score is needed where a school that the student lists orders by score, and for bands and
    /// relative gates.
    fn scores(&mut self, market: &MarketInput, told: &[Value]) {
        let everywhere =
            matches!(market.placing, Placing::Band { .. }) || market.rule.relative_gate.is_some();
        // A score that stands there and cannot be read has its own fault.
        let missing = |place: usize| told[place].get("score").is_none_or(Value::is_null);
        for (place, student) in market
            .students
            .iter()
            .enumerate()
            .filter(|(place, student)| student.score.is_none() && missing(*place))
        {
            let needed = student.prefs.iter().find(|&&school| {
                let school = market.schools.get(school as usize);
                everywhere
                    || school.is_some_and(|school| {
                        school.priority.is_none() || school.gate_open.is_some() || school.gate_quota.is_some()
                    })
            });
            if let Some(&school) = needed {
                let id = market.schools.get(school as usize).map_or("", |school| school.id.as_str());
                self.say(format!("students[{place}].score"), format!("is needed: {id} orders by score"));
            }
        }
    }

    /// The ids of `students` or `schools`, each once.
    fn ids(&mut self, object: &Map<String, Value>, field: &str) -> BTreeMap<String, u32> {
        let mut ids = BTreeMap::new();
        let Some(array) = object.get(field).and_then(Value::as_array) else {
            self.say(field, "must be an array");
            return ids;
        };
        for (place, one) in (0..).zip(array) {
            match one.get("id").and_then(Value::as_str) {
                Some(id) if !id.is_empty() => {
                    if ids.insert(id.to_owned(), place).is_some() {
                        self.say(format!("{field}[{place}].id"), format!("{id:?} stands twice"));
                    }
                }
                _ => self.say(format!("{field}[{place}].id"), "must be a text that is not empty"),
            }
        }
        ids
    }

    fn array<'v>(&self, object: &'v Map<String, Value>, field: &str) -> &'v [Value] {
        object.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn policy(&mut self, value: Option<&Value>) -> (Rule, Placing) {
        let empty = Map::new();
        let object = match value {
            None | Some(Value::Null) => &empty,
            Some(Value::Object(object)) => object,
            Some(_) => {
                self.say("policy", "must be an object");
                &empty
            }
        };
        let known = ["precedence", "reversion", "relative_gate", "placing"];
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            self.say(format!("policy.{key}"), "is not known");
        }
        let precedence = match self.word(object, "policy", "precedence").as_deref() {
            None | Some("quota_first") => Precedence::QuotaFirst,
            Some("open_first") => Precedence::OpenFirst,
            Some(_) => {
                self.say("policy.precedence", "must be quota_first or open_first");
                Precedence::QuotaFirst
            }
        };
        let reversion = match self.word(object, "policy", "reversion").as_deref() {
            None | Some("open") => Reversion::Open,
            Some("county_pool") => Reversion::CountyPool,
            Some("none") => Reversion::None,
            Some(_) => {
                self.say("policy.reversion", "must be open, county_pool or none");
                Reversion::Open
            }
        };
        let relative_gate = self.points(object, "policy", "relative_gate");
        let placing = self.placing(object.get("placing"));
        if reversion == Reversion::CountyPool && precedence == Precedence::OpenFirst {
            self.say("policy.reversion", "county_pool goes with quota_first only");
        }
        if let Some(distance) = relative_gate {
            if distance < Points::ZERO {
                self.say("policy.relative_gate", "must not be negative");
            }
            if reversion != Reversion::Open {
                self.say("policy.relative_gate", "goes with reversion open only");
            }
            if placing != Placing::Parallel {
                self.say("policy.relative_gate", "goes by totals: it needs parallel placing");
            }
        }
        (Rule { precedence, reversion, relative_gate }, placing)
    }

    fn placing(&mut self, value: Option<&Value>) -> Placing {
        let path = "policy.placing";
        let object = match value {
            None | Some(Value::Null) => return Placing::Parallel,
            Some(Value::Object(object)) => object,
            Some(_) => {
                self.say(path, "must be an object");
                return Placing::Parallel;
            }
        };
        match self.word(object, path, "kind").as_deref() {
            None | Some("parallel") => Placing::Parallel,
            Some("sequential") => Placing::Sequential,
            Some("band") => {
                let points = self.points(object, path, "points");
                let from = self.points(object, path, "from");
                match (points, from) {
                    (Some(points), Some(from)) if points > Points::ZERO => Placing::Band { points, from },
                    _ => {
                        self.say(path, "a band needs points above 0 and from");
                        Placing::Parallel
                    }
                }
            }
            Some("choice_bands") => match object.get("choices").and_then(Value::as_u64) {
                Some(choices @ 1..=1_000_000) => Placing::ChoiceBands { choices: choices as u32 },
                _ => {
                    self.say("policy.placing.choices", "must be a whole number of at least 1");
                    Placing::Parallel
                }
            },
            Some(_) => {
                self.say("policy.placing.kind", "must be parallel, band, sequential or choice_bands");
                Placing::Parallel
            }
        }
    }

    fn student(&mut self, path: &str, value: &Value, schools: &BTreeMap<String, u32>) -> StudentInput {
        let Some(object) = value.as_object() else {
            self.say(path, "must be an object");
            return StudentInput::default();
        };
        let mut prefs = Vec::new();
        match object.get("prefs") {
            Some(Value::Array(list)) => {
                for (place, wish) in list.iter().enumerate() {
                    let at = format!("{path}.prefs[{place}]");
                    if let Some(school) = self.known(&at, wish, schools, "school") {
                        if prefs.contains(&school) {
                            self.say(at, "stands twice");
                        } else {
                            prefs.push(school);
                        }
                    }
                }
            }
            _ => self.say(format!("{path}.prefs"), "must be an array of school ids"),
        }
        if prefs.len() > 65_000 {
            self.say(format!("{path}.prefs"), "is longer than 65,000");
        }
        let mut tiebreak = Vec::new();
        match object.get("tiebreak") {
            None | Some(Value::Null) => {}
            Some(Value::Array(list)) => {
                for (place, one) in list.iter().enumerate() {
                    tiebreak.extend(self.decimal(&format!("{path}.tiebreak[{place}]"), one, 6));
                }
            }
            Some(_) => self.say(format!("{path}.tiebreak"), "must be an array of numbers"),
        }
        let quota_eligible = match object.get("quota_eligible") {
            None | Some(Value::Null | Value::Bool(true)) => Eligible::Everywhere,
            Some(Value::Bool(false)) => Eligible::Nowhere,
            Some(Value::Array(list)) => {
                let mut at = Vec::new();
                for (place, one) in list.iter().enumerate() {
                    at.extend(self.known(&format!("{path}.quota_eligible[{place}]"), one, schools, "school"));
                }
                Eligible::At(at)
            }
            Some(_) => {
                self.say(format!("{path}.quota_eligible"), "must be true, false or a list of school ids");
                Eligible::Nowhere
            }
        };
        StudentInput {
            id: object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
            county: self.word(object, path, "county"),
            junior: self.word(object, path, "junior"),
            score: self.points(object, path, "score"),
            tiebreak,
            quota_eligible,
            prefs,
        }
    }

    fn school(&mut self, path: &str, value: &Value, students: &BTreeMap<String, u32>) -> SchoolInput {
        let Some(object) = value.as_object() else {
            self.say(path, "must be an object");
            return SchoolInput::default();
        };
        let capacity = self.seats(&format!("{path}.capacity"), object.get("capacity"));
        let mut quota = Vec::new();
        match object.get("quota") {
            None | Some(Value::Null) => {}
            Some(Value::Object(cells)) => {
                for (junior, seats) in cells {
                    quota.push((junior.clone(), self.seats(&format!("{path}.quota.{junior}"), Some(seats))));
                }
            }
            Some(_) => self.say(format!("{path}.quota"), "must be an object of seats per junior"),
        }
        if quota.iter().map(|cell| u64::from(cell.1)).sum::<u64>() > u64::from(capacity) {
            self.say(format!("{path}.quota"), format!("more quota seats than the capacity {capacity}"));
        }
        let scope = match object.get("scope") {
            None | Some(Value::Null) => None,
            Some(Value::Array(counties)) => {
                let mut scope = Vec::new();
                for (place, county) in counties.iter().enumerate() {
                    match county.as_str() {
                        Some(county) => scope.push(county.to_owned()),
                        None => self.say(format!("{path}.scope[{place}]"), "must be a text"),
                    }
                }
                Some(scope)
            }
            Some(_) => {
                self.say(format!("{path}.scope"), "must be an array of counties or null");
                None
            }
        };
        let priority = match object.get("priority") {
            None | Some(Value::Null) => None,
            Some(Value::Array(list)) => {
                let mut order: Vec<u32> = Vec::new();
                let mut seen = std::collections::BTreeSet::new();
                for (place, one) in list.iter().enumerate() {
                    let at = format!("{path}.priority[{place}]");
                    if let Some(student) = self.known(&at, one, students, "student") {
                        if seen.insert(student) {
                            order.push(student);
                        } else {
                            self.say(at, "stands twice");
                        }
                    }
                }
                Some(order)
            }
            Some(_) => {
                self.say(format!("{path}.priority"), "must be an array of student ids or null");
                None
            }
        };
        SchoolInput {
            id: object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
            capacity,
            quota,
            scope,
            gate_open: self.points(object, path, "gate_open"),
            gate_quota: self.points(object, path, "gate_quota"),
            priority,
        }
    }

    fn known(&mut self, path: &str, value: &Value, ids: &BTreeMap<String, u32>, noun: &str) -> Option<u32> {
        let Some(id) = value.as_str() else {
            self.say(path, format!("must be a {noun} id"));
            return None;
        };
        let found = ids.get(id).copied();
        if found.is_none() {
            self.say(path, format!("unknown {noun} {id:?}"));
        }
        found
    }

    fn seats(&mut self, path: &str, value: Option<&Value>) -> u32 {
        match value.and_then(Value::as_u64) {
            Some(seats @ 0..=10_000_000) => seats as u32,
            _ => {
                self.say(path, "must be a whole number of seats, at most 10,000,000");
                0
            }
        }
    }

    fn word(&mut self, object: &Map<String, Value>, path: &str, field: &str) -> Option<String> {
        match object.get(field) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => {
                self.say(format!("{path}.{field}"), "must be a text");
                None
            }
        }
    }

    fn points(&mut self, object: &Map<String, Value>, path: &str, field: &str) -> Option<Points> {
        match object.get(field) {
            None | Some(Value::Null) => None,
            Some(value) => self.decimal(&format!("{path}.{field}"), value, 3),
        }
    }

    fn decimal(&mut self, path: &str, value: &Value, places: u32) -> Option<Points> {
        let Value::Number(number) = value else {
            self.say(path, "must be a number");
            return None;
        };
        let text = plain(&number.to_string());
        match Points::parse(&text, places) {
            Ok(points) => Some(points),
            Err(why) => {
                self.say(path, format!("{number} {why} (at most {places} places)"));
                None
            }
        }
    }
}

/// A JSON number may carry an exponent; written out it is a plain decimal.
fn plain(text: &str) -> String {
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else { return text.to_owned() };
    let Ok(exponent) = i32::from_str(exponent) else { return text.to_owned() };
    if exponent.unsigned_abs() > 30 {
        return text.to_owned();
    }
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{}{whole}{part}{}", "0".repeat(30), "0".repeat(30));
    let point = (30 + whole.len()) as i32 + exponent;
    let (whole, part) = all.split_at(point.unsigned_abs() as usize);
    format!("{sign}{}.{part}", whole.trim_start_matches('0'))
}

/// One line of an explanation: school, reason, detail.
pub type ReasonLine = (String, String, String);

/// What `result/1` tells.
#[derive(Clone, Debug, Default)]
pub struct ResultOutput {
    /// (student, school and seat word)
    pub assignment: Vec<(String, Option<(String, &'static str)>)>,
    /// (school, its cut-offs)
    pub cutoffs: Vec<(String, Cutoffs)>,
    /// (student, one line per choice), only where asked for.
    pub reasons: Option<Vec<(String, Vec<ReasonLine>)>>,
}

/// The last holder of each kind of seat of a school.
#[derive(Clone, Debug, Default)]
pub struct Cutoffs {
    pub open: Cutoff,
    /// Only with reversion `county_pool`.
    pub pool: Option<Cutoff>,
    pub quota: Vec<(String, Cutoff)>,
}

/// One cut-off.
#[derive(Clone, Debug, Default)]
pub enum Cutoff {
    /// The category has no seat: `"-"`.
    NoSeat,
    /// A seat is empty: `null`.
    #[default]
    Loose,
    /// Every seat is taken, the last by this student.
    Last(String),
}

impl Cutoff {
    fn json(&self) -> Value {
        match self {
            Cutoff::NoSeat => json!("-"),
            Cutoff::Loose => Value::Null,
            Cutoff::Last(student) => json!(student),
        }
    }
}

/// Writes `result/1`.
pub fn render(result: &ResultOutput) -> String {
    let assignment: Map<String, Value> = result
        .assignment
        .iter()
        .map(|(student, place)| {
            let place = place.as_ref().map(|(school, seat)| json!({ "school": school, "seat": seat }));
            (student.clone(), place.unwrap_or(Value::Null))
        })
        .collect();
    let cutoffs: Map<String, Value> = result
        .cutoffs
        .iter()
        .map(|(school, cutoffs)| {
            let mut shown = Map::new();
            shown.insert("open".into(), cutoffs.open.json());
            if let Some(pool) = &cutoffs.pool {
                shown.insert("pool".into(), pool.json());
            }
            let quota = cutoffs.quota.iter().map(|(junior, cutoff)| (junior.clone(), cutoff.json()));
            shown.insert("quota".into(), Value::Object(quota.collect()));
            (school.clone(), Value::Object(shown))
        })
        .collect();
    let mut whole = Map::new();
    whole.insert("format".into(), json!("result/1"));
    whole.insert("assignment".into(), Value::Object(assignment));
    whole.insert("cutoffs".into(), Value::Object(cutoffs));
    if let Some(reasons) = &result.reasons {
        let reasons = reasons.iter().map(|(student, lines)| {
            let lines = lines.iter().map(
                |(school, reason, detail)| json!({ "school": school, "reason": reason, "detail": detail }),
            );
            (student.clone(), Value::Array(lines.collect()))
        });
        whole.insert("reasons".into(), Value::Object(reasons.collect()));
    }
    let mut text =
        serde_json::to_string_pretty(&Value::Object(whole)).expect("a tree of texts can be written");
    text.push('\n');
    text
}
