//! From the frozen lists to the published result: two people, a job that survives, a gate, and proofs for everybody.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zhaosheng::domain::hexadecimal::{hex, unhex};
use zhaosheng::domain::progress::Quiet;
use zhaosheng::domain::role::Role;
use zhaosheng::engine::merkle_tree::{included, leaf_hash};
use zhaosheng::files::encoding::Encoding;
use zhaosheng::service::admit_folder::{admit, write_result};
use zhaosheng::service::data_in::import_folder::export_season;
use zhaosheng::service::export_folder::Form;
use zhaosheng::service::secrets::result_key::{KeyPart, holder_keys};
use zhaosheng::service::verify_folder::verify_folder;
use zhaosheng::storage::change::Change;
use zhaosheng::storage::error::StorageError;
use zhaosheng::storage::{schema, seasons};

use crate::harness::{Answer, Person, SEASON, Site, noted, on_each_database, time};
use crate::imports::{bring, empty_season, sheet};

const AT: &str = "/api/v1/seasons/2026";

/// The offices of a season and the secret keys of the three holders.
pub(crate) struct Offices {
    pub(crate) centre: String,
    pub(crate) second: String,
    pub(crate) supervisor: String,
    pub(crate) secrets: Vec<String>,
}

/// A season of the small city, by API only, up to its closed windows.
pub(crate) fn filled(site: &Site) -> Offices {
    let centre = empty_season(site);
    for kind in ["areas", "junior_schools", "senior_schools", "programmes", "quota", "candidates", "scores"] {
        bring(site, &centre, kind, &sheet(&format!("{kind}.csv")));
    }
    let (second, supervisor) = (site.centre(), site.log_in(Role::Supervisor, Person::default()));
    site.advance(&centre, "open_registration").is(200);
    site.advance(&centre, "post_eligibility").is(200);
    site.agree(&centre, &supervisor, &json!({"act": "publish_quota"})).is(200);
    let now_ms = site.app.about_now_ms();
    for batch in ["1", "2", "3"] {
        site.set_window(&centre, batch, now_ms + 3_600_000, now_ms + 25 * 3_600_000).is(200);
    }
    site.move_clock(&centre, now_ms + 2 * 3_600_000);
    site.advance(&centre, "open_filling").is(200);
    submit_all(site, &sheet("preferences.csv"));
    site.move_clock(&centre, now_ms + 26 * 3_600_000);
    let keys: Vec<(String, String)> = (0..3).map(|_| holder_keys()).collect();
    let names = ["市招办", "监督部门", "公证处"];
    let holders: Vec<Value> = names
        .iter()
        .zip(&keys)
        .map(|(name, (_, public))| json!({"name": name, "recipient": public}))
        .collect();
    let body = json!({"holders": holders});
    site.send("PUT", &format!("{AT}/key-holders"), &centre, &[], &body).is(200);
    Offices { centre, second, supervisor, secrets: keys.into_iter().map(|(secret, _)| secret).collect() }
}

/// Every list of a sheet of preferences is filed by its owner; what the check refuses is not filed.
fn submit_all(site: &Site, preferences: &[u8]) {
    let mut forms: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut rows = csv::Reader::from_reader(preferences);
    for row in rows.records() {
        let row = row.unwrap();
        let position: usize = row[2].parse().unwrap();
        let list = forms.entry((row[0].to_owned(), row[1].to_owned())).or_default();
        list.resize(list.len().max(position), String::new());
        list[position - 1] = row[3].to_owned();
    }
    let mut refused = Vec::new();
    for ((exam_no, batch), list) in &forms {
        let owner = site.log_in(Role::Candidate, Person { exam_no: Some(exam_no), ..Person::default() });
        let at = format!("{AT}/candidates/{exam_no}/forms/{batch}/versions");
        let headers = [("If-Match", "\"0\""), ("Idempotency-Key", at.as_str())];
        let answer = site.send("POST", &at, &owner, &headers, &json!({"choices": list}));
        if answer.status != 201 {
            refused.push(answer.text);
        }
    }
    assert!(refused.len() * 5 <= forms.len(), "{} of {} refused: {}", refused.len(), forms.len(), refused[0]);
}

pub(crate) fn frozen(site: &Site, offices: &Offices) {
    site.agree(&offices.centre, &offices.second, &json!({"act": "freeze_lists"})).is(200);
}

/// An official run, worked on; returns it as it ended.
pub(crate) fn placed(site: &Site, offices: &Offices) -> Value {
    let asked = site.post(&format!("{AT}/runs"), &offices.centre, &json!({"kind": "official"})).is(202);
    let at = asked.header("location").to_owned();
    assert_eq!(site.get(&at, &offices.centre).is(200).json()["state"], "queued");
    site.work_on_runs();
    let run = site.get(&at, &offices.centre).is(200).json();
    assert_eq!(run["state"], "done", "{run}");
    run
}

pub(crate) fn approval(site: &Site, run: &Value, in_ms: i64) -> Value {
    let now_ms = site.season_now_ms();
    json!({"act": "approve_result", "run": run["id"], "publish_at": time(now_ms + in_ms)})
}

pub(crate) fn approved(site: &Site, offices: &Offices, run: &Value) {
    site.agree(&offices.centre, &offices.supervisor, &approval(site, run, 60_000)).is(200);
}

/// The key's parts as two holders open them.
pub(crate) fn parts(site: &Site, offices: &Offices, run: &Value, holders: [usize; 2]) -> Value {
    let at = format!("{AT}/runs/{}/key-parts", run["id"].as_str().unwrap());
    let sealed = site.get(&at, &offices.supervisor).is(200).json();
    let open = |holder: usize| {
        let sealed = sealed[holder]["sealed"].as_str().unwrap();
        KeyPart::open(sealed, &offices.secrets[holder]).unwrap().expose()
    };
    json!({"one": open(holders[0]), "other": open(holders[1])})
}

pub(crate) fn publish(site: &Site, offices: &Offices, parts: &Value) -> Answer {
    site.post(&format!("{AT}/publications"), &offices.centre, parts)
}

/// A season of the small city from the first upload to its publication.
pub(crate) fn published(site: &Site) -> (Offices, Value) {
    let offices = filled(site);
    frozen(site, &offices);
    let run = placed(site, &offices);
    approved(site, &offices, &run);
    site.move_clock(&offices.centre, site.season_now_ms() + 120_000);
    publish(site, &offices, &parts(site, &offices, &run, [0, 2])).is(201);
    (offices, run)
}

#[test]
fn a_season_by_api_publishes_the_bytes_that_the_folder_gives() {
    on_each_database(|site| {
        let offices = filled(site);
        let run_at = format!("{AT}/runs");
        assert_eq!(
            site.post(&run_at, &offices.centre, &json!({"kind": "official"})).is(409).code(),
            "not_now"
        );
        frozen(site, &offices);
        let run = placed(site, &offices);
        let again = site.post(&run_at, &offices.centre, &json!({"kind": "official"}));
        assert_eq!(again.is(409).code(), "not_now", "the season is placed");
        approved(site, &offices, &run);
        let parts = parts(site, &offices, &run, [1, 2]);
        assert_eq!(publish(site, &offices, &parts).is(409).code(), "too_early");
        site.move_clock(&offices.centre, site.season_now_ms() + 120_000);
        let publication = publish(site, &offices, &parts).is(201).json();
        assert_eq!(publication["root"], run["root"]);
        assert_eq!(publish(site, &offices, &parts).is(409).code(), "wrong_phase", "once");

        let folder = tempfile::tempdir().unwrap();
        let (sheets, result) = (folder.path().join("in"), folder.path().join("out"));
        let form = Form::Csv(Encoding::Utf8);
        site.wait(export_season(&site.app, SEASON, &sheets, form)).unwrap();
        let (season, placed) = admit(&sheets, &Quiet).unwrap();
        let root = write_result(&season, &placed, &result, &Quiet).unwrap();
        assert_eq!(run["root"], root, "the published result is the file run, byte for byte");
        assert_eq!(verify_folder(&result, &Quiet).unwrap().root, root);
        every_leaf_says_what_the_folder_says(site, &offices, &result, run["leaves_root"].as_str().unwrap());
    });
}

/// Each candidate reads her own line; its proof leads to the published root; its rows are the folder's.
fn every_leaf_says_what_the_folder_says(site: &Site, offices: &Offices, result: &Path, leaves_root: &str) {
    let sheet = |path: &str| fs::read_to_string(result.join(path)).unwrap();
    let (results, reasons) = (sheet("results.csv"), sheet("reasons.csv"));
    let mut shown = 0;
    for row in results.lines().skip(1) {
        let exam_no = row.split(',').next().unwrap();
        let owner = site.log_in(Role::Candidate, Person { exam_no: Some(exam_no), ..Person::default() });
        let at = format!("{AT}/candidates/{exam_no}/result");
        let view = site.get(&at, &owner).is(200).json();
        let proof = &view["proof"];
        let leaf = proof["leaf"].as_str().unwrap();
        let own: Vec<&str> =
            reasons.lines().filter(|line| line.starts_with(&format!("{exam_no},"))).collect();
        assert!(leaf.starts_with(&format!("results.csv\n{row}\n")), "{leaf}");
        assert!(leaf.ends_with(&format!(
            "reasons.csv\n{}",
            own.iter().map(|line| format!("{line}\n")).collect::<String>()
        )));
        assert_eq!(view["choices"].as_array().unwrap().len(), own.len());
        let salt = unhex(proof["salt"].as_str().unwrap()).unwrap();
        let hash = leaf_hash(&[salt.as_slice(), leaf.as_bytes()].concat());
        let path: Vec<[u8; 32]> = proof["path"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hash| unhex(hash.as_str().unwrap()).unwrap())
            .collect();
        let (place, count) = (proof["place"].as_u64().unwrap(), proof["count"].as_u64().unwrap());
        let root = unhex(leaves_root).unwrap();
        assert!(included(hash, place as usize, count as usize, &path, &root), "{exam_no}");
        shown += 1;
    }
    assert_eq!(shown, results.lines().count() - 1);
    let other = site.log_in(Role::JuniorHigh, Person { school: Some("J02"), ..Person::default() });
    let at = format!("{AT}/candidates/260101/result");
    assert_eq!(site.get(&at, &other).is(404).code(), "not_found");
    assert_eq!(site.get(&at, &offices.supervisor).is(200).json()["exam_no"], "260101");
}

#[test]
fn the_freeze_is_signed_for_the_lists_that_were_seen() {
    on_each_database(|site| {
        let offices = filled(site);
        let proposal = site.propose(&offices.centre, &json!({"act": "freeze_lists"})).is(201);
        let sign = format!("{}/signatures", proposal.header("location"));
        let hash = json!({"content_hash": proposal.json()["content_hash"]});
        // Somebody's mark changes between the two signatures.
        let scores = String::from_utf8(sheet("scores.csv")).unwrap();
        let line = scores.lines().nth(1).unwrap().to_owned();
        let first = line.split(',').nth(1).unwrap();
        let changed = line.replacen(first, &(first.parse::<f64>().unwrap() - 1.0).to_string(), 1);
        bring(site, &offices.centre, "scores", scores.replacen(&line, &changed, 1).as_bytes());
        assert_eq!(site.post(&sign, &offices.second, &hash).is(409).code(), "changed");
        frozen(site, &offices);
    });
}

#[test]
fn sources_of_the_seed_are_named_before_the_freeze_and_told_after_it() {
    on_each_database(|site| {
        let offices = filled(site);
        let at = format!("{AT}/seed-sources");
        let secret = "木犀清露 4711";
        let commitment = hex(&Sha256::digest(secret));
        let body = json!({"source": "secret-of-the-supervisors", "commitment": commitment});
        site.post(&at, &offices.centre, &body).is(201);
        assert_eq!(site.post(&at, &offices.centre, &body).is(409).code(), "taken");
        site.post(&at, &offices.centre, &json!({"source": "balls"})).is(201);
        let tell = |source: &str, text: &str| {
            let at = format!("{at}/{source}/text");
            site.send("PUT", &at, &offices.centre, &[], &json!({"text": text}))
        };
        assert_eq!(
            tell("balls", "07 31 15").is(409).code(),
            "wrong_phase",
            "before the freeze nothing is told"
        );
        frozen(site, &offices);
        let ask = || site.post(&format!("{AT}/runs"), &offices.centre, &json!({"kind": "official"}));
        assert_eq!(ask().is(409).code(), "seed_missing");
        tell("balls", "07 31 15 22 02").is(200);
        assert_eq!(tell("balls", "1 2 3").is(409).code(), "told");
        let named = "secret-of-the-supervisors";
        assert_eq!(tell(named, "another").is(422).code(), "invalid");
        tell(named, secret).is(200);
        let run = placed(site, &offices);
        assert_ne!(run["summary"]["seed"], "", "{run}");
        approved(site, &offices, &run);
        site.move_clock(&offices.centre, site.season_now_ms() + 120_000);
        publish(site, &offices, &parts(site, &offices, &run, [0, 1])).is(201);
    });
}

#[test]
fn a_rejected_result_goes_back_to_the_frozen_lists() {
    on_each_database(|site| {
        let offices = filled(site);
        frozen(site, &offices);
        let run = placed(site, &offices);
        approved(site, &offices, &run);
        let body = json!({"reason": "核对后发现计划数有误"});
        let season = site.post(&format!("{AT}/rejection"), &offices.centre, &body).is(200).json();
        assert_eq!(season["phase"], "frozen");
        let again = placed(site, &offices);
        assert_eq!(again["root"], run["root"], "the same lists give the same result");
        let parts = parts(site, &offices, &again, [0, 1]);
        assert_eq!(publish(site, &offices, &parts).is(409).code(), "wrong_phase");
    });
}

#[test]
fn a_run_is_followed_by_events_that_go_on_where_they_were_heard_last() {
    on_each_database(|site| {
        let offices = filled(site);
        frozen(site, &offices);
        let run = placed(site, &offices);
        let at = format!("{AT}/runs/{}/events", run["id"].as_str().unwrap());
        let events = site.get(&at, &offices.centre).is(200);
        assert_eq!(events.header("content-type"), "text/event-stream");
        assert!(events.text.starts_with("id: 1\nevent: stage\n"), "{}", events.text);
        assert!(
            events.text.ends_with("\n\n") && events.text.contains("event: end\ndata: {\"state\":\"done\"")
        );
        let heard = events.text.matches("event: stage").count();
        assert!(heard >= 8, "{}", events.text);
        let last = heard.to_string();
        let rest = site.send("GET", &at, &offices.centre, &[("Last-Event-ID", &last)], &Value::Null).is(200);
        assert!(rest.text.starts_with("event: end"), "{}", rest.text);
    });
}

#[test]
fn a_trial_is_compared_and_leaves_nothing_behind() {
    on_each_database(|site| {
        let offices = filled(site);
        frozen(site, &offices);
        let policy = String::from_utf8(sheet("season.toml")).unwrap();
        let other = policy.replace("precedence = \"quota_first\"", "precedence = \"open_first\"");
        assert_ne!(policy, other);
        let asked = site
            .post(&format!("{AT}/runs"), &offices.centre, &json!({"kind": "trial", "policy": other}))
            .is(202);
        site.work_on_runs();
        let run = site.get(asked.header("location"), &offices.centre).is(200).json();
        assert_eq!((&run["state"], &run["root"]), (&json!("done"), &json!("")), "{run}");
        assert!(run["summary"]["own_cost"]["admitted"].as_u64().unwrap() > 0, "{run}");
        assert!(run["summary"]["changes"].is_array() && run["summary"]["lines"].is_array(), "{run}");
        let season = site.get(AT, &offices.centre).is(200).json();
        assert_eq!(season["phase"], "frozen");
        assert_eq!(site.get(&format!("{AT}/publications"), &offices.centre).is(200).json(), json!([]));
    });
}

#[test]
fn a_trial_of_an_official_season_names_nobody() {
    on_each_database(|site| {
        let offices = filled(site);
        frozen(site, &offices);
        // The season as if its people were real: who would stand where is told to nobody before the publication.
        let key = site.app.audit_key().clone();
        site.write(move |connection| {
            diesel::update(schema::seasons::table.find(SEASON))
                .set((schema::seasons::kind.eq("official"), schema::seasons::clock_offset_ms.eq(0)))
                .execute(connection)
                .map_err(StorageError::from)?;
            let season = seasons::find(connection, SEASON)?.expect("it was filled");
            noted(connection, &key, vec![Change::written(&season)])
        });
        let policy = String::from_utf8(sheet("season.toml")).unwrap();
        let other = policy.replace("precedence = \"quota_first\"", "precedence = \"open_first\"");
        let asked = site
            .post(&format!("{AT}/runs"), &offices.centre, &json!({"kind": "trial", "policy": other}))
            .is(202);
        site.work_on_runs();
        let run = site.get(asked.header("location"), &offices.centre).is(200).json();
        assert_eq!(run["state"], "done", "{run}");
        assert!(run["summary"]["own_cost"]["admitted"].as_u64().unwrap() > 0, "counts are told: {run}");
        assert!(run["summary"]["changes"].is_null() && run["summary"]["lines"].is_null(), "{run}");
    });
}
