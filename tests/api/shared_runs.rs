//! The areas of one season's run as jobs of several instances: the same result, whoever does them and whoever dies.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use zhaosheng::domain::progress::Quiet;
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::runs::help_run::help_with_one;
use zhaosheng::service::runs::place_season::{Placed, place_season};
use zhaosheng::service::runs::published_result::Published;
use zhaosheng::service::runs::run_input::run_input;
use zhaosheng::service::runs::seal_result::{sealed_root, sealed_sheets};
use zhaosheng::service::runs::share_areas::{Share, Taken};
use zhaosheng::service::runs::work_runs::{Worker, work_on_one};
use zhaosheng::service::secrets::result_key::{KeyPart, ResultKey, holder_keys};
use zhaosheng::storage::key_requests::{self, KeyRequestRow, REFUSED};
use zhaosheng::storage::runs::RunRow;
use zhaosheng::storage::{clock, run_areas, run_leases, runs, seasons};

use crate::harness::{SEASON, Site, on_each_database};
use crate::results::{Offices, approved, filled, frozen, parts, placed, publish};

const AT: &str = "/api/v1/seasons/2026";
const LEASE: Duration = Duration::from_secs(10);

/// What everybody reads of a result, by exam number, with the candidates of each area.
fn leaves(site: &Site, run: &RunRow, key: &ResultKey) -> BTreeMap<String, (String, usize)> {
    let (run, key) = (run.clone(), key.clone());
    site.write(move |connection| {
        let result = Published::open(connection, &run, key)?;
        let mut leaves = BTreeMap::new();
        for row in result.index().to_owned().lines() {
            let exam_no = row.split(',').next().unwrap();
            let leaf = result.own_leaf(connection, exam_no)?.expect("the index names her");
            assert_eq!(leaf.exam_no, exam_no);
            leaves.insert(leaf.exam_no, (leaf.text, leaf.place));
        }
        assert_eq!(result.own_leaf(connection, "999999")?, None);
        assert_eq!(leaves.len(), result.count());
        Ok(leaves)
    })
}

/// Whoever has two parts opens the result of a run.
fn opened(site: &Site, offices: &Offices, run: &Value) -> BTreeMap<String, (String, usize)> {
    let parts = parts(site, offices, run, [0, 2]);
    let part = |name: &str| KeyPart::parse(parts[name].as_str().unwrap()).unwrap();
    let key = ResultKey::join(&part("one"), &part("other")).unwrap();
    let id = run["id"].as_str().unwrap().to_owned();
    let run = site.write(move |connection| Ok(runs::find(connection, SEASON, &id)?.unwrap()));
    leaves(site, &run, &key)
}

/// A run that waits, led by the test.
fn led(site: &Site, offices: &Offices) -> (RunRow, Share, Arc<Placed>) {
    let asked = site.post(&format!("{AT}/runs"), &offices.centre, &json!({"kind": "official"})).is(202);
    let id = asked.json()["id"].as_str().unwrap().to_owned();
    let worker = Worker::new(LEASE);
    let leader = worker.clone();
    let (run, lease, input) = site.write(move |connection| {
        let now_ms = clock::now_ms(connection)?;
        let lease =
            run_leases::take(connection, &id, &leader.name, now_ms, leader.until_ms(now_ms))?.unwrap();
        let season = seasons::find(connection, SEASON)?.unwrap();
        let input = run_input(connection, &season, "official")?;
        Ok((runs::find(connection, SEASON, &id)?.unwrap(), lease, input))
    });
    let placed = Arc::new(place_season(&input, None, &Quiet).ok().unwrap());
    (run, Share { app: site.app.clone(), worker, lease }, placed)
}

fn areas(site: &Site, share: &Share) -> Vec<run_areas::RunAreaRow> {
    let (run, attempt) = (share.lease.run.clone(), share.lease.attempt);
    site.write(move |connection| Ok(run_areas::list(connection, (&run, attempt))?))
}

/// An instance that helps in a thread of its own, whenever there is something to help with.
fn helper(site: &Site, over: &Arc<AtomicBool>, done: &Arc<AtomicUsize>) -> std::thread::JoinHandle<()> {
    let (app, over, done) = (site.app.clone(), over.clone(), done.clone());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let worker = Worker::new(LEASE);
        while !over.load(Ordering::Relaxed) {
            done.fetch_add(runtime.block_on(help_with_one(&app, &worker)).unwrap(), Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(5));
        }
    })
}

#[test]
fn other_instances_do_the_areas_and_one_that_died_is_replaced() {
    on_each_database(|site| {
        let offices = filled(site);
        frozen(site, &offices);
        let alone = placed(site, &offices);
        let expected = opened(site, &offices, &alone);
        let again = json!({"reason": "再算一次，结果应当相同"});
        site.post(&format!("{AT}/rejection"), &offices.centre, &again).is(200);

        // The test leads and does no area itself; of two helpers one has died with an area in its hands.
        let (run, share, placed) = led(site, &offices);
        let key = ResultKey::generate();
        assert!(site.wait(share.offer(&placed)).unwrap());
        let offered = areas(site, &share);
        assert!(offered.len() > 1, "areas to share: {offered:?}");
        let (id, attempt, count) = (run.id.clone(), share.lease.attempt, offered.len());
        // What somebody has in her hands nobody else takes, until her time is over; both of these die with theirs.
        let (dead, second) = site.write(move |connection| {
            let now_ms = clock::now_ms(connection)?;
            let mut take =
                |who: &str| run_areas::take(connection, (&id, attempt), who, now_ms, now_ms + 1500);
            let dead = take("dead")?;
            let second: Result<Vec<Taken>, _> = (0..count).map(|_| take("second")).collect();
            Ok((dead, second?))
        });
        let Taken::Area(dead_area) = dead else { panic!("{dead:?}") };
        assert_eq!(second.last(), Some(&Taken::Wait), "taken twice: {second:?}");
        let (over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let helpers = [helper(site, &over, &done), helper(site, &over, &done)];
        while areas(site, &share).iter().any(|area| area.hashes.is_empty()) {
            site.wait(share.give_key(&key)).unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
        let put_down = areas(site, &share);
        let strangers = ["dead", "second", &share.worker.name];
        assert!(put_down.iter().all(|area| !strangers.contains(&area.owner.as_str())), "{put_down:?}");
        // Who was believed dead comes back and is refused.
        let id = run.id.clone();
        let late = site.write(move |connection| {
            Ok(run_areas::put_down(connection, (&id, attempt), "dead", dead_area, "AAAA")?)
        });
        assert!(!late, "an area is put down once");

        let (hashes, of_others) = site.wait(share.hashes(&placed)).unwrap();
        assert_eq!(of_others as usize, placed.heads());
        let sheets = sealed_sheets(&placed, &run.id, &key);
        assert_eq!(alone["root"], sheets.root);
        let mut missing = hashes.clone();
        missing[dead_area as usize].pop();
        assert!(sealed_root(&placed, &run.id, &key, &missing).is_none(), "a leaf is missing");
        let sealed = sealed_root(&placed, &run.id, &key, &hashes).unwrap();
        assert!(site.wait(share.put_files([sheets.files, sealed.files].concat())).unwrap());
        let result = RunRow { root: sheets.root, leaves_root: sealed.leaves_root, ..run.clone() };
        assert_eq!(leaves(site, &result, &key), expected, "the same lines for everybody");

        // The lease goes to another instance: what the first one does is worth nothing, and its parts go away.
        let lease = share.lease.clone();
        site.write(move |connection| Ok(run_leases::renew(connection, &lease, 0)?));
        over.store(true, Ordering::Relaxed);
        helpers.into_iter().for_each(|helper| helper.join().unwrap());
        assert_eq!(done.load(Ordering::Relaxed), offered.len(), "each area once");
        site.work_on_runs();
        assert!(!site.wait(share.offer(&placed)).unwrap());
        let run = site.get(&format!("{AT}/runs/{}", run.id), &offices.centre).is(200).json();
        assert_eq!((&run["state"], &run["root"]), (&json!("done"), &alone["root"]));
        assert_eq!(opened(site, &offices, &run), expected);
        let id = run["id"].as_str().unwrap().to_owned();
        let left = site.write(move |connection| {
            let areas = [1, 2].map(|attempt| run_areas::list(connection, (&id, attempt)).unwrap());
            Ok((areas.concat(), key_requests::list_open(connection, (&id, 1))?))
        });
        assert_eq!(left, (Vec::new(), Vec::new()), "nothing of the sharing stays");
    });
}

#[test]
fn instances_that_share_a_run_come_to_what_one_comes_to() {
    on_each_database(|site| {
        let offices = filled(site);
        frozen(site, &offices);
        let alone = placed(site, &offices);
        let expected = opened(site, &offices, &alone);
        let (over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let helpers = [helper(site, &over, &done), helper(site, &over, &done)];
        // In so small a season who comes first is chance; whoever it is, the result is the same.
        let mut run = alone.clone();
        for _ in 0..8 {
            let again = json!({"reason": "再算一次，结果应当相同"});
            site.post(&format!("{AT}/rejection"), &offices.centre, &again).is(200);
            run = placed(site, &offices);
            assert_eq!(run["root"], alone["root"]);
            assert_eq!(opened(site, &offices, &run), expected);
        }
        over.store(true, Ordering::Relaxed);
        helpers.into_iter().for_each(|helper| helper.join().unwrap());
        eprintln!("{}: {} areas of 24 by other instances", site.kind, done.load(Ordering::Relaxed));
        // The gate computes everything anew.
        approved(site, &offices, &run);
        let parts = parts(site, &offices, &run, [0, 1]);
        site.move_clock(&offices.centre, site.season_now_ms() + 120_000);
        publish(site, &offices, &parts).is(201);
    });
}

#[test]
fn nobody_but_an_instance_of_this_installation_gets_the_key() {
    on_each_database(|site| {
        let offices = filled(site);
        frozen(site, &offices);
        let (run, share, _) = led(site, &offices);
        let key = ResultKey::generate();
        let instance = Share { worker: Worker::new(LEASE), ..share.clone() };
        let (secret, public) = holder_keys();
        site.wait(instance.ask_for_key(public)).unwrap();
        // Whoever can write to the database puts her own key there: instead of an instance's, beside it, with what an
        // instance said of another key, another name or another lease.
        let (id, name, attempt) = (run.id.clone(), instance.worker.name.clone(), share.lease.attempt);
        let (own_secret, own_public) = holder_keys();
        let forged = site.write(move |connection| {
            let honest = key_requests::find(connection, (&id, attempt), &name)?.unwrap();
            let of = |instance: &str| KeyRequestRow { instance: instance.to_owned(), ..honest.clone() };
            let forged = [
                KeyRequestRow { public_key: own_public.clone(), ..of("a") },
                KeyRequestRow { public_key: own_public.clone(), mac: "0".repeat(64), ..of("b") },
                KeyRequestRow { public_key: own_public.clone(), mac: String::new(), ..of("c") },
                of("d"),
            ];
            for helper in &forged {
                key_requests::ask(connection, helper)?;
            }
            Ok(forged)
        });
        site.wait(share.give_key(&key)).unwrap();
        let (id, name) = (run.id.clone(), instance.worker.name.clone());
        let answers = site.write(move |connection| {
            let mut answer = |instance: &str| {
                let found = key_requests::find(connection, (&id, attempt), instance)?;
                Ok::<_, ServiceError>(found.unwrap().result_key)
            };
            let given = answer(&name)?;
            let refused: Vec<String> =
                forged.iter().map(|helper| answer(&helper.instance)).collect::<Result<_, _>>()?;
            Ok((given, refused))
        });
        assert_eq!(ResultKey::unsealed(&answers.0, &secret).unwrap().expose(), key.expose());
        assert!(ResultKey::unsealed(&answers.0, &own_secret).is_err());
        assert!(!answers.0.contains(&key.expose()));
        assert_eq!(answers.1, [REFUSED; 4]);
        // What was said under this lease is nothing under the next.
        let (id, name) = (run.id.clone(), instance.worker.name.clone());
        let replayed = site.write(move |connection| {
            let mut honest = key_requests::find(connection, (&id, attempt), &name)?.unwrap();
            honest.attempt += 1;
            honest.result_key = String::new();
            key_requests::ask(connection, &honest)?;
            Ok(honest)
        });
        let mut later = share.clone();
        later.lease.attempt += 1;
        site.wait(later.give_key(&key)).unwrap();
        let answer = site.write(move |connection| {
            let found =
                key_requests::find(connection, (&replayed.run, replayed.attempt), &replayed.instance)?;
            Ok(found.unwrap().result_key)
        });
        assert_eq!(answer, REFUSED);
        // An instance that is refused does not wait for ever, and the run goes on without it.
        let lease = share.lease.clone();
        site.write(move |connection| Ok(run_leases::renew(connection, &lease, 0)?));
        let worker = Worker::new(LEASE);
        assert!(site.wait(work_on_one(&site.app, &worker)).unwrap());
        assert_eq!(site.wait(help_with_one(&site.app, &worker)).unwrap(), 0, "nothing is left to help with");
    });
}
