//! More requests than an instance has places for: refused at once, reads first, and all is well afterwards.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use zhaosheng::service::error::ServiceError;
use zhaosheng::storage::advisory_lock::{self, Kind};

use crate::forms::{form, pupil};
use crate::harness::{Answer, SEASON, on_each_database, serve_with};

const PUPIL: &str = "260101";

#[test]
fn without_a_place_reads_are_refused_first_and_saves_next() {
    on_each_database(|site| {
        let centre = site.with_city();
        let token = pupil(site, PUPIL);
        site.open_filling(&centre);
        let base = serve_with(site.app.clone(), 8);
        let read = || {
            let path = format!("/api/v1/seasons/{SEASON}/programmes");
            site.send_to(&base, "GET", &path, &token, &[], &Value::Null)
        };
        let save = |batch: &str, name: &str| {
            let path = format!("{}/drafts/{name}", form(PUPIL, batch));
            let body = json!({"choices": []});
            site.send_to(&base, "PUT", &path, &token, &[("If-None-Match", "*")], &body)
        };
        let refused = |answer: Answer| {
            let seconds: u64 = answer.header("retry-after").parse().unwrap();
            assert!((1..=5).contains(&seconds));
            assert_ne!(
                answer.header("connection"),
                "close",
                "to open another one costs more than the refusal"
            );
            assert_eq!(answer.is(503).code(), "overloaded");
        };
        read().is(200);
        // Everybody who saves a draft of these lists waits; on SQLite everybody who writes at all.
        let ((held, holds), (end, ended)) = (channel(), channel::<()>());
        let app = site.app.clone();
        let holder = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let hold = app.database().write(move |connection| {
                for batch in ["1", "2"] {
                    advisory_lock::take(
                        connection,
                        Kind::DraftsOfList,
                        &format!("{SEASON}/{PUPIL}/{batch}"),
                    )?;
                }
                held.send(()).unwrap();
                let _released = ended.recv_timeout(Duration::from_secs(60));
                Ok::<(), ServiceError>(())
            });
            runtime.block_on(hold).unwrap();
        });
        holds.recv().unwrap();
        thread::scope(|scope| {
            let save = &save;
            let four =
                |batch: &'static str| ["a", "b", "c", "d"].map(|name| scope.spawn(move || save(batch, name)));
            let first = four("1");
            let begun = Instant::now();
            while read().status != 503 {
                assert!(begun.elapsed() < Duration::from_secs(20), "reads are still let in");
                thread::sleep(Duration::from_millis(20));
            }
            refused(read());
            // Saves still find places, four of them.
            let second = four("2");
            thread::sleep(Duration::from_secs(2));
            refused(save("3", "x"));
            // Who asks whether it lives is answered, and a family is told on a page.
            site.send_to(&base, "GET", "/healthz", "", &[], &Value::Null).is(200);
            let page =
                site.send_to(&base, "GET", "/", "", &[("Accept-Language", "en")], &Value::Null).is(503);
            assert!(page.header("content-type").starts_with("text/html"));
            assert!(page.text.contains("Very many people are here now"), "{}", page.text);
            assert!(!page.header("retry-after").is_empty());
            end.send(()).unwrap();
            for saved in first.into_iter().chain(second) {
                saved.join().unwrap().is(201);
            }
        });
        holder.join().unwrap();
        read().is(200);
        assert_eq!(save("3", "y").status, 201);
    });
}
