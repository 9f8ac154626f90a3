//! The demonstration city's season, by API only and by every role: the published result is the folder's, byte for byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use zhaosheng::domain::progress::Quiet;
use zhaosheng::domain::role::Role;
use zhaosheng::service::admit_folder::{admit, write_result};
use zhaosheng::service::generate_city::write_city;
use zhaosheng::service::runs::work_runs::{Worker, work_on_one};
use zhaosheng::service::secrets::result_key::{KeyPart, holder_keys};

use crate::harness::{Person, SEASON, Site, on_each_database, open_app, serve, time};
use crate::imports::bring;
use crate::proof;

const AT: &str = "/api/v1/seasons/2026";

/// The rows of a sheet that a column's value picks, with the header.
fn picked(sheet: &str, column: &str, value: &str) -> String {
    let mut rows = csv::Reader::from_reader(sheet.as_bytes());
    let header = rows.headers().unwrap().clone();
    let at = header.iter().position(|name| name == column).unwrap();
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(&header).unwrap();
    for row in rows.records().map(Result::unwrap).filter(|row| &row[at] == value) {
        out.write_record(&row).unwrap();
    }
    String::from_utf8(out.into_inner().unwrap()).unwrap()
}

fn column(sheet: &str, name: &str) -> Vec<String> {
    let mut rows = csv::Reader::from_reader(sheet.as_bytes());
    let at = rows.headers().unwrap().iter().position(|header| header == name).unwrap();
    let mut all: Vec<String> = rows.records().map(|row| row.unwrap()[at].to_owned()).collect();
    all.sort();
    all.dedup();
    all
}

/// Files every form and returns the sheet of those that were taken.
fn file_forms(site: &Site, bases: &[String], preferences: &str) -> String {
    let mut forms: BTreeMap<(String, String), Vec<(usize, String)>> = BTreeMap::new();
    for row in csv::Reader::from_reader(preferences.as_bytes()).records() {
        let row = row.unwrap();
        let list = forms.entry((row[0].to_owned(), row[1].to_owned())).or_default();
        list.push((row[2].parse().unwrap(), row[3].to_owned()));
    }
    let mut taken = "exam_no,batch,position,programme_code\n".to_owned();
    let mut refused = 0;
    for (number, ((exam_no, batch), list)) in forms.iter().enumerate() {
        let owner = site.log_in(Role::Candidate, Person { exam_no: Some(exam_no), ..Person::default() });
        let longest = list.iter().map(|(position, _)| *position).max().unwrap();
        let mut choices = vec![String::new(); longest];
        list.iter().for_each(|(position, code)| choices[position - 1] = code.clone());
        let at = format!("{AT}/candidates/{exam_no}/forms/{batch}/versions");
        let headers = [("If-Match", "\"0\""), ("Idempotency-Key", at.as_str())];
        let body = json!({"choices": choices});
        let answer = site.send_to(&bases[number % bases.len()], "POST", &at, &owner, &headers, &body);
        if answer.status == 201 {
            for (position, code) in list {
                taken.push_str(&format!("{exam_no},{batch},{position},{code}\n"));
            }
        } else {
            assert!([409, 422].contains(&answer.status), "{}", answer.text);
            refused += 1;
        }
    }
    assert!(refused * 2 < forms.len(), "{refused} of {}", forms.len());
    taken
}

#[test]
fn every_role_does_its_part_and_the_result_is_the_folders() {
    let city = tempfile::tempdir().unwrap();
    write_city(city.path(), 1_000, 17).unwrap();
    let read = |name: &str| fs::read_to_string(city.path().join(name)).unwrap();
    on_each_database(|site| {
        // On PostgreSQL a second instance serves the same database; requests go to both in turn.
        let mut bases = vec![site.base.clone()];
        let second = (site.kind == "postgres").then(|| open_app(&site.url, &site.master));
        bases.extend(second.clone().map(serve));
        let (centre, supervisor) = (site.centre(), site.log_in(Role::Supervisor, Person::default()));
        let body = json!({"code": SEASON, "kind": "demonstration", "policy": read("season.toml")});
        site.post("/api/v1/seasons", &centre, &body).is(201);
        for kind in ["areas", "junior_schools", "senior_schools", "programmes"] {
            bring(site, &centre, kind, read(&format!("{kind}.csv")).as_bytes());
        }
        if city.path().join("quota.csv").exists() {
            bring(site, &centre, "quota", read("quota.csv").as_bytes());
        }
        let roster = read("candidates.csv");
        // Bureaus bring the rosters of their areas, but of the first one every junior high brings its own.
        for (number, area) in column(&roster, "area_code").iter().enumerate() {
            let of_area = picked(&roster, "area_code", area);
            if number == 0 {
                for school in column(&of_area, "junior_code") {
                    let office = Person { school: Some(&school), area: Some(area), ..Person::default() };
                    let junior = site.log_in(Role::JuniorHigh, office);
                    bring(site, &junior, "candidates", picked(&of_area, "junior_code", &school).as_bytes());
                }
            } else {
                let bureau =
                    site.log_in(Role::CountyBureau, Person { area: Some(area), ..Person::default() });
                bring(site, &bureau, "candidates", of_area.as_bytes());
            }
        }
        bring(site, &centre, "scores", read("scores.csv").as_bytes());
        site.advance(&centre, "open_registration").is(200);
        site.advance(&centre, "post_eligibility").is(200);
        site.agree(&centre, &supervisor, &json!({"act": "publish_quota"})).is(200);
        let now_ms = site.app.about_now_ms();
        for batch in ["1", "2"] {
            site.set_window(&centre, batch, now_ms + 3_600_000, now_ms + 25 * 3_600_000).is(200);
        }
        site.move_clock(&centre, now_ms + 2 * 3_600_000);
        site.advance(&centre, "open_filling").is(200);
        let taken = file_forms(site, &bases, &read("preferences.csv"));
        // A token lives a few minutes, and a slow machine takes longer for all these forms.
        let (centre, supervisor) = (site.centre(), site.log_in(Role::Supervisor, Person::default()));
        site.move_clock(&centre, now_ms + 26 * 3_600_000);
        let keys: Vec<(String, String)> = (0..3).map(|_| holder_keys()).collect();
        let holders: Vec<Value> = ["市招办", "监督部门", "公证处"]
            .iter()
            .zip(&keys)
            .map(|(name, (_, public))| json!({"name": name, "recipient": public}))
            .collect();
        let body = json!({"holders": holders});
        site.send("PUT", &format!("{AT}/key-holders"), &centre, &[], &body).is(200);
        site.agree(&centre, &site.centre(), &json!({"act": "freeze_lists"})).is(200);
        let asked = site.post(&format!("{AT}/runs"), &centre, &json!({"kind": "official"})).is(202);
        let mut workers = vec![site.app.clone()];
        workers.extend(second);
        let threads: Vec<_> =
            workers.into_iter().map(|app| std::thread::spawn(move || worked(&app))).collect();
        let worked: usize = threads.into_iter().map(|one| one.join().unwrap()).sum();
        assert_eq!(worked, 1, "one instance did the run");
        let run = site.get(asked.header("location"), &centre).is(200).json();
        assert_eq!(run["state"], "done", "{run}");
        let publish_at = time(site.season_now_ms() + 60_000);
        let change = json!({"act": "approve_result", "run": run["id"], "publish_at": publish_at});
        site.agree(&centre, &supervisor, &change).is(200);
        site.move_clock(&centre, site.season_now_ms() + 120_000);
        let sealed = site.get(&format!("{}/key-parts", asked.header("location")), &supervisor).is(200).json();
        let part = |holder: usize| {
            KeyPart::open(sealed[holder]["sealed"].as_str().unwrap(), &keys[holder].0).unwrap().expose()
        };
        let parts = json!({"one": part(1), "other": part(2)});
        let published = site.post(&format!("{AT}/publications"), &centre, &parts).is(201).json();
        assert_eq!(published["root"], folder_root(city.path(), &taken), "the folder never saw the service");
        proof::shows_what_three_seats_or_more_tell(site, &centre, &supervisor);
        enrolled_and_filed(site, &site.centre());
    });
}

/// Every senior high reports its own list, and the season is filed.
fn enrolled_and_filed(site: &Site, centre: &str) {
    let all = site.get(&format!("{AT}/admitted"), centre).is(200).text;
    let mut reported = 0;
    for school in column(&all, "school_code").iter().filter(|school| !school.is_empty()) {
        let senior = site.log_in(Role::SeniorHigh, Person { school: Some(school), ..Person::default() });
        let own = column(&site.get(&format!("{AT}/admitted"), &senior).is(200).text, "exam_no");
        assert_eq!(own, column(&picked(&all, "school_code", school), "exam_no"), "{school}");
        let reports: Vec<Value> =
            own.iter().map(|exam_no| json!({"exam_no": exam_no, "enrolled": true})).collect();
        let at = format!("{AT}/senior-schools/{school}/enrolments");
        site.post(&at, &senior, &json!({"reports": reports})).is(200);
        reported += own.len();
    }
    assert!(reported > 200, "{reported}");
    let balance = site.get(&format!("{AT}/reconciliation"), centre).is(200).json();
    assert_eq!((&balance["open"], &balance["differences"]), (&json!(0), &json!([])));
    assert_eq!(site.advance(centre, "file").is(200).json()["phase"], "filed");
}

/// What `zhaosheng admit` makes of the city's folder with these preferences.
fn folder_root(city: &Path, preferences: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let sheets = folder.path().join("in");
    fs::create_dir(&sheets).unwrap();
    for file in fs::read_dir(city).unwrap().flatten().filter(|file| file.path().is_file()) {
        fs::copy(file.path(), sheets.join(file.file_name())).unwrap();
    }
    fs::write(sheets.join("preferences.csv"), preferences).unwrap();
    let (season, run) = admit(&sheets, &Quiet).unwrap();
    write_result(&season, &run, &folder.path().join("out"), &Quiet).unwrap()
}

/// What one instance does for a while.
fn worked(app: &zhaosheng::service::app::App) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let worker = Worker::new(std::time::Duration::from_secs(10));
        let mut worked = 0;
        for _ in 0..20 {
            worked += usize::from(work_on_one(app, &worker).await.unwrap());
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        worked
    })
}
