//! Notices leave by any number of relays, once each; what cannot be sent is tried again, then given up.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use diesel::prelude::*;
use serde_json::json;
use zhaosheng::domain::role::Role;
use zhaosheng::service::notices::relay_notices::relay_notices;
use zhaosheng::service::notices::sms_gateway::{FileGateway, Message, SmsGateway};
use zhaosheng::service::people::sealed_person::seal_guardian_phone;
use zhaosheng::storage::candidates;
use zhaosheng::storage::schema::outbox;

use crate::forms::{send, submission};
use crate::harness::{Person, SEASON, Site, noted, on_each_database};

const PHONE: &str = "13900001234";

/// Keeps what it is given; refuses everything while it is down.
#[derive(Default)]
struct Recording {
    sent: Mutex<Vec<Message>>,
    down: AtomicBool,
}

impl SmsGateway for Recording {
    fn send(&self, message: &Message, _: i64) -> Result<(), String> {
        if self.down.load(Ordering::Relaxed) {
            return Err("down".to_owned());
        }
        self.sent.lock().unwrap().push(message.clone());
        Ok(())
    }
}

/// Gives every guardian a phone, and makes so many versions of one form.
fn told(site: &Site, versions: i64) {
    let centre = site.with_city();
    site.open_filling(&centre);
    let fields = site.app.fields().clone();
    let key = site.app.audit_key().clone();
    site.write(move |connection| {
        let mut changes = Vec::new();
        for mut candidate in candidates::list(connection, SEASON)? {
            seal_guardian_phone(&fields, &mut candidate, PHONE);
            changes.push(candidates::set_guardian_phone(connection, &candidate)?);
        }
        noted(connection, &key, changes)
    });
    let caller = site.caller(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
    for version in 0..versions {
        let of = submission("260101", &["P01"]);
        site.wait(send(&site.app, &caller, &version.to_string(), of, version)).unwrap();
    }
}

fn states(site: &Site) -> BTreeMap<(String, String), usize> {
    let rows: Vec<(String, String)> = site.write(|connection| {
        Ok(outbox::table.select((outbox::recipient, outbox::state)).load(connection).unwrap())
    });
    rows.into_iter().fold(BTreeMap::new(), |mut all, row| {
        *all.entry(row).or_default() += 1;
        all
    })
}

#[test]
fn each_guardian_is_told_once_however_many_relays_run() {
    on_each_database(|site| {
        told(site, 30);
        let gateway = Arc::new(Recording::default());
        let relays = || relay_notices(&site.app, gateway.clone());
        for _ in 0..3 {
            let taken = site.wait(async { tokio::join!(relays(), relays(), relays()) });
            assert!(taken.0.is_ok() && taken.1.is_ok() && taken.2.is_ok(), "{taken:?}");
        }
        let sent = gateway.sent.lock().unwrap();
        assert_eq!(sent.len(), 30);
        // A word of its own: a receipt number may have these characters among its four.
        let names = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "P01");
        assert!(sent.iter().all(|message| message.phone == PHONE && !names(&message.text)));
        let word = |recipient: &str| (recipient.to_owned(), "sent".to_owned());
        assert_eq!(states(site), BTreeMap::from([(word("candidate"), 30), (word("guardian"), 30)]));
    });
}

#[test]
fn a_gateway_that_is_down_delays_notices_and_no_form() {
    on_each_database(|site| {
        told(site, 1);
        let gateway = Arc::new(Recording::default());
        gateway.down.store(true, Ordering::Relaxed);
        let due = || {
            site.write(|connection| {
                diesel::update(outbox::table).set(outbox::due_at_ms.eq(0)).execute(connection).unwrap();
                Ok(())
            });
        };
        assert_eq!(site.wait(relay_notices(&site.app, gateway.clone())), Ok(1));
        // Not due again at once.
        assert_eq!(site.wait(relay_notices(&site.app, gateway.clone())), Ok(0));
        for _ in 0..6 {
            due();
            assert_eq!(site.wait(relay_notices(&site.app, gateway.clone())), Ok(1));
        }
        let state = |word: &str| states(site).get(&("guardian".to_owned(), word.to_owned())).copied();
        assert_eq!(state("waiting"), Some(1));
        due();
        site.wait(relay_notices(&site.app, gateway.clone())).unwrap();
        assert_eq!(state("dead"), Some(1));
        due();
        gateway.down.store(false, Ordering::Relaxed);
        assert_eq!(site.wait(relay_notices(&site.app, gateway.clone())), Ok(0));
    });
}

#[test]
fn a_new_phone_is_told_to_the_old_one() {
    const NEW: &str = "13900005678";
    on_each_database(|site| {
        told(site, 0);
        let own = site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        let path = format!("/api/v1/seasons/{SEASON}/candidates/260101/guardian-phone");
        let to = |phone: &str| site.post(&path, &own, &json!({ "phone": phone })).is(204);
        to(PHONE);
        assert_eq!(states(site), BTreeMap::new(), "the same number is no change");
        to(NEW);
        let clear = site.write(|connection| {
            let phones: Vec<Option<String>> = outbox::table.select(outbox::phone).load(connection).unwrap();
            Ok(phones.into_iter().flatten().filter(|phone| phone.contains(PHONE)).count())
        });
        assert_eq!(clear, 0, "the old number waits sealed");
        let gateway = Arc::new(Recording::default());
        assert_eq!(site.wait(relay_notices(&site.app, gateway.clone())), Ok(2));
        let sent = gateway.sent.lock().unwrap();
        let mut phones: Vec<&str> = sent.iter().map(|message| message.phone.as_str()).collect();
        phones.sort_unstable();
        assert_eq!(phones, [PHONE, NEW]);
        let old = sent.iter().find(|message| message.phone == PHONE).unwrap();
        assert!(old.text.contains("本号码不再接收") && !old.text.contains(NEW), "{}", old.text);
        let notices = format!("/api/v1/seasons/{SEASON}/candidates/260101/notices");
        assert_eq!(site.get(&notices, &own).is(200).json()["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn a_file_takes_one_line_per_message() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = FileGateway { path: folder.path().join("sms.jsonl") };
    for id in ["1", "2"] {
        let message = Message { id: id.to_owned(), phone: PHONE.to_owned(), text: "x".to_owned() };
        gateway.send(&message, 0).unwrap();
    }
    let lines = std::fs::read_to_string(&gateway.path).unwrap();
    assert_eq!(lines.lines().next(), Some(r#"{"id":"1","phone":"13900001234","text":"x"}"#));
    assert_eq!(lines.lines().count(), 2);
}
