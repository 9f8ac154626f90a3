//! Candidates' records: reach by role, masks, and who has read them.

use serde_json::json;
use zhaosheng::domain::role::Role;
use zhaosheng::web::page;

use crate::harness::{Person, SEASON, on_each_database};

#[test]
fn a_record_is_shown_to_whom_it_concerns_and_absent_to_everybody_else() {
    on_each_database(|site| {
        site.with_city();
        let record = format!("/api/v1/seasons/{SEASON}/candidates/260101");
        let nobody = format!("/api/v1/seasons/{SEASON}/candidates/999999");
        let own = site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        let other = site.log_in(Role::Candidate, Person { exam_no: Some("260102"), ..Person::default() });
        let school = |code| site.log_in(Role::JuniorHigh, Person { school: Some(code), ..Person::default() });
        let county = |code| site.log_in(Role::CountyBureau, Person { area: Some(code), ..Person::default() });
        for token in [&own, &school("J01"), &county("A01"), &site.centre()] {
            assert_eq!(site.get(&record, token).is(200).json()["exam_no"], "260101");
        }
        for token in [&other, &school("J02"), &county("A02")] {
            let (hidden, absent) = (site.get(&record, token).is(404), site.get(&nobody, token).is(404));
            assert_eq!(hidden.code(), absent.code());
        }
        let senior = site.log_in(Role::SeniorHigh, Person { school: Some("S01"), ..Person::default() });
        assert_eq!(site.get(&record, &senior).is(403).code(), "forbidden");
    });
}

#[test]
fn lists_mask_names_and_end_at_the_callers_reach() {
    on_each_database(|site| {
        site.with_city();
        let school = site.log_in(Role::JuniorHigh, Person { school: Some("J01"), ..Person::default() });
        let list = format!("/api/v1/seasons/{SEASON}/candidates");
        let mut cursor = String::new();
        let mut seen = Vec::new();
        loop {
            let page = site.get(&format!("{list}?limit=1{cursor}"), &school).is(200);
            for item in page.json()["items"].as_array().unwrap() {
                assert_eq!(item["junior_code"], "J01");
                assert!(item["name"].as_str().unwrap().ends_with('*'), "{item}");
                seen.push(item["exam_no"].as_str().unwrap().to_owned());
            }
            match page.json()["next"].as_str() {
                Some(next) => {
                    assert!(page.header("link").contains(next));
                    cursor = format!("&cursor={next}");
                }
                None => break,
            }
        }
        assert!(seen.len() > 1 && seen.is_sorted(), "{seen:?}");
        for query in ["limit=0", "limit=201", "cursor=%21"] {
            assert_eq!(site.get(&format!("{list}?{query}"), &school).is(422).code(), "invalid", "{query}");
        }
        assert_eq!(site.get(&format!("{list}?page=2"), &school).is(400).code(), "malformed");
    });
}

#[test]
fn a_candidate_sees_every_look_of_an_office_at_her_data() {
    on_each_database(|site| {
        let centre = site.with_city();
        let school = site.log_in(Role::JuniorHigh, Person { school: Some("J01"), ..Person::default() });
        let own = site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        let record = format!("/api/v1/seasons/{SEASON}/candidates/260101");
        let readers = format!("{record}/readers");
        assert_eq!(site.get(&readers, &own).is(200).json()["items"], json!([]));
        site.get(&record, &own).is(200);
        site.get(&record, &school).is(200);
        site.get(&format!("/api/v1/seasons/{SEASON}/candidates"), &centre).is(200);
        site.get(&format!("/api/v1/seasons/{SEASON}/candidates/260102"), &school).is(200);
        let looks: Vec<(String, String)> = site.get(&readers, &own).is(200).json()["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|look| (look["role"].as_str().unwrap().to_owned(), look["act"].as_str().unwrap().to_owned()))
            .collect();
        let expected = [("municipal_centre", "list_candidates"), ("junior_high", "show_candidate")];
        assert_eq!(looks, expected.map(|(role, act)| (role.to_owned(), act.to_owned())));
        assert_eq!(site.get(&readers, &school).is(403).code(), "forbidden");
        // Many looks at others of her school hide none at her, and a page goes on where the last one ended.
        for _ in 0..12 {
            let others =
                format!("/api/v1/seasons/{SEASON}/candidates?limit=1&cursor={}", page::cursor("260101"));
            assert_eq!(site.get(&others, &school).is(200).json()["items"].as_array().unwrap().len(), 1);
        }
        let (mut cursor, mut told) = (String::new(), Vec::new());
        loop {
            let page = site.get(&format!("{readers}?limit=1{cursor}"), &own).is(200).json();
            told.extend(page["items"].as_array().unwrap().iter().map(|look| look["act"].clone()));
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(told, ["list_candidates", "show_candidate"]);
    });
}
