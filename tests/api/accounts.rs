//! Accounts: the first log-in, second factors, sessions that end at once, and attackers who know a lot.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};
use zhaosheng::domain::role::Role;
use zhaosheng::service::accounts::create_account::NewAccount;
use zhaosheng::service::accounts::operate_accounts;
use zhaosheng::service::app::{App, Caller, Database};
use zhaosheng::service::secrets::access_token::AccessTokens;
use zhaosheng::service::secrets::master_key::MasterKey;
use zhaosheng::service::secrets::password_pool::{Cost, PasswordPool, PoolSize};
use zhaosheng::storage::database::AnyConnection;
use zhaosheng::storage::error::StorageError;
use zhaosheng::storage::schema::{login_attempts, sessions};

use crate::harness::{Answer, Person, SEASON, Site, on_each_database, open_app, serve};

const PASSWORD: &str = "lantern-river-quiet-42";

fn log_in(site: &Site, login: &str, password: &str, more: &Value) -> Answer {
    let mut body = json!({"login": login, "password": password});
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    site.post("/api/v1/sessions", "", &body)
}

pub(crate) fn text(answer: &Answer, name: &str) -> String {
    answer.json()[name].as_str().unwrap_or_else(|| panic!("no {name}: {}", answer.text)).to_owned()
}

/// The app's code for an enrolment address, `late` steps of 30 s after now.
fn code(uri: &str, site: &Site, late: i64) -> String {
    let secret = uri.split("secret=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let secret = Secret::try_from_base32(&secret).unwrap();
    let app = Builder::new().with_secret(secret).build_noncompliant();
    app.generate((site.app.about_now_ms() / 1000 + 30 * late) as u64).to_string()
}

/// An office's account as it is after its first day; returns token and the app's address.
fn office(site: &Site, login: &str) -> (String, String) {
    let new = NewAccount {
        login: login.to_owned(),
        name: "市招生考试中心".to_owned(),
        role: "municipal_centre".to_owned(),
        school: None,
        area: None,
    };
    let initial = site.wait(operate_accounts::add(&site.app, new)).unwrap();
    let first = log_in(site, login, &initial, &json!({})).is(201);
    assert_eq!(first.json()["to_do"], json!(["change_password", "enrol_totp"]));
    let token = text(&first, "access_token");
    // Nothing else is open before.
    assert_eq!(site.get("/api/v1/seasons", &token).is(403).code(), "restricted");
    let changed = site.post("/api/v1/account/password", &token, &json!({"new_password": PASSWORD})).is(200);
    let token = text(&changed, "access_token");
    assert_eq!(site.get("/api/v1/seasons", &token).is(403).code(), "restricted");
    let uri = text(&site.post("/api/v1/account/totp", &token, &Value::Null).is(201), "uri");
    assert_eq!(
        site.post("/api/v1/account/totp/confirmation", &token, &json!({"code": "000000"})).is(422).code(),
        "invalid"
    );
    let right = json!({"code": code(&uri, site, 0)});
    site.post("/api/v1/account/totp/confirmation", &token, &right).is(204);
    site.get("/api/v1/seasons", &token).is(200);
    // The initial code is void now.
    assert_eq!(log_in(site, login, &initial, &json!({})).is(401).code(), "wrong_credentials");
    (token, uri)
}

#[test]
fn the_first_day_of_an_office_ends_with_a_password_and_an_app() {
    on_each_database(|site| {
        let (_, uri) = office(site, "centre");
        assert_eq!(log_in(site, "centre", PASSWORD, &json!({})).is(401).code(), "second_factor_required");
        let answer = json!({"answer": code(&uri, site, 1)});
        log_in(site, "centre", PASSWORD, &answer).is(201);
        // A code is good once.
        assert_eq!(log_in(site, "centre", PASSWORD, &answer).is(401).code(), "second_factor_required");
        assert_eq!(log_in(site, "centre", "wrong-password-1", &answer).is(401).code(), "wrong_credentials");
        assert_eq!(log_in(site, "nobody", PASSWORD, &answer).is(401).code(), "wrong_credentials");
    });
}

/// Codes of a school's pupils by exam number, as the school prints them.
pub(crate) fn slips(site: &Site, school: &str) -> Vec<(String, String)> {
    let path = format!("/api/v1/seasons/{SEASON}/junior-schools/J01/initial-codes");
    let printed = site.post(&path, school, &json!({"class": "九（1）班"})).is(201).json();
    let items = printed["items"].as_array().unwrap().iter();
    items
        .map(|slip| {
            (slip["exam_no"].as_str().unwrap().to_owned(), slip["initial_code"].as_str().unwrap().to_owned())
        })
        .collect()
}

pub(crate) fn school(site: &Site) -> String {
    site.log_in(Role::JuniorHigh, Person { school: Some("J01"), area: Some("A01"), ..Person::default() })
}

#[test]
fn a_candidate_comes_in_with_the_printed_code_and_leaves_it_behind() {
    on_each_database(|site| {
        site.with_city();
        let school = school(site);
        let first = slips(site, &school);
        let again = slips(site, &school);
        assert_eq!(first.len(), 7);
        let (exam_no, code) = &again[0];
        assert_ne!(&first[0].1, code, "a new code voids the old one");
        assert_eq!(log_in(site, exam_no, &first[0].1, &json!({})).is(401).code(), "wrong_credentials");
        let session = log_in(site, exam_no, code, &json!({})).is(201);
        let token = text(&session, "access_token");
        assert_eq!(session.json()["to_do"], json!(["change_password"]));
        let record = format!("/api/v1/seasons/{SEASON}/candidates/{exam_no}");
        assert_eq!(site.get(&record, &token).is(403).code(), "restricted");
        // Everything a classmate knows is refused, all reasons at once.
        let weak = json!({"new_password": format!("zhongkao{exam_no}")});
        let refused = site.post("/api/v1/account/password", &token, &weak).is(422).json();
        assert!(!refused["errors"].as_array().unwrap().is_empty());
        let changed =
            site.post("/api/v1/account/password", &token, &json!({"new_password": PASSWORD})).is(200);
        let own = text(&changed, "access_token");
        assert_eq!(site.get(&record, &own).is(200).json()["exam_no"], **exam_no);
        assert_eq!(
            site.get(&record, &token).is(401).code(),
            "unauthenticated",
            "the first session has ended"
        );
        assert_eq!(log_in(site, exam_no, code, &json!({})).is(401).code(), "wrong_credentials");
        // Who has a password keeps it when the class is printed again.
        assert_eq!(slips(site, &school).len(), 6);
        log_in(site, exam_no, PASSWORD, &json!({})).is(201);
        let html = site.send(
            "POST",
            &format!("/api/v1/seasons/{SEASON}/junior-schools/J01/initial-codes"),
            &school,
            &[("Accept", "text/html")],
            &json!({}),
        );
        assert!(html.is(201).text.contains("一次性登录码"));
        let elsewhere = format!("/api/v1/seasons/{SEASON}/junior-schools/J02/initial-codes");
        assert_eq!(site.post(&elsewhere, &school, &json!({})).is(404).code(), "not_found");
    });
}

/// A candidate with a chosen password and a grid card; returns her card's cells.
fn with_card(site: &Site, exam_no: &str) -> Value {
    let school = school(site);
    let code = slips(site, &school).into_iter().find(|slip| slip.0 == exam_no).unwrap().1;
    let token = text(&log_in(site, exam_no, &code, &json!({})).is(201), "access_token");
    site.post("/api/v1/account/password", &token, &json!({"new_password": PASSWORD})).is(200);
    let path = format!("/api/v1/seasons/{SEASON}/junior-schools/J01/grid-cards");
    let cards = site.post(&path, &school, &json!({})).is(201).json();
    let card = cards["items"].as_array().unwrap().iter().find(|card| card["exam_no"] == exam_no).unwrap();
    card["rows"].clone()
}

/// What the card says to a challenge such as `["A1","C7","H10"]`.
pub(crate) fn read_off(rows: &Value, cells: &Value) -> String {
    let cell = |name: &str| {
        let column = usize::from(name.as_bytes()[0] - b'A');
        let row: usize = name[1..].parse().unwrap();
        rows[row - 1][column].as_str().unwrap().to_owned()
    };
    cells.as_array().unwrap().iter().map(|name| cell(name.as_str().unwrap())).collect()
}

#[test]
fn a_grid_card_opens_once_per_challenge_and_only_after_the_password() {
    on_each_database(|site| {
        site.with_city();
        let card = with_card(site, "260101");
        let asked = log_in(site, "260101", PASSWORD, &json!({})).is(401);
        assert_eq!(asked.code(), "second_factor_required");
        let answer = json!({"answer": read_off(&card, &asked.json()["challenge"])});
        log_in(site, "260101", PASSWORD, &answer).is(201);
        let spent = log_in(site, "260101", PASSWORD, &answer).is(401);
        assert_eq!(spent.code(), "second_factor_required");
        assert_ne!(spent.json()["challenge"], asked.json()["challenge"], "never the same challenge again");
        assert_eq!(log_in(site, "260101", "wrong-password-1", &answer).is(401).code(), "wrong_credentials");
    });
}

#[test]
fn strangers_guesses_never_lock_the_owner_out() {
    on_each_database(|site| {
        site.with_city();
        let card = with_card(site, "260101");
        let asked = log_in(site, "260101", PASSWORD, &json!({})).is(401).json();
        let answer = json!({"answer": read_off(&card, &asked["challenge"])});
        let device = text(&log_in(site, "260101", PASSWORD, &answer).is(201), "device_token");
        let mut refused = 0;
        for guess in 0..40 {
            let answer = log_in(site, "260101", &format!("guess-number-{guess}"), &json!({}));
            refused += i32::from(answer.status == 429);
            assert!([401, 429].contains(&answer.status));
        }
        assert_eq!(refused, 35, "five guesses in fifteen minutes");
        let stopped = log_in(site, "260101", PASSWORD, &json!({})).is(429);
        assert!(stopped.header("retry-after").parse::<u64>().unwrap() > 0);
        // Her known device asks for the card as ever; and on any device her card opens at once.
        let known = log_in(site, "260101", PASSWORD, &json!({"device_token": device})).is(401);
        assert_eq!(known.code(), "second_factor_required");
        let next = site.post("/api/v1/sessions/challenge", "", &json!({"login": "260101"})).is(200).json();
        let answer = json!({"answer": read_off(&card, &next["cells"])});
        log_in(site, "260101", PASSWORD, &answer).is(201);
    });
}

#[test]
fn a_form_is_saved_while_sixty_log_ins_wait() {
    on_each_database(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let own = site.log_in(Role::Candidate, Person { exam_no: Some("260101"), ..Person::default() });
        // An instance with one thread for passwords, at the service's own price: sixty log-ins keep it busy for
        // seconds.
        let slow = PasswordPool::start(Cost::SERVICE, PoolSize { threads: 1, queue: 200 }).unwrap();
        let base = serve(App::open(Database::open(&site.url).unwrap(), &site.master, slow).unwrap());
        let host = base.trim_start_matches("http://");
        let logins: Vec<TcpStream> = (0..60)
            .map(|at| {
                let body = json!({"login": format!("nobody-{at}"), "password": PASSWORD}).to_string();
                let head = format!(
                    "POST /api/v1/sessions HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                let mut stream = TcpStream::connect(host).unwrap();
                stream.write_all(head.as_bytes()).unwrap();
                stream
            })
            .collect();
        // A guess is counted just before its hash is waited for.
        let counted = |connection: &mut AnyConnection| {
            Ok(login_attempts::table.count().get_result::<i64>(connection).unwrap())
        };
        while site.write(counted) < 60 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let form = format!("/api/v1/seasons/{SEASON}/candidates/260101/forms/1");
        let list = json!({"choices": ["P01"]});
        let new = [("If-None-Match", "*"), ("Idempotency-Key", "k")];
        site.send_to(&base, "PUT", &format!("{form}/drafts/a"), &own, &new, &list).is(201);
        site.send_to(&base, "POST", &format!("{form}/versions"), &own, &new, &list).is(201);
        let waits = |login: &&TcpStream| {
            login.set_nonblocking(true).unwrap();
            login.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
        };
        let waiting = logins.iter().filter(waits).count();
        println!("{}: {waiting} of 60 still wait", site.kind);
        assert!(waiting > 0, "the form came after every log-in");
        // They are answered in their turn; on a very busy machine some are given up after 30 s (408).
        let is_wrong = |mut login: &TcpStream| {
            login.set_nonblocking(false).unwrap();
            let mut status = [0; 12];
            login.read_exact(&mut status).unwrap();
            &status == b"HTTP/1.1 401"
        };
        assert!(logins.iter().any(is_wrong), "somebody is told that the password is wrong");
    });
}

#[test]
fn a_refresh_token_is_good_once_and_betrays_its_thief() {
    on_each_database(|site| {
        let (_, uri) = office(site, "centre");
        let session = log_in(site, "centre", PASSWORD, &json!({"answer": code(&uri, site, 1)})).is(201);
        let first = json!({"refresh_token": text(&session, "refresh_token")});
        let next = site.post("/api/v1/sessions/refresh", "", &first).is(200);
        let token = text(&next, "access_token");
        site.get("/api/v1/seasons", &token).is(200);
        assert_eq!(site.post("/api/v1/sessions/refresh", "", &first).is(401).code(), "unauthenticated");
        // The whole session has ended, for thief and owner.
        assert_eq!(site.get("/api/v1/seasons", &token).is(401).code(), "unauthenticated");
        let second = json!({"refresh_token": text(&next, "refresh_token")});
        assert_eq!(site.post("/api/v1/sessions/refresh", "", &second).is(401).code(), "unauthenticated");
    });
}

#[test]
fn a_session_ends_at_once_on_every_instance() {
    on_each_database(|site| {
        let centre = site.with_city();
        let other = site.log_in(Role::MunicipalCentre, Person::default());
        let listed = site.get("/api/v1/accounts?limit=200", &centre).is(200).json();
        let accounts = listed["items"].as_array().unwrap();
        let mut victim = accounts.iter().map(|account| account["id"].as_str().unwrap());
        let own = site.get("/api/v1/account", &centre).is(200).json()["id"].clone();
        let victim = victim.rfind(|id| own != **id).unwrap().to_owned();
        // Another instance over the same database ends it.
        let elsewhere = open_app(&site.url, &site.master);
        let login = accounts.iter().find(|account| account["id"] == *victim).unwrap()["login"]
            .as_str()
            .unwrap()
            .to_owned();
        site.get("/api/v1/seasons", &other).is(200);
        site.wait(operate_accounts::disable(&elsewhere, login, "离职".repeat(2))).unwrap();
        // No grace period: the very next request is refused.
        assert_eq!(site.get("/api/v1/seasons", &other).is(401).code(), "unauthenticated");
        // The owner's own end.
        let gone = site.send("DELETE", "/api/v1/sessions/current", &centre, &[], &Value::Null);
        gone.is(204);
        assert_eq!(site.get("/api/v1/seasons", &centre).is(401).code(), "unauthenticated");
    });
}

#[test]
fn a_page_acts_by_cookie_and_only_with_its_own_token() {
    on_each_database(|site| {
        let (_, uri) = office(site, "centre");
        let more = json!({"answer": code(&uri, site, 1), "cookie": true});
        let session = log_in(site, "centre", PASSWORD, &more).is(201);
        let csrf = text(&session, "csrf_token");
        assert!(session.json().get("access_token").is_none());
        let cookie = session.header("set-cookie").to_owned();
        for must in ["__Host-zhaosheng=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(must), "{cookie}");
        }
        let cookie = cookie.split(';').next().unwrap();
        let send = |method: &str, path: &str, headers: &[(&str, &str)]| {
            site.send(method, path, "", &[&[("Cookie", cookie)], headers].concat(), &Value::Null)
        };
        send("GET", "/api/v1/seasons", &[]).is(200);
        assert_eq!(send("DELETE", "/api/v1/sessions/current", &[]).is(403).code(), "cross_site");
        let other = "0".repeat(64);
        assert_eq!(
            send("DELETE", "/api/v1/sessions/current", &[("X-CSRF-Token", &other)]).is(403).code(),
            "cross_site"
        );
        send("DELETE", "/api/v1/sessions/current", &[("X-CSRF-Token", &csrf)]).is(204);
        assert_eq!(send("GET", "/api/v1/seasons", &[]).is(401).code(), "unauthenticated");
        let forged = format!("{}0", &cookie[..cookie.len() - 1]);
        assert_eq!(site.send("GET", "/api/v1/seasons", "", &[("Cookie", &forged)], &Value::Null).status, 401);
    });
}

#[test]
fn a_dangerous_act_opens_with_the_second_factor_and_closes_by_itself() {
    on_each_database(|site| {
        let (token, uri) = office(site, "centre");
        let new = json!({"login": "school-j01", "name": "初中", "role": "supervisor"});
        site.post("/api/v1/accounts", &token, &new).is(201);
        // Six minutes later.
        site.write(|connection| {
            diesel::update(sessions::table.filter(sessions::revoked_at_ms.is_null()))
                .set(sessions::stepped_up_at_ms.eq(0))
                .execute(connection)
                .map_err(StorageError::from)?;
            Ok(())
        });
        let other = json!({"login": "school-j02", "name": "初中", "role": "supervisor"});
        assert_eq!(site.post("/api/v1/accounts", &token, &other).is(403).code(), "step_up_required");
        assert_eq!(
            site.post("/api/v1/sessions/step-up", &token, &json!({"answer": "000000"})).is(401).code(),
            "second_factor_required"
        );
        site.post("/api/v1/sessions/step-up", &token, &json!({"answer": code(&uri, site, 1)})).is(204);
        site.post("/api/v1/accounts", &token, &other).is(201);
        assert_eq!(site.post("/api/v1/accounts", &token, &other).is(409).code(), "taken");
    });
}

#[test]
fn a_system_token_does_what_it_was_given_for_and_nothing_else() {
    on_each_database(|site| {
        let centre = site.with_city();
        let asked = json!({"label": "省平台", "scopes": ["show_season"], "days": 30});
        let made = site.post("/api/v1/system-tokens", &centre, &asked).is(201);
        let (token, account) = (text(&made, "token"), text(&made, "account"));
        let season = format!("/api/v1/seasons/{SEASON}");
        site.get(&season, &token).is(200);
        assert_eq!(site.get("/api/v1/seasons", &token).is(403).code(), "forbidden");
        let wrong = json!({"label": "", "scopes": ["advance_season"], "days": 9999});
        assert_eq!(
            site.post("/api/v1/system-tokens", &centre, &wrong).is(422).json()["errors"]
                .as_array()
                .unwrap()
                .len(),
            3
        );
        let why = json!({"reason": "合同到期"});
        site.post(&format!("/api/v1/accounts/{account}/disabling"), &centre, &why).is(204);
        assert_eq!(site.get(&season, &token).is(401).code(), "unauthenticated");
    });
}

#[test]
fn forged_tokens_are_refused_over_the_wire() {
    on_each_database(|site| {
        let token = site.centre();
        let parts: Vec<&str> = token.split('.').collect();
        let stranger = AccessTokens::new(&MasterKey::ephemeral());
        let access = Caller { account: "a".to_owned(), session: "s".to_owned() };
        let forged = [
            format!("{}.{}.", parts[0], parts[1]),
            format!("eyJhbGciOiJub25lIn0.{}.", parts[1]),
            format!("{}.{}.{}", parts[0], parts[1], "A".repeat(43)),
            stranger.issue(&access, site.app.about_now_ms()),
            site.app.tokens().issue(&access, site.app.about_now_ms() - 301_000),
            site.app.tokens().issue(&access, site.app.about_now_ms()),
            "zst_made-up".to_owned(),
            String::new(),
        ];
        for token in &forged {
            assert_eq!(site.get("/api/v1/seasons", token).is(401).code(), "unauthenticated", "{token}");
        }
        site.get("/api/v1/seasons", &token).is(200);
    });
}
