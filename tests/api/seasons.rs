//! Seasons and their windows: phases in order, versions held, ends on record, two people for an extension.

use serde_json::{Value, json};
use zhaosheng::domain::role::Role;

use crate::harness::{Person, SEASON, Site, on_each_database, time};

#[test]
fn a_season_moves_phase_by_phase_and_only_from_the_version_that_was_seen() {
    on_each_database(|site| {
        let centre = site.with_city();
        let at = format!("/api/v1/seasons/{SEASON}");
        let season = site.get(&at, &centre).is(200);
        assert_eq!((season.json()["phase"].as_str(), season.header("etag")), (Some("preparing"), "\"1\""));
        let step = json!({"step": "open_registration"});
        let steps = format!("{at}/steps");
        assert_eq!(site.post(&steps, &centre, &step).is(428).code(), "precondition_required");
        let stale = site.send("POST", &steps, &centre, &[("If-Match", "\"7\"")], &step).is(412);
        assert_eq!(stale.header("etag"), "\"1\"");
        let moved = site.send("POST", &steps, &centre, &[("If-Match", "\"1\"")], &step).is(200);
        assert_eq!((moved.json()["phase"].as_str(), moved.header("etag")), (Some("registering"), "\"2\""));
        assert_eq!(site.advance(&centre, "publish_quota").is(409).code(), "wrong_step");
        assert_eq!(site.advance(&centre, "open_filling").is(409).code(), "no_window");
    });
}

#[test]
fn faults_of_a_new_season_come_all_at_once_and_nothing_is_kept() {
    on_each_database(|site| {
        let centre = site.centre();
        let body =
            json!({"code": "Not This!", "kind": "other", "policy": "format = \"season/1\"\nyear = 99999"});
        let refused = site.post("/api/v1/seasons", &centre, &body).is(422);
        let pointers: Vec<String> = refused.json()["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(pointers[..2], ["/code", "/kind"]);
        assert!(pointers.contains(&"/policy".to_owned()), "{pointers:?}");
        assert_eq!(site.get("/api/v1/seasons", &centre).is(200).json()["items"], json!([]));
    });
}

#[test]
fn roles_that_may_not_are_refused_alike_whether_or_not_the_season_exists() {
    on_each_database(|site| {
        site.with_city();
        let school = site.log_in(Role::JuniorHigh, Person { school: Some("J01"), ..Person::default() });
        for season in [SEASON, "absent"] {
            let path = format!("/api/v1/seasons/{season}/steps");
            let refused = site
                .send("POST", &path, &school, &[("If-Match", "\"1\"")], &json!({"step": "freeze"}))
                .is(403);
            assert_eq!(refused.code(), "forbidden");
        }
        assert_eq!(site.get("/api/v1/seasons/absent", &school).is(404).code(), "not_found");
        assert_eq!(site.get("/api/v1/seasons", "").is(401).code(), "unauthenticated");
        assert_eq!(
            site.send("PATCH", "/api/v1/seasons", &school, &[], &Value::Null).is(405).code(),
            "method_not_allowed"
        );
        assert_eq!(site.get("/api/v1/nothing", &school).is(404).code(), "not_found");
    });
}

#[test]
fn the_clock_of_an_official_season_cannot_be_moved() {
    on_each_database(|site| {
        let centre = site.with_city();
        let policy = site.get(&format!("/api/v1/seasons/{SEASON}"), &centre).json()["policy"].clone();
        let body = json!({"code": "real", "kind": "official", "policy": policy});
        site.post("/api/v1/seasons", &centre, &body).is(201);
        let body = json!({"now": "2026-06-20T08:00:00+08:00"});
        let refused =
            site.send("PUT", "/api/v1/seasons/real/clock", &centre, &[("If-Match", "\"1\"")], &body);
        assert_eq!(refused.is(409).code(), "official");
    });
}

/// Proposes an hour more for area A01; returns the address of the approval and the content's hash.
fn proposed(site: &Site, token: &str, until_ms: i64) -> (String, Value) {
    let change = json!({"act": "extend_window", "stage": "official", "batch": "1", "area": "A01", "closes_at": time(until_ms)});
    let proposal = site.propose(token, &change).is(201);
    (
        format!("{}/signatures", proposal.header("location")),
        json!({"content_hash": proposal.json()["content_hash"]}),
    )
}

#[test]
fn an_extension_takes_two_people_who_saw_the_same_and_holds_for_the_area() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let until_ms = site.app.about_now_ms() + 40 * 3_600_000;
        let (approval, hash) = proposed(site, &centre, until_ms);
        assert_eq!(site.post(&approval, &centre, &hash).is(409).code(), "same_person");
        let second = site.centre();
        assert_eq!(
            site.post(&approval, &second, &json!({"content_hash": "0"})).is(409).code(),
            "other_content"
        );
        let county = |area| site.log_in(Role::CountyBureau, Person { area: Some(area), ..Person::default() });
        assert_eq!(site.post(&approval, &county("A02"), &hash).is(404).code(), "not_found");
        // The season's policy wants two of the municipal centre.
        assert_eq!(site.post(&approval, &county("A01"), &hash).is(409).code(), "not_wanted");
        let done = site.post(&approval, &second, &hash).is(200).json();
        assert!(done["done_at"].is_string(), "{done}");
        assert_eq!(site.post(&approval, &site.centre(), &hash).is(409).code(), "done");
        let windows = site.get(&format!("/api/v1/seasons/{SEASON}/windows"), &centre).is(200).json();
        let moved: Vec<&Value> = windows["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|window| window["closes_at"] == time(until_ms))
            .map(|window| &window["area"])
            .collect();
        assert_eq!(moved, ["A01"]);
    });
}

#[test]
fn freezing_waits_for_every_window_and_puts_their_end_on_record() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let freeze = json!({"act": "freeze_lists"});
        assert_eq!(site.advance(&centre, "freeze").is(409).code(), "not_alone");
        assert_eq!(site.propose(&centre, &freeze).is(409).code(), "window_open");
        site.move_clock(&centre, site.app.about_now_ms() + 26 * 3_600_000);
        site.agree(&centre, &site.centre(), &freeze).is(200);
        let season = site.get(&format!("/api/v1/seasons/{SEASON}"), &centre).is(200).json();
        assert_eq!(season["phase"], "frozen");
        let windows = site.get(&format!("/api/v1/seasons/{SEASON}/windows"), &centre).is(200).json();
        assert!(windows["items"].as_array().unwrap().iter().all(|window| window["closed_at"].is_string()));
    });
}
