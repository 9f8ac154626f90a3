//! The record of acts: whatever a database superuser changes behind the service's back is found, and where.

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{Nullable, Text};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::json;
use sha2::{Digest, Sha256};
use zhaosheng::domain::hexadecimal::hex;
use zhaosheng::domain::role::Role;
use zhaosheng::service::audit::list_acts::list_acts;
use zhaosheng::service::audit::verify_audit::{What, verify, verify_audit};
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::secrets::result_key::holder_keys;
use zhaosheng::storage::audited_tables::NAMES;
use zhaosheng::storage::database::AnyConnection;
use zhaosheng::storage::desk_files::{self, DeskFileRow};
use zhaosheng::storage::enrolments::{self, EnrolmentRow};
use zhaosheng::storage::entry_rows::{self, EntryRowRow};
use zhaosheng::storage::error::StorageError;
use zhaosheng::storage::freezes::{self, FreezeRow};
use zhaosheng::storage::ledger_entries::{self, LedgerEntryRow};
use zhaosheng::storage::objections::{self, ObjectionRow};
use zhaosheng::storage::publications::{self, PublicationRow};
use zhaosheng::storage::quota_publications::{self, QuotaPublicationRow};
use zhaosheng::storage::runs::{self, RunRow};
use zhaosheng::storage::scores::{self, ScoreRow};

use crate::harness::{Person, SEASON, Site, noted, on_each_database, time};

/// Every audited table with the columns of its keys; the audit's own two come last.
const TABLES: [(&str, &[&str]); 31] = [
    ("accounts", &["id"]),
    ("areas", &["season", "area_code"]),
    ("candidates", &["season", "exam_no"]),
    ("confirmations", &["season", "stage", "exam_no", "batch", "version"]),
    ("desk_files", &["season", "desk", "subject", "file"]),
    ("drafts", &["season", "exam_no", "batch", "name"]),
    ("enrolments", &["season", "exam_no"]),
    ("entry_rows", &["season", "sheet", "code"]),
    ("form_versions", &["season", "stage", "exam_no", "batch", "version"]),
    ("freezes", &["season", "round"]),
    ("junior_schools", &["season", "school_code"]),
    ("key_holders", &["season", "number"]),
    ("ledger_entries", &["season", "number"]),
    ("objections", &["id"]),
    ("past_lines", &["season", "year", "programme_code", "seat", "junior_code"]),
    ("programmes", &["season", "programme_code"]),
    ("proposals", &["id"]),
    ("publications", &["season", "round"]),
    ("quota_overrides", &["season", "programme_code", "junior_code"]),
    ("quota_publications", &["season"]),
    ("runs", &["id"]),
    ("scores", &["season", "exam_no"]),
    ("seasons", &["code"]),
    ("second_factors", &["account"]),
    ("seed_parts", &["season", "source"]),
    ("senior_schools", &["season", "school_code"]),
    ("signatures", &["proposal", "account"]),
    ("system_tokens", &["session"]),
    ("windows", &["season", "stage", "batch", "area"]),
    ("audit_lines", &["chain", "number"]),
    ("audit_heads", &["chain"]),
];

#[derive(diesel::QueryableByName)]
struct Cell {
    #[diesel(sql_type = Nullable<Text>)]
    text: Option<String>,
}

fn cells(connection: &mut AnyConnection, sql: &str) -> Vec<String> {
    let rows: Vec<Cell> =
        diesel::sql_query(sql).load(connection).unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.into_iter().map(|row| row.text.unwrap_or_default()).collect()
}

fn columns(connection: &mut AnyConnection, table: &str) -> Vec<(String, bool)> {
    let sql = match connection {
        AnyConnection::Sqlite(_) => {
            format!("SELECT name || ' ' || type AS text FROM pragma_table_info('{table}')")
        }
        AnyConnection::Postgres(_) => format!(
            "SELECT column_name || ' ' || upper(data_type) AS text FROM information_schema.columns \
             WHERE table_name = '{table}' ORDER BY ordinal_position"
        ),
    };
    cells(connection, &sql)
        .into_iter()
        .filter(|column| !column.ends_with("BOOLEAN"))
        .map(|column| {
            let (name, kind) = column.split_once(' ').unwrap();
            (name.to_owned(), kind == "TEXT")
        })
        .collect()
}

/// Some acts of several roles, so that every chain kind has lines and every audited table rows.
fn busy_site(site: &Site) {
    let centre = site.with_city();
    site.open_filling(&centre);
    let season = format!("/api/v1/seasons/{SEASON}");
    let token = json!({"label": "省平台", "scopes": ["show_season"], "days": 30});
    site.post("/api/v1/system-tokens", &centre, &token).is(201);
    let closes_at = time(site.app.about_now_ms() + 40 * 3_600_000);
    let change = json!({"act": "extend_window", "stage": "official", "batch": "1", "area": "A01", "closes_at": closes_at});
    site.propose(&centre, &change).is(201);
    let source = json!({"source": "balls"});
    site.post(&format!("{season}/seed-sources"), &centre, &source).is(201);
    let holder = |name: &str| json!({"name": name, "recipient": holder_keys().1});
    let holders = json!({"holders": [holder("市招办"), holder("监督部门"), holder("公证处")]});
    site.send("PUT", &format!("{season}/key-holders"), &centre, &[], &holders).is(200);
    afterwards(site);
    let key = site.app.audit_key().clone();
    site.write(move |connection| {
        let row = |exam_no: &str| ScoreRow {
            season: SEASON.to_owned(),
            exam_no: exam_no.to_owned(),
            marks: json!({"chinese": "100"}).to_string(),
        };
        let mut changes = scores::add_all(connection, &["260101", "260102"].map(row))?;
        let zone = EntryRowRow {
            season: SEASON.to_owned(),
            sheet: "zones".to_owned(),
            code: "Z01".to_owned(),
            place: 1,
            cells: json!({"zone_code": "Z01"}).to_string(),
        };
        changes.extend(entry_rows::add_all(connection, &[zone])?);
        let arrivals = DeskFileRow {
            season: SEASON.to_owned(),
            desk: "register".to_owned(),
            subject: "entry".to_owned(),
            file: "arrivals.csv".to_owned(),
            content: "sealed".to_owned(),
            content_index: "0".repeat(32),
            row_count: 2,
        };
        changes.push(desk_files::put(connection, &arrivals)?);
        noted(connection, &key, changes)
    });
    let school = site.log_in(Role::JuniorHigh, Person { school: Some("J01"), ..Person::default() });
    for exam_no in ["260101", "260102"] {
        site.get(&format!("{season}/candidates/{exam_no}"), &school).is(200);
        let own = site.log_in(Role::Candidate, Person { exam_no: Some(exam_no), ..Person::default() });
        let form = format!("{season}/candidates/{exam_no}/forms/1");
        let list = json!({"choices": ["P01"]});
        site.send("PUT", &format!("{form}/drafts/a"), &own, &[("If-None-Match", "*")], &list).is(201);
        let first = [("If-Match", "\"0\""), ("Idempotency-Key", exam_no)];
        let sent = site.send("POST", &format!("{form}/versions"), &own, &first, &list).is(201).json();
        let signed = json!({"version": 1, "hash": sent["hash"]});
        site.post(&format!("{form}/confirmation"), &school, &signed).is(200);
    }
}

/// Rows of the tables that fill after the forms, on record as an operator's.
fn afterwards(site: &Site) {
    let key = site.app.audit_key().clone();
    let season = || SEASON.to_owned();
    let hash = || "0".repeat(64);
    let run = RunRow {
        id: "run".to_owned(),
        season: season(),
        round: 1,
        kind: "trial".to_owned(),
        ..RunRow::default()
    };
    let run = RunRow { state: "done".to_owned(), summary: "{}".to_owned(), ..run };
    let freeze = FreezeRow {
        season: season(),
        round: 1,
        list_hash: hash(),
        input_hash: hash(),
        candidates: 2,
        forms: 2,
        at_ms: 5,
    };
    let publication = PublicationRow {
        season: season(),
        round: 1,
        run: "run".to_owned(),
        root: hash(),
        leaves_root: hash(),
        result_key: "sealed".to_owned(),
        at_ms: 6,
    };
    let quota = QuotaPublicationRow {
        season: season(),
        quota_hash: hash(),
        cells: "cells".to_owned(),
        proof: "proof".to_owned(),
        page: "page".to_owned(),
        at_ms: 4,
    };
    let entry = LedgerEntryRow {
        season: season(),
        number: 1,
        kind: "override".to_owned(),
        exam_no: "260101".to_owned(),
        from_programme: "P01".to_owned(),
        to_programme: "P02".to_owned(),
        seat: String::new(),
        authority: "市教育局 2026-5".to_owned(),
        reason: "medical".to_owned(),
        content_hash: hash(),
        at_ms: 7,
    };
    let enrolment = EnrolmentRow {
        season: season(),
        exam_no: "260101".to_owned(),
        school_code: "S01".to_owned(),
        state: "enrolled".to_owned(),
        reported_by: "somebody".to_owned(),
        at_ms: 8,
    };
    let objection = ObjectionRow {
        id: "objection".to_owned(),
        season: season(),
        about: "quota".to_owned(),
        subject: "P01".to_owned(),
        junior: None,
        senior: Some("S01".to_owned()),
        area: Some("A01".to_owned()),
        filed_by: "somebody".to_owned(),
        text: "sealed".to_owned(),
        filed_at_ms: 3,
        answered_by: None,
        answer: None,
        answered_at_ms: None,
    };
    site.write(move |connection| {
        let changes = vec![
            runs::add(connection, &run)?,
            freezes::add(connection, &freeze)?,
            publications::add(connection, &publication)?,
            quota_publications::put(connection, &quota)?,
            ledger_entries::add(connection, &entry)?,
            enrolments::put(connection, &enrolment)?,
            objections::add(connection, &objection)?,
        ];
        noted(connection, &key, changes)
    });
}

/// The key as the audit names it: a draft's name is its owner's own words, so its digest stands there.
fn audited_key(table: &str, key: &str) -> String {
    match key.rsplit_once('/') {
        Some((front, name)) if table == "drafts" => format!("{front}/{}", hex(&Sha256::digest(name)[..8])),
        _ => key.to_owned(),
    }
}

/// One change behind the service's back: the statement, and the places at which it may be reported.
fn mutation(connection: &mut AnyConnection, chance: &mut ChaCha20Rng) -> (String, Vec<String>) {
    let mut below = |count: usize| (chance.next_u64() % count as u64) as usize;
    let (table, keys) = TABLES[below(TABLES.len())];
    let joined = keys.join(" || '/' || ");
    let rows = cells(connection, &format!("SELECT CAST({joined} AS TEXT) AS text FROM {table} ORDER BY 1"));
    let row = |at: usize| (rows[at].clone(), format!("{joined} = '{}'", rows[at]));
    let (key, here) = row(below(rows.len()));
    let columns = columns(connection, table);
    let (column, is_text) = &columns[below(columns.len())];
    let place = |key: &str| format!("{table} {}", audited_key(table, key));
    let changed = if *is_text { format!("{column} || 'x'") } else { format!("{column} + 1") };
    match below(4) {
        0 => (format!("DELETE FROM {table} WHERE {here}"), vec![place(&key)]),
        1 => {
            let (other_key, other) = row(below(rows.len()));
            let sql = format!(
                "CREATE TEMPORARY TABLE held AS SELECT {column} AS cell FROM {table} WHERE {here}; \
                 UPDATE {table} SET {column} = (SELECT {column} FROM {table} WHERE {other}) WHERE {here}; \
                 UPDATE {table} SET {column} = (SELECT cell FROM held) WHERE {other}; DROP TABLE held"
            );
            (sql, vec![place(&key), place(&other_key)])
        }
        2 => {
            // A copy of the row under another key.
            let last = keys[keys.len() - 1];
            let copied: Vec<String> = columns
                .iter()
                .map(|(name, is_text)| match (name == last, *is_text) {
                    (true, true) => format!("{name} || 'x'"),
                    (true, false) => format!("{name} + 1000"),
                    _ => name.clone(),
                })
                .collect();
            let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
            let sql = format!(
                "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {here}",
                names.join(", "),
                copied.join(", ")
            );
            let (front, number) = key
                .rsplit_once('/')
                .map_or(("", key.as_str()), |(_, number)| (&key[..key.len() - number.len()], number));
            let new = match columns.iter().find(|(name, _)| name == last) {
                Some((_, false)) => format!("{front}{}", number.parse::<i64>().unwrap() + 1000),
                _ => format!("{key}x"),
            };
            (sql, vec![place(&new)])
        }
        _ => (format!("UPDATE {table} SET {column} = {changed} WHERE {here}"), vec![place(&key)]),
    }
}

/// The whole content of the tables a mutation may touch, to leave out those that change nothing.
fn content(connection: &mut AnyConnection) -> String {
    let mut all = String::new();
    for (table, keys) in TABLES {
        let columns: Vec<String> = columns(connection, table)
            .into_iter()
            .map(|(name, _)| format!("COALESCE(CAST({name} AS TEXT), '~')"))
            .collect();
        let sql = format!(
            "SELECT {} AS text FROM {table} ORDER BY {}",
            columns.join(" || '|' || "),
            keys.join(", ")
        );
        all.push_str(&cells(connection, &sql).join("\n"));
    }
    all
}

#[test]
fn every_audited_table_is_tampered_with_in_these_tests() {
    let tampered: Vec<&str> = TABLES.iter().map(|(table, _)| *table).collect();
    assert_eq!(tampered[..TABLES.len() - 2], *NAMES);
}

#[test]
fn whatever_a_superuser_changes_is_found_where_it_was_changed() {
    on_each_database(|site| {
        busy_site(site);
        // `TAMPERINGS=10000 cargo test --test api superuser` for the whole of it.
        let rounds: i32 = std::env::var("TAMPERINGS").map_or(500, |rounds| rounds.parse().unwrap());
        let rounds = if site.kind == "sqlite" { rounds } else { rounds / 5 };
        let key = site.app.audit_key().clone();
        let found = site.write(move |connection| {
            for (table, _) in TABLES {
                assert!(!cells(connection, &format!("SELECT '' AS text FROM {table}")).is_empty(), "{table}");
            }
            let mut chance = ChaCha20Rng::seed_from_u64(26);
            let before = content(connection);
            let mut found = 0;
            for _ in 0..rounds {
                let (sql, places) = mutation(connection, &mut chance);
                connection.batch_execute("SAVEPOINT mutation").map_err(StorageError::from)?;
                // Constraints refuse some of them; those are no mutation.
                let done = connection.batch_execute(&sql).is_ok();
                if !done {
                    connection
                        .batch_execute("ROLLBACK TO mutation; RELEASE mutation")
                        .map_err(StorageError::from)?;
                    continue;
                }
                let verified = verify(connection, &key, &[])?;
                let located = verified.findings.iter().any(|finding| places.contains(&finding.place));
                // A swap of equal cells is no change; anything else must be found.
                let idle = !located && content(connection) == before;
                assert!(located || idle, "{sql}\nexpected at {places:?}, found {:?}", verified.findings);
                found += i32::from(located);
                connection
                    .batch_execute("ROLLBACK TO mutation; RELEASE mutation")
                    .map_err(StorageError::from)?;
            }
            assert_eq!(verify(connection, &key, &[])?.findings, []);
            Ok(found)
        });
        assert!(found > rounds / 2, "{found} of {rounds} mutations could be made");
        eprintln!("{}: {found} mutations, all located", site.kind);
    });
}

#[test]
fn a_chain_cut_at_its_end_or_rolled_back_is_found() {
    on_each_database(|site| {
        busy_site(site);
        let now = |site: &Site| {
            site.wait(verify_audit(site.app.database(), site.app.audit_key(), Vec::new())).unwrap()
        };
        let earlier = now(site);
        assert_eq!(earlier.findings, []);
        let key = site.app.audit_key().clone();
        let findings = site.write(move |connection| {
            // Cut off the last line, and say that the chain ended before it: without the key's mac.
            let cut = "DELETE FROM audit_lines WHERE chain = 0 AND number = (SELECT number FROM audit_heads WHERE chain = 0); \
                 UPDATE audit_heads SET number = number - 1, seal = (SELECT seal FROM audit_lines WHERE chain = 0 \
                 ORDER BY number DESC LIMIT 1) WHERE chain = 0";
            connection.batch_execute("SAVEPOINT cut").map_err(StorageError::from)?;
            connection.batch_execute(cut).map_err(StorageError::from)?;
            let without = verify(connection, &key, &[])?.findings;
            let with = verify(connection, &key, &earlier.checkpoints)?.findings;
            connection.batch_execute("ROLLBACK TO cut; RELEASE cut").map_err(StorageError::from)?;
            Ok::<_, ServiceError>((without, with))
        });
        assert!(findings.0.iter().any(|finding| finding.place == "audit_heads 0"), "{:?}", findings.0);
        assert!(findings.1.iter().any(|finding| finding.what == What::RolledBack), "{:?}", findings.1);
    });
}

#[test]
fn a_supervisor_reads_the_record_and_changes_nothing() {
    on_each_database(|site| {
        busy_site(site);
        let supervisor = site.log_in(Role::Supervisor, Person::default());
        let reader = site.caller(Role::Supervisor, Person::default());
        let lines = site.get("/api/v1/audit-lines?chain=0&limit=200", &supervisor).is(200).json();
        let acts: Vec<&str> =
            lines["items"].as_array().unwrap().iter().map(|line| line["act"].as_str().unwrap()).collect();
        for act in ["create_season", "set_window", "move_clock", "advance_season"] {
            assert!(acts.contains(&act), "{acts:?}");
        }
        // The page of acts tells the first of many changed rows, and that there are others.
        let acts = list_acts(&site.app, &reader, SEASON.to_owned(), String::new(), i64::MAX, 1_000);
        let acts = site.wait(acts).unwrap();
        assert!(acts.iter().any(|act| act.and_others) && acts.iter().any(|act| act.changes.len() == 1));
        for act in acts {
            let line =
                lines["items"].as_array().unwrap().iter().find(|line| line["number"] == act.line.number);
            let all: Vec<&str> = line.unwrap()["changes"].as_str().unwrap().lines().collect();
            assert_eq!(act.changes, all[..act.changes.len()], "line {}", act.line.number);
            assert_eq!(act.and_others, act.changes.len() < all.len(), "line {}", act.line.number);
        }
        let step = json!({"step": "freeze"});
        let path = format!("/api/v1/seasons/{SEASON}/steps");
        assert_eq!(
            site.send("POST", &path, &supervisor, &[("If-Match", "*")], &step).is(403).code(),
            "forbidden"
        );
        let school = site.log_in(Role::JuniorHigh, Person { school: Some("J01"), ..Person::default() });
        assert_eq!(site.get("/api/v1/audit-lines", &school).is(403).code(), "forbidden");
    });
}
