//! Who may use quota seats, exceptions, postings, objections, and the published quota.

use serde_json::{Value, json};
use zhaosheng::domain::role::Role;

use crate::harness::{Person, Site, on_each_database};
use crate::imports::{bring, empty_season, sheet};

const AT: &str = "/api/v1/seasons/2026";

/// The small city with its roster, while who may use quota seats is posted.
fn posted(site: &Site) -> String {
    let centre = empty_season(site);
    for kind in ["areas", "junior_schools", "senior_schools", "programmes", "quota", "candidates"] {
        bring(site, &centre, kind, &sheet(&format!("{kind}.csv")));
    }
    site.advance(&centre, "open_registration").is(200);
    site.advance(&centre, "post_eligibility").is(200);
    centre
}

fn items(site: &Site, path: &str, token: &str) -> Vec<Value> {
    site.get(&format!("{AT}/{path}"), token).is(200).json()["items"].as_array().unwrap().clone()
}

fn junior(site: &Site, code: &str) -> String {
    site.log_in(Role::JuniorHigh, Person { school: Some(code), ..Person::default() })
}

#[test]
fn an_office_sees_every_reason_and_the_posting_is_masked() {
    on_each_database(|site| {
        let centre = posted(site);
        let all = items(site, "eligibility?limit=200", &centre);
        let refused: Vec<&Value> = all.iter().filter(|one| one["eligible"] == false).collect();
        assert!(!refused.is_empty() && refused.len() < all.len());
        assert!(refused.iter().all(|one| !one["refusals"].as_array().unwrap().is_empty()));
        let own = items(site, "eligibility?limit=200", &junior(site, "J01"));
        assert!(own.iter().all(|one| one["junior_code"] == "J01") && own.len() < all.len());
        let family = site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        let posting = site.get(&format!("{AT}/posting?junior=J01"), &family).is(200);
        let lines = posting.json().as_array().unwrap().clone();
        let eligible = own.iter().filter(|one| one["eligible"] == true).count();
        assert_eq!(lines.len(), eligible, "who may not is told alone");
        for one in &own {
            assert!(!posting.text.contains(one["exam_no"].as_str().unwrap()), "{}", posting.text);
        }
        assert!(lines.iter().all(|line| line["name"].as_str().unwrap().contains('*')));
    });
}

#[test]
fn an_exception_takes_evidence_and_a_second_office() {
    on_each_database(|site| {
        let centre = posted(site);
        let all = items(site, "eligibility?limit=200", &centre);
        let pupil = all.iter().find(|one| one["eligible"] == false && one["junior_code"] != "").unwrap();
        let exam_no = pupil["exam_no"].as_str().unwrap();
        let school = junior(site, pupil["junior_code"].as_str().unwrap());
        let change = |eligible: bool, evidence: &str| json!({"act": "decide_exception", "exam_no": exam_no, "eligible": eligible, "evidence": evidence});
        assert_eq!(site.propose(&school, &change(true, "")).is(422).code(), "invalid");
        let stranger = junior(site, if pupil["junior_code"] == "J01" { "J02" } else { "J01" });
        assert_eq!(site.propose(&stranger, &change(true, "证明 17")).is(404).code(), "not_found");
        let before = quota_hash(site, &centre);
        site.agree(&school, &centre, &change(true, "学籍证明 2026-17")).is(200);
        let now = |site: &Site| {
            let all = items(site, "eligibility?limit=200", &centre);
            all.into_iter().find(|one| one["exam_no"] == exam_no).unwrap()
        };
        assert_eq!(
            (now(site)["eligible"].clone(), now(site)["excepted"].clone()),
            (json!(true), json!(true))
        );
        assert_ne!(quota_hash(site, &centre), before, "her junior high has one more who may");
        site.agree(&school, &centre, &change(false, "复核后撤销 2026-18")).is(200);
        assert_eq!(now(site)["eligible"], false);
        assert_eq!(quota_hash(site, &centre), before);
    });
}

fn quota_hash(site: &Site, token: &str) -> Value {
    site.get(&format!("{AT}/quota-preview"), token).is(200).json()["quota_hash"].clone()
}

#[test]
fn an_objection_is_answered_before_the_season_goes_on() {
    on_each_database(|site| {
        let centre = posted(site);
        let family = site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        let file = |token: &str, about: &str, subject: &str| {
            let body = json!({"about": about, "subject": subject, "text": "学籍起始日期有误"});
            site.post(&format!("{AT}/objections"), token, &body)
        };
        let unknown = file(&family, "eligibility", "999999").is(422).json()["errors"].clone();
        assert_eq!(file(&family, "eligibility", "260102").is(422).json()["errors"], unknown, "alike");
        let filed = file(&family, "eligibility", "260101").is(201).json();
        let senior = site.log_in(Role::SeniorHigh, Person { school: Some("S01"), ..Person::default() });
        let own = items(site, "objections", &family);
        assert_eq!(own.len(), 1);
        assert_eq!(items(site, "objections", &senior), Vec::<Value>::new());
        let publish = json!({"act": "publish_quota"});
        assert_eq!(site.propose(&centre, &publish).is(409).code(), "objections_open");
        let at = format!("{AT}/objections/{}/answer", filed["id"].as_str().unwrap());
        let answer = json!({"answer": "经核查，原结论无误"});
        assert_eq!(site.post(&at, &family, &answer).is(403).code(), "forbidden");
        site.post(&at, &centre, &answer).is(200);
        assert_eq!(site.post(&at, &centre, &answer).is(409).code(), "answered");
        assert_eq!(items(site, "objections", &family)[0]["answer"], "经核查，原结论无误");
        assert_eq!(site.get(&format!("{AT}/quota"), &senior).is(409).code(), "not_published");
        site.agree(&centre, &site.centre(), &publish).is(200);
        // Now the quota may be disputed by a senior high, until forms are taken.
        let programmes = site.get(&format!("{AT}/programmes"), &senior).is(200).json();
        let programme = programmes["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["school_code"] == "S01")
            .map(|one| one["code"].as_str().unwrap().to_owned())
            .unwrap();
        let dispute = file(&senior, "quota", &programme).is(201).json();
        let now_ms = site.app.about_now_ms();
        site.set_window(&centre, "1", now_ms + 3_600_000, now_ms + 7_200_000).is(200);
        assert_eq!(site.advance(&centre, "open_filling").is(409).code(), "objections_open");
        let at = format!("{AT}/objections/{}/answer", dispute["id"].as_str().unwrap());
        site.post(&at, &centre, &answer).is(200);
        site.advance(&centre, "open_filling").is(200);
    });
}

#[test]
fn the_published_quota_is_what_the_search_shows() {
    on_each_database(|site| {
        let centre = posted(site);
        site.agree(&centre, &site.centre(), &json!({"act": "publish_quota"})).is(200);
        let family = site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        let quota = site.get(&format!("{AT}/quota"), &family).is(200).json();
        let cells = quota["cells"].as_str().unwrap();
        let found = items(site, "programmes?limit=200", &family);
        let mut shown = 0;
        for hit in found {
            let code = hit["code"].as_str().unwrap();
            let cell = |line: &&str| {
                let mut parts = line.split(',');
                parts.next() == Some(code)
                    && parts.next().is_some_and(|codes| codes.split(';').any(|one| one == "J01"))
            };
            let published =
                cells.lines().find(cell).map_or(0, |line| line.split(',').nth(2).unwrap().parse().unwrap());
            assert_eq!(hit["quota_seats"], json!(published), "{hit} {cells}");
            shown += published;
        }
        assert!(shown > 0, "{cells}");
    });
}
