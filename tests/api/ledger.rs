//! After the publication: corrections by the published lines, overrides with their authority, and who came.

use serde_json::{Value, json};
use zhaosheng::domain::role::Role;

use crate::harness::{Person, Site, on_each_database};
use crate::results::{Offices, published};

const AT: &str = "/api/v1/seasons/2026";

fn result(site: &Site, exam_no: &str) -> Value {
    let owner = site.log_in(Role::Candidate, Person { exam_no: Some(exam_no), ..Person::default() });
    site.get(&format!("{AT}/candidates/{exam_no}/result"), &owner).is(200).json()
}

/// Somebody who missed her first choice.
fn missed(site: &Site, offices: &Offices) -> Value {
    let listed = site.get(&format!("{AT}/candidates?limit=200"), &offices.centre).is(200).json();
    let numbers =
        listed["items"].as_array().unwrap().iter().map(|one| one["exam_no"].as_str().unwrap().to_owned());
    numbers
        .map(|exam_no| result(site, &exam_no))
        .find(|result| {
            let first = &result["choices"][0];
            first["reason"] == "below_cutoff" && result["total"] != ""
        })
        .unwrap()
}

#[test]
fn a_corrected_score_gives_the_best_place_by_the_published_lines_and_nobody_moves() {
    on_each_database(|site| {
        let (offices, run) = published(site);
        let before = missed(site, &offices);
        let exam_no = before["exam_no"].as_str().unwrap();
        let change = |marks: Value| json!({"act": "correct_score", "exam_no": exam_no, "marks": marks, "authority": "成绩复核组 2026-17"});
        let refused = site.propose(&offices.centre, &change(json!({"no_such": "1"}))).is(422);
        assert_eq!(refused.json()["errors"][0]["pointer"], "/change/marks/no_such");
        let nothing = site.propose(&offices.centre, &change(json!({"chinese": "1"}))).is(409);
        assert_eq!(nothing.code(), "no_change", "what was published is kept");
        let full = json!({"chinese": "150", "math": "150"});
        site.agree(&offices.centre, &offices.supervisor, &change(full.clone())).is(200);
        let ledger = site.get(&format!("{AT}/ledger"), &offices.supervisor).is(200).json();
        let entry = &ledger[0];
        assert_eq!(entry["to_programme"], before["choices"][0]["programme"], "{ledger} {before}");
        assert_eq!((&entry["kind"], &entry["exam_no"]), (&json!("correction"), &json!(exam_no)));
        let again = site.propose(&offices.centre, &change(full)).is(409);
        assert_eq!(again.code(), "no_change", "she stands there already");
        // The published result itself stays what it is, for her and for everybody.
        assert_eq!(result(site, exam_no)["proof"]["root"], run["root"]);
    });
}

#[test]
fn an_override_needs_an_authority_a_reason_of_the_list_and_two_people() {
    on_each_database(|site| {
        let (offices, _) = published(site);
        let change = |programme: &str, reason: &str, authority: &str| {
            json!({"act": "override_place", "exam_no": "260101", "programme": programme,
                "authority": authority, "reason": reason})
        };
        let refused = site.propose(&offices.centre, &change("nowhere", "because", "")).is(422).json();
        let pointers: Vec<&str> = refused["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["pointer"].as_str().unwrap())
            .collect();
        assert_eq!(pointers, ["/change/authority", "/change/reason", "/change/programme"]);
        let held = result(site, "260101")["programme"].as_str().map(str::to_owned);
        let other = ["P01", "P02", "P03"].into_iter().find(|code| held.as_deref() != Some(*code)).unwrap();
        let good = change(other, "medical", "市教育局 2026-5");
        assert_eq!(site.agree(&offices.centre, &offices.centre, &good).is(409).code(), "same_person");
        site.agree(&offices.centre, &offices.supervisor, &good).is(200);
        let school = site.log_in(Role::JuniorHigh, Person { school: Some("J01"), ..Person::default() });
        assert_eq!(site.get(&format!("{AT}/ledger"), &school).is(403).code(), "forbidden");
    });
}

#[test]
fn a_senior_high_reports_its_own_and_nobody_elses() {
    on_each_database(|site| {
        let (offices, _) = published(site);
        let listed = site.get(&format!("{AT}/candidates?limit=200"), &offices.centre).is(200).json();
        let programmes = site.get(&format!("{AT}/programmes?limit=200"), &offices.centre).is(200).json();
        let school_of = |code: &Value| {
            let all = programmes["items"].as_array().unwrap();
            all.iter()
                .find(|one| one["code"] == *code)
                .map(|one| one["school_code"].as_str().unwrap().to_owned())
        };
        let placed: Vec<(String, String)> = listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|one| {
                let exam_no = one["exam_no"].as_str().unwrap();
                let held = result(site, exam_no);
                Some((exam_no.to_owned(), school_of(&held["programme"])?))
            })
            .collect();
        let (own, school) = placed[0].clone();
        let foreign = placed.iter().find(|(_, other)| *other != school).unwrap().0.clone();
        let senior = site.log_in(Role::SeniorHigh, Person { school: Some(&school), ..Person::default() });
        let at = format!("{AT}/senior-schools/{school}/enrolments");
        let report = |pairs: &[(&str, bool)]| {
            let all: Vec<Value> =
                pairs.iter().map(|(no, came)| json!({"exam_no": no, "enrolled": came})).collect();
            json!({"reports": all})
        };
        let refused =
            site.post(&at, &senior, &report(&[(&own, true), (&foreign, true), ("999999", true)])).is(422);
        let errors = refused.json()["errors"].clone();
        assert_eq!(errors.as_array().unwrap().len(), 2, "{errors}");
        assert_eq!(errors[0]["detail"], errors[1]["detail"], "somebody else's and nobody look alike");
        assert_eq!(site.post(&at, &senior, &report(&[(&own, true)])).is(200).json()["reported"], 1);
        assert_eq!(site.post(&at, &senior, &report(&[(&own, false)])).is(200).json()["reported"], 1);
        let other = site.log_in(Role::SeniorHigh, Person { school: Some("S99"), ..Person::default() });
        assert_eq!(site.post(&at, &other, &report(&[(&own, true)])).is(404).code(), "not_found");
    });
}
