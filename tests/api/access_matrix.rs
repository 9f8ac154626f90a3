//! Who may do what to whose: every route x role x relation, generated from the router and held to the table.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use zhaosheng::domain::access::{Act, Reach, Rule, TABLE};
use zhaosheng::domain::phase::Phase;
use zhaosheng::domain::role::Role;
use zhaosheng::storage::seasons;
use zhaosheng::web::document;

use crate::harness::{Answer, Person, SEASON, Site, noted, on_each_database};

/// Operations that nobody is logged in for.
const PUBLIC: &[&str] =
    &["ask_challenge", "log_in", "refresh_session", "show_health", "show_readiness", "show_version"];

/// Acts without a route: the service does them itself, or they are asked beside an act with a route.
const OWN_ACTS: &[&str] = &[
    "close_window",
    "finish_run",
    "import_bonuses",
    "import_plans",
    "import_quota",
    "import_roster",
    "import_scores",
    "serve_desk_after_result",
];

/// Whose object a request is about, seen from candidate 260101 of junior high J01 in area A01.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Own,
    SameSchool,
    OtherSchool,
    OtherArea,
    Absent,
}

use Relation::{Absent, OtherArea, OtherSchool, Own, SameSchool};

const RELATIONS: [Relation; 5] = [Own, SameSchool, OtherSchool, OtherArea, Absent];

impl Relation {
    /// Somebody of this relation; `with_city` has them.
    fn exam_no(self) -> &'static str {
        match self {
            Own => "260101",
            SameSchool => "260102",
            OtherSchool => OTHER_SCHOOL,
            OtherArea => OTHER_AREA,
            Absent => "999999",
        }
    }
}

/// A pupil of another junior high of area A01, and one of another area.
const OTHER_SCHOOL: &str = "260108";
const OTHER_AREA: &str = "260220";

/// Whether a role that reaches so far is concerned: said here again, not taken from the code under test.
fn concerned(reach: Reach, relation: Relation) -> bool {
    match relation {
        Own => true,
        SameSchool => reach != Reach::Own,
        OtherSchool => matches!(reach, Reach::Area | Reach::All),
        OtherArea => reach == Reach::All,
        Absent => false,
    }
}

pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    body: Option<(String, Value)>,
}

/// The routes, from the document they make.
pub(crate) fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&document::text()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let content = operation["requestBody"]["content"].as_object();
            let body = content
                .and_then(|content| content.iter().next())
                .map(|(kind, content)| (kind.clone(), example(&document, &content["schema"])));
            all.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                body,
            });
        }
    }
    all
}

/// An example of a schema, by what the document itself gives.
fn example(document: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return example(document, document.pointer(&reference[1..]).unwrap());
    }
    if let Some(given) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return given.clone();
    }
    if let Some(words) = schema["enum"].as_array() {
        return words[0].clone();
    }
    for many in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema[many].as_array() {
            return example(document, parts.iter().find(|part| part["type"] != "null").unwrap());
        }
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind {
        Some("object") => {
            let properties = schema["properties"].as_object().cloned().unwrap_or_default();
            properties.iter().map(|(name, schema)| (name.clone(), example(document, schema))).collect()
        }
        Some("array") => json!([]),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        _ => json!("x"),
    }
}

/// Somebody of a role, at home with candidate 260101; a new account each time, some acts end a session.
pub(crate) fn somebody(site: &Site, role: Role) -> String {
    let person = match role {
        Role::Candidate => Person { exam_no: Some("260101"), ..Person::default() },
        Role::JuniorHigh => Person { school: Some("J01"), ..Person::default() },
        Role::SeniorHigh => Person { school: Some("S01"), ..Person::default() },
        Role::CountyBureau => Person { area: Some("A01"), ..Person::default() },
        _ => Person::default(),
    };
    site.log_in(role, person)
}

/// The address of an operation; parts that are no candidate and no season are what `with_city` has.
pub(crate) fn address(path: &str, season: &str, exam_no: &str) -> String {
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        let part = match part {
            "{season}" => season,
            "{exam_no}" => exam_no,
            "{batch}" => "1",
            "{version}" => "1",
            "{name}" => "draft",
            "{junior}" => "J01",
            part if part.starts_with('{') => "00000000-0000-7000-8000-000000000000",
            part => part,
        };
        filled.push('/');
        filled.push_str(part);
    }
    filled
}

fn ask(site: &Site, operation: &Operation, token: &str, at: &str) -> Answer {
    let headers = [("If-Match", "*"), ("Idempotency-Key", at)];
    let body = operation.body.as_ref().map_or(Value::Null, |(_, body)| body.clone());
    site.send(&operation.method, at, token, &headers, &body)
}

/// An answer without what is of this very request.
fn anonymous(answer: &Answer) -> (u16, Value) {
    let mut body = answer.json();
    for field in ["trace_id", "instance"] {
        body[field] = Value::Null;
    }
    (answer.status, body)
}

fn rule(id: &str) -> Option<&'static Rule> {
    TABLE.iter().find(|rule| rule.act.word() == id && !PUBLIC.contains(&id))
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let routes: BTreeSet<String> = operations().into_iter().map(|operation| operation.id).collect();
    let missing: Vec<&String> =
        routes.iter().filter(|id| rule(id).is_none() && !PUBLIC.contains(&id.as_str())).collect();
    assert!(missing.is_empty(), "no row in domain/access.rs for {missing:?}");
    let acts: Vec<&str> = TABLE.iter().map(|rule| rule.act.word()).collect();
    let unused: Vec<&&str> =
        acts.iter().filter(|act| !routes.contains(**act) && !OWN_ACTS.contains(act)).collect();
    assert!(unused.is_empty(), "rows without a route: {unused:?}");
}

#[test]
fn nobody_gets_anything_without_a_session() {
    on_each_database(|site| {
        site.with_city();
        for operation in operations().iter().filter(|operation| !PUBLIC.contains(&operation.id.as_str())) {
            for exam_no in ["260101", "999999"] {
                let answer = ask(site, operation, "", &address(&operation.path, SEASON, exam_no));
                assert_eq!(
                    (answer.status, answer.code().as_str()),
                    (401, "unauthenticated"),
                    "{}",
                    operation.id
                );
            }
        }
    });
}

#[test]
fn every_role_reaches_as_far_as_its_row_and_the_rest_looks_absent() {
    on_each_database(|site| {
        site.with_city();
        let mut asked = 0;
        for operation in operations() {
            let Some(rule) = rule(&operation.id) else { continue };
            let personal = operation.path.contains("{exam_no}");
            let seasonal = operation.path.contains("{season}");
            for role in Role::ALL {
                let reach = rule.act.reach(role);
                let mut token = somebody(site, role);
                let mut ask_as = |at: &str| {
                    let answer = ask(site, &operation, &token, at);
                    if operation.method != "GET" && answer.status < 300 {
                        // She may have logged herself out by it.
                        token = somebody(site, role);
                    }
                    answer
                };
                let season = if personal { SEASON } else { "absent" };
                let absent = ask_as(&address(&operation.path, season, Absent.exam_no()));
                for relation in RELATIONS {
                    let season = if personal || relation != Absent { SEASON } else { "absent" };
                    let at = address(&operation.path, season, relation.exam_no());
                    let answer = ask_as(&at);
                    let told = format!(
                        "{} as {} on {relation:?}: {} {}",
                        operation.id,
                        role.word(),
                        answer.status,
                        answer.text
                    );
                    asked += 1;
                    assert!(answer.status < 500, "{told}");
                    match reach {
                        None => {
                            assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"), "{told}")
                        }
                        Some(_) if relation == Absent && (personal || seasonal) => {
                            assert_eq!(answer.status, 404, "{told}");
                        }
                        Some(reach) if personal && !concerned(reach, relation) => {
                            assert_eq!(anonymous(&answer), anonymous(&absent), "{told}");
                        }
                        Some(_) => {
                            // Concerned: whatever else is wrong with the example, it is not the reach. Things
                            // below the person or the season (a draft, a proposal) may really be absent.
                            let below = operation.path.matches('{').count()
                                > usize::from(personal) + usize::from(seasonal);
                            assert!(
                                ![401, 403].contains(&answer.status) || answer.code() != "forbidden",
                                "{told}"
                            );
                            assert!(answer.status != 404 || below, "{told}");
                        }
                    }
                }
            }
        }
        eprintln!("{}: {asked} cells", site.kind);
    });
}

#[test]
fn an_act_outside_its_phases_is_refused_by_the_phase() {
    on_each_database(|site| {
        site.with_city();
        let mut people: BTreeMap<Role, String> = BTreeMap::new();
        for operation in operations().iter().filter(|operation| operation.path.contains("{season}")) {
            let Some(rule) = rule(&operation.id) else { continue };
            let below =
                operation.path.matches('{').count() > 1 + usize::from(operation.path.contains("{exam_no}"));
            for phase in Phase::ALL {
                let key = site.app.audit_key().clone();
                site.write(move |connection| {
                    let mut season = seasons::find(connection, SEASON)?.expect("with_city made it");
                    season.phase = phase.word().to_owned();
                    let change = seasons::replace(connection, &mut season)?;
                    noted(connection, &key, vec![change])
                });
                let (role, _) = rule.who[0];
                let token = people.entry(role).or_insert_with(|| somebody(site, role));
                let answer = ask(site, operation, token, &address(&operation.path, SEASON, "260101"));
                let refused = answer.status == 409 && answer.code() == "wrong_phase";
                let told = format!("{} in {}: {}", operation.id, phase.word(), answer.text);
                if rule.phases.contains(&phase) {
                    assert!(!refused, "{told}");
                } else {
                    assert!(refused || (below && answer.status == 404), "{told}");
                }
            }
        }
    });
}

#[test]
fn a_dangerous_act_asks_for_the_second_factor_again() {
    on_each_database(|site| {
        site.with_city();
        for operation in operations() {
            let Some(rule) = rule(&operation.id).filter(|rule| rule.dangerous) else { continue };
            let (role, _) = rule.who[0];
            let token = site.log_in_without_second_factor(role);
            let answer = ask(site, &operation, &token, &address(&operation.path, SEASON, "260101"));
            let below =
                operation.path.matches('{').count() > usize::from(operation.path.contains("{season}"));
            let refused = answer.status == 403 && answer.code() == "step_up_required";
            assert!(refused || (below && answer.status == 404), "{}: {}", operation.id, answer.text);
        }
        assert!(Act::AdvanceSeason.rule().dangerous);
    });
}
