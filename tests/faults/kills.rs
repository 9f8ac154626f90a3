//! `kill -9` under load, at random moments and at every crash point.
//!
//! `KILLS_SQLITE=500 KILLS_POSTGRES=200` for the full run.

use std::time::{Duration, Instant};

use crate::harness::{Chance, on_each_database};
use crate::ledger::{Ledger, stored, times};
use crate::service::Service;

/// Where the program may die in a submission.
const POINTS: [&str; 8] = [
    "after-parse",
    "before-insert",
    "after-insert",
    "before-line",
    "after-line",
    "before-commit",
    "after-commit",
    "before-answer",
];

#[test]
fn nothing_acknowledged_is_lost_or_doubled_by_kills() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let ledger = Ledger::of(site);
        let mut chance = Chance(7_001);
        let kills = match site.kind {
            "sqlite" => times("KILLS_SQLITE", 18),
            _ => times("KILLS_POSTGRES", 9),
        };
        let mut by_point = 0;
        for round in 0..kills {
            // Every other death is at a point of the code, the others by the clock. A planted bug may bring one more.
            let point = (round % 2 == 1).then(|| POINTS[round / 2 % POINTS.len()]);
            let points =
                point.map_or("before-late-key=20%return".to_owned(), |point| format!("{point}=2%return"));
            let mut service = Service::start(&site.url, &site.key_file(), &points);
            ledger.renew_tokens(site);
            let base = service.base.clone();
            ledger.under_load(&base, || {
                let began = Instant::now();
                let patience = match point {
                    Some(_) => Duration::from_secs(5),
                    None => Duration::from_millis(20 + chance.below(400) as u64),
                };
                while began.elapsed() < patience && service.ended().is_none() {
                    std::thread::sleep(Duration::from_millis(2));
                }
                by_point += usize::from(point.is_some() && service.ended().is_some());
                service.kill();
            });
            let faults = ledger.faults(&stored(site, site.app.database()));
            assert!(faults.is_empty(), "after kill {round} at {point:?}: {faults:#?}");
        }
        let service = Service::start(&site.url, &site.key_file(), "");
        ledger.renew_tokens(site);
        ledger.settle(&service.base);
        let rows = stored(site, site.app.database());
        let faults = ledger.faults(&rows);
        assert!(faults.is_empty(), "{faults:#?}");
        assert_eq!(rows.len(), ledger.acknowledged());
        assert!(by_point >= kills / 3, "{by_point} of {kills} deaths at a crash point");
        println!("{}: {kills} kills, {by_point} at crash points, {} acknowledged", site.kind, rows.len());
    });
}
