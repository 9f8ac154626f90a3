//! Take-over: whoever knows what stands on paper, and holds everybody else's secrets, gets into nobody's account.
//!
//! `TAKEOVERS=100000 cargo test --test api take_over` makes so many guesses; a quarter of an hour passes after every
//! few of them.

use diesel::prelude::*;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use zhaosheng::service::accounts::log_in::{Given, log_in};
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::secrets::throttle::WINDOW_MS;
use zhaosheng::storage::schema::login_attempts;

use crate::accounts::{read_off, school, slips, text};
use crate::harness::{Chance, SEASON, Site, case, on_each_database};

/// Guesses under way at once.
const AT_ONCE: usize = 16;

/// A pupil under attack.
struct Victim {
    exam_no: String,
    /// What a classmate reads on lists and forms, or knows.
    paper: Vec<String>,
    /// The printed code, as it was handed out.
    code: String,
    /// Chosen by those who have been here before; the others still have their code.
    password: Option<String>,
    card: Value,
    /// From her own phone.
    device: String,
    /// Answers that the card has given already.
    spent: String,
}

/// What a classmate knows of each pupil: number, name, identity number and its parts, school, guardian's phone.
fn paper(exam_no: &str) -> Vec<String> {
    let mut roster = csv::Reader::from_path(case("candidates.csv")).unwrap();
    let row = roster.records().map(Result::unwrap).find(|row| &row[0] == exam_no).unwrap();
    let (name, id, junior) = (&row[1], &row[3], &row[4]);
    [exam_no, &exam_no[2..], name, id, &id[12..], &id[6..14], &id[8..14], &id[10..14], junior, "13900001234"]
        .map(str::to_owned)
        .to_vec()
}

/// Six pupils of one school: of three the password was chosen and a card is asked for besides.
fn victims(site: &Site) -> Vec<Victim> {
    site.with_city();
    let school = school(site);
    let passwords = ["lantern-river-quiet", "seven-grey-herons-7", "雨后的山很安静 2026"];
    let codes: Vec<(String, String)> = slips(site, &school).into_iter().take(6).collect();
    let mut victims: Vec<Victim> = Vec::new();
    for (at, (exam_no, code)) in codes.into_iter().enumerate() {
        let password = passwords.get(at).map(|&password| password.to_owned());
        if let Some(password) = &password {
            let session = json!({"login": exam_no, "password": code});
            let token = text(&site.post("/api/v1/sessions", "", &session).is(201), "access_token");
            site.post("/api/v1/account/password", &token, &json!({"new_password": password})).is(200);
        }
        let paper = paper(&exam_no);
        let (card, device, spent) = (Value::Null, String::new(), String::new());
        victims.push(Victim { exam_no, paper, code, password, card, device, spent });
    }
    let path = format!("/api/v1/seasons/{SEASON}/junior-schools/J01/grid-cards");
    let cards = site.post(&path, &school, &json!({})).is(201).json();
    for victim in &mut victims {
        let mut cards = cards["items"].as_array().unwrap().iter();
        victim.card = cards.find(|card| card["exam_no"] == *victim.exam_no).unwrap()["rows"].clone();
        if victim.password.is_some() {
            victim.spent = answer(site, victim, &victim.card);
            victim.device = enter(site, victim, &victim.spent, "").unwrap();
        }
    }
    victims
}

/// What a card says to the next challenge of a pupil.
fn answer(site: &Site, victim: &Victim, card: &Value) -> String {
    let next = site.post("/api/v1/sessions/challenge", "", &json!({"login": victim.exam_no})).is(200);
    read_off(card, &next.json()["cells"])
}

/// The owner comes in: returns the token of her device.
fn enter(site: &Site, victim: &Victim, answer: &str, device: &str) -> Result<String, ServiceError> {
    let given = Given {
        login: victim.exam_no.clone(),
        password: victim.password.as_ref().unwrap_or(&victim.code).clone(),
        answer: Some(answer.to_owned()),
        device: Some(device.to_owned()),
    };
    site.wait(log_in(&site.app, given)).map(|session| session.device_token)
}

/// One guess at a pupil by somebody who knows everything of everybody but what she alone has: her password and
/// card, or her slip.
fn guess(chance: &mut Chance, site: &Site, victims: &[Victim], whom: usize) -> Given {
    let victim = &victims[whom];
    let other = &victims[(whom + 1 + chance.below(victims.len() - 1)) % victims.len()];
    // Her password was looked over a shoulder: then the card stands alone.
    let betrayed = victim.password.is_some() && chance.below(4) == 0;
    let password = match (betrayed, chance.below(5)) {
        (true, _) => victim.password.clone().unwrap_or_default(),
        (_, 0) => other.code.clone(),
        (_, 1) => other.password.clone().unwrap_or_else(|| victim.code.to_lowercase() + "2"),
        // Her code when it is void, or with signs changed.
        (_, 2) if victim.password.is_some() => victim.code.clone(),
        (_, 2) => {
            let mut signs: Vec<char> = victim.code.chars().collect();
            for _ in 0..=chance.below(3) {
                let at = chance.below(signs.len());
                signs[at] = if signs[at] == 'A' { 'B' } else { 'A' };
            }
            let changed: String = signs.into_iter().collect();
            if changed == victim.code { String::new() } else { changed }
        }
        _ => {
            let known =
                ["zhongkao", "2026", "12345678", "888888", "abc", "!", "@", "520", "woaini", "password"];
            let part = |chance: &mut Chance| match chance.below(2) {
                0 => victim.paper[chance.below(victim.paper.len())].clone(),
                _ => known[chance.below(known.len())].to_owned(),
            };
            (0..=chance.below(3)).map(|_| part(chance)).collect()
        }
    };
    let answer = match chance.below(4) {
        0 => None,
        1 => Some(victim.spent.clone()),
        // Asking is free, and a card of somebody else is at hand.
        2 if betrayed => Some(answer(site, victim, &other.card)),
        _ => Some(format!("{:09}", chance.below(1_000_000_000))),
    };
    let device = match chance.below(3) {
        0 => None,
        1 => Some(other.device.clone()),
        _ => Some(victim.device.chars().rev().collect()),
    };
    Given { login: victim.exam_no.clone(), password, answer, device }
}

#[test]
fn nobody_is_taken_over_and_no_owner_locked_out() {
    on_each_database(|site| {
        let guesses: usize = std::env::var("TAKEOVERS").map_or(600, |guesses| guesses.parse().unwrap());
        // PostgreSQL is asked over a socket: a quarter of the way there.
        let guesses = if site.kind == "postgres" { guesses / 4 } else { guesses };
        let victims = victims(site);
        let mut chance = Chance(32);
        let (mut wrong, mut card_asked, mut throttled) = (0, 0, 0);
        for round in 0..guesses.div_ceil(AT_ONCE) {
            let mut under_way = JoinSet::new();
            for at in 0..AT_ONCE {
                let given = guess(&mut chance, site, &victims, (round * AT_ONCE + at) % victims.len());
                let app = site.app.clone();
                site.wait(async {
                    under_way.spawn(async move { log_in(&app, given).await.map(|session| session.caller) });
                });
            }
            for ended in site.wait(under_way.join_all()) {
                match ended {
                    Err(ServiceError::WrongCredentials) => wrong += 1,
                    Err(ServiceError::SecondFactorRequired { .. }) => card_asked += 1,
                    Err(ServiceError::TooMany { retry_after_s }) => {
                        assert!(retry_after_s > 0);
                        throttled += 1;
                    }
                    other => panic!("{}: {other:?}", site.kind),
                }
            }
            if round % 2 == 1 {
                site.write(|connection| {
                    let earlier = login_attempts::at_ms.eq(login_attempts::at_ms - WINDOW_MS);
                    diesel::update(login_attempts::table).set(earlier).execute(connection).unwrap();
                    Ok(())
                });
            }
        }
        println!("{}: {wrong} wrong, {card_asked} without the card, {throttled} throttled", site.kind);
        assert!(wrong.min(card_asked).min(throttled) > 0, "every wall was tried");
        for victim in &victims {
            let answer = answer(site, victim, &victim.card);
            assert!(enter(site, victim, &answer, "").is_ok(), "{} is locked out", victim.exam_no);
        }
    });
}
