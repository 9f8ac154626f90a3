//! The deadline: several instances over one database, a clock that steps back, nothing on the wrong side.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use zhaosheng::domain::role::Role;
use zhaosheng::service::app::{App, Caller};
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::season::windows::close_all_past;
use zhaosheng::storage::change::Change;
use zhaosheng::storage::clock;
use zhaosheng::storage::database::AnyConnection;
use zhaosheng::storage::error::StorageError;
use zhaosheng::storage::form_versions::FormVersionRow;
use zhaosheng::storage::schema::{form_versions, seasons, windows};
use zhaosheng::storage::{seasons as seasons_rows, windows as windows_rows};

use crate::forms::{send, submission};
use crate::harness::{Chance, Person, SEASON, Site, noted, on_each_database, open_app};

/// Pupils of area A01.
const PUPILS: [&str; 8] = ["260101", "260102", "260103", "260104", "260105", "260106", "260107", "260108"];

/// The season's clock, as an onlooker reads it.
fn season_now_ms(connection: &mut AnyConnection) -> Result<i64, ServiceError> {
    let offset_ms: i64 =
        seasons::table.find(SEASON).select(seasons::clock_offset_ms).first(connection).unwrap();
    Ok(clock::now_ms(connection)? + offset_ms)
}

/// Steps the season's clock, past all rules.
fn step_clock(site: &Site, by_ms: i64) {
    let step = move |connection: &mut AnyConnection| {
        diesel::update(seasons::table.find(SEASON))
            .set(seasons::clock_offset_ms.eq(seasons::clock_offset_ms + by_ms))
            .execute(connection)
            .map_err(StorageError::from)?;
        Ok::<(), ServiceError>(())
    };
    // Four writers wait for one SQLite file: who waits too long asks again.
    while matches!(site.wait(site.app.database().write(step)), Err(ServiceError::Busy { .. })) {}
}

/// Ends the submissions of a round, also when it ends by a failure.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Puts what this test changed past all rules on the record.
fn settle(site: &Site) {
    let key = site.app.audit_key().clone();
    site.write(move |connection| {
        let season = seasons_rows::find(connection, SEASON)?.expect("with_city made it");
        let windows = windows_rows::list(connection, SEASON)?;
        let mut changes: Vec<Change> = windows.iter().map(Change::written).collect();
        changes.push(Change::written(&season));
        noted(connection, &key, changes)
    });
}

/// What one submission met, in the order of a clock that no step moves.
struct Seen {
    began: Instant,
    ended: Instant,
    /// The season's clock before it was sent.
    before_ms: i64,
    accepted: bool,
}

/// Submits without pause until well after the end.
async fn submits(
    app: App,
    caller: Caller,
    exam_no: &str,
    over: &AtomicBool,
    refusals: &AtomicUsize,
) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut version = 0;
    while !over.load(Ordering::Relaxed) {
        let Ok(before_ms) = app.database().read(season_now_ms).await else { continue };
        let began = Instant::now();
        let key = format!("{exam_no} {}", seen.len());
        let answer = send(&app, &caller, &key, submission(exam_no, &["P01"]), version).await;
        let ended = Instant::now();
        match answer {
            Ok(next) => version = next,
            Err(ServiceError::Conflict { code: "closed", .. }) => {
                refusals.fetch_add(1, Ordering::Relaxed);
            }
            // Two SQLite instances may wait for each other's file too long: neither side of the end.
            Err(ServiceError::Busy { .. }) => continue,
            Err(other) => panic!("{other:?}"),
        }
        seen.push(Seen { began, ended, before_ms, accepted: answer.is_ok() });
    }
    seen
}

#[test]
fn nothing_is_on_the_wrong_side_of_the_deadline_on_any_instance() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let instances: Vec<App> = (0..3).map(|_| open_app(&site.url, &site.master)).collect();
        let callers: Vec<(Caller, &str)> = PUPILS
            .iter()
            .map(|exam_no| {
                (
                    site.caller(Role::Candidate, Person { exam_no: Some(exam_no), ..Person::default() }),
                    *exam_no,
                )
            })
            .collect();
        let mut chance = Chance(20_260_624);
        let (mut accepted, mut refused) = (0, 0);
        for round in 0..4 {
            // A new end two seconds away; the season's clock will step back around it.
            let key = site.app.audit_key().clone();
            let closes_at_ms = site.write(move |connection| {
                let closes_at_ms = season_now_ms(connection)? + 2000;
                diesel::update(windows::table)
                    .set((windows::closes_at_ms.eq(closes_at_ms), windows::closed_at_ms.eq(None::<i64>)))
                    .execute(connection)
                    .unwrap();
                let gone: Vec<FormVersionRow> =
                    form_versions::table.select(FormVersionRow::as_select()).load(connection).unwrap();
                diesel::delete(form_versions::table).execute(connection).unwrap();
                noted(connection, &key, gone.iter().map(Change::deleted).collect())?;
                diesel::sql_query("DELETE FROM idempotency_keys").execute(connection).unwrap();
                Ok(closes_at_ms)
            });
            let stepping = round % 2 == 1;
            let (over, refusals) = (AtomicBool::new(false), AtomicUsize::new(0));
            let mut seen: Vec<Seen> = Vec::new();
            std::thread::scope(|scope| {
                let each: Vec<_> = callers
                    .iter()
                    .enumerate()
                    .map(|(at, (caller, exam_no))| {
                        let app = instances[(at + round) % instances.len()].clone();
                        let (over, refusals) = (&over, &refusals);
                        scope.spawn(move || {
                            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                            runtime.unwrap().block_on(submits(app, caller.clone(), exam_no, over, refusals))
                        })
                    })
                    .collect();
                let round_is_over = Over(&over);
                std::thread::sleep(Duration::from_millis(1700));
                for _ in 0..6 {
                    // In every other round the clock goes back and forth by up to half a second.
                    let by_ms = if stepping { chance.below(500) as i64 } else { 0 };
                    step_clock(site, -by_ms);
                    std::thread::sleep(Duration::from_millis(40 + chance.below(120) as u64));
                    step_clock(site, by_ms);
                    std::thread::sleep(Duration::from_millis(40 + chance.below(120) as u64));
                }
                // A machine with much else to do takes its time; every pupil is to be refused a few times.
                for _ in 0..600 {
                    std::thread::sleep(Duration::from_millis(50));
                    if refusals.load(Ordering::Relaxed) > 4 * PUPILS.len() {
                        break;
                    }
                }
                drop(round_is_over);
                seen.extend(each.into_iter().flat_map(|one| one.join().unwrap()));
            });
            let first_refusal = seen.iter().filter(|one| !one.accepted).map(|one| one.ended).min().unwrap();
            let late: Vec<&Seen> =
                seen.iter().filter(|one| one.accepted && one.began > first_refusal).collect();
            assert!(late.is_empty(), "{}: {} accepted after the first refusal", site.kind, late.len());
            // Sent when the clock had passed the end, by more than any step back: refused.
            let surely_ms = closes_at_ms + if stepping { 500 } else { 0 };
            let wrong = seen.iter().filter(|one| one.accepted && one.before_ms >= surely_ms).count();
            assert_eq!(wrong, 0, "{}: accepted after the end", site.kind);
            let (closed_at_ms, last_ms, kept) = site.write(move |connection| {
                let closed: Option<i64> = windows::table
                    .filter(windows::batch.eq("1").and(windows::area.eq("A01")))
                    .select(windows::closed_at_ms)
                    .first(connection)
                    .unwrap();
                let last: Option<i64> = form_versions::table
                    .select(diesel::dsl::max(form_versions::at_ms))
                    .first(connection)
                    .unwrap();
                let kept: i64 = form_versions::table.count().get_result(connection).unwrap();
                Ok((closed.unwrap(), last.unwrap(), kept))
            });
            // Nobody was refused before the clock had reached the end, and nothing was kept from after it.
            assert!(closed_at_ms >= closes_at_ms && last_ms < closes_at_ms, "{}", site.kind);
            let told = seen.iter().filter(|one| one.accepted).count();
            assert!(told as i64 <= kept, "every acknowledged version is there");
            accepted += told;
            refused += seen.len() - told;
        }
        settle(site);
        println!("{}: {accepted} accepted, {refused} refused", site.kind);
        assert!(accepted > 30 && refused > 100, "{accepted} {refused}");
    });
}

#[test]
fn the_timer_puts_the_end_on_record_though_nobody_was_refused() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        assert_eq!(site.wait(close_all_past(&site.app)), Ok(0));
        site.move_clock(&centre, site.app.about_now_ms() + 26 * 3_600_000);
        // Three lists in three areas.
        assert_eq!(site.wait(close_all_past(&site.app)), Ok(9));
        assert_eq!(site.wait(close_all_past(&site.app)), Ok(0));
        // The clock goes back; the end stays.
        site.move_clock(&centre, site.app.about_now_ms() + 2 * 3_600_000);
        let caller = site.caller(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        let late = site.wait(send(&site.app, &caller, "k", submission("260101", &["P01"]), 0));
        assert!(matches!(late, Err(ServiceError::Conflict { code: "closed", .. })), "{late:?}");
    });
}
