//! A backup is a backup: made while forms come in, brought back elsewhere, the same to the last row.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use zhaosheng::domain::role::Role;
use zhaosheng::service::app::{Database, migrate};
use zhaosheng::service::secrets::master_key::MasterKey;
use zhaosheng::storage::candidates::{self, CandidateRow};
use zhaosheng::storage::change::Change;
use zhaosheng::storage::database::AnyConnection;
use zhaosheng::storage::error::StorageError;
use zhaosheng::storage::form_versions::FormVersionRow;
use zhaosheng::storage::schema;

use crate::harness::{Person, SEASON, Site, fresh_postgres, noted, on_each_database, open_app, serve, time};
use crate::results::{filled, published};

/// Where Debian keeps PostgreSQL's programs beside the PATH.
const POSTGRES_PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

fn with_path(arguments: &[&str], path: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhaosheng")).args(arguments).env("PATH", path).output().unwrap()
}

fn zhaosheng(arguments: &[&str]) -> Output {
    with_path(arguments, &format!("{POSTGRES_PROGRAMS}:{}", std::env::var("PATH").unwrap()))
}

/// Whether a database of this site can be backed up here.
fn has_tools(site: &Site) -> bool {
    let there = site.kind == "sqlite"
        || Path::new(POSTGRES_PROGRAMS).join("pg_dump").exists()
        || Command::new("pg_dump").arg("--version").output().is_ok();
    if !there {
        eprintln!(
            "backups of PostgreSQL are left out: pg_dump is neither on the PATH nor in {POSTGRES_PROGRAMS}"
        );
    }
    there
}

/// The lines a command printed, wherever.
fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[track_caller]
fn ends(output: Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{}", told(&output));
    told(&output)
}

/// A folder for backups, and the commands over a site's database.
struct Drill<'s> {
    site: &'s Site,
    folder: tempfile::TempDir,
}

impl Drill<'_> {
    fn new(site: &Site) -> Drill<'_> {
        Drill { site, folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.file(name).display().to_string()
    }

    fn back_up(&self, name: &str, more: &[&str]) -> Output {
        let out = self.text(name);
        zhaosheng(&[&["backup", "--database", &self.site.url, "--out", &out], more].concat())
    }

    fn manifest(&self, name: &str) -> Value {
        let text = fs::read_to_string(self.file(&format!("{name}.manifest.json"))).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The URL of a database that is not there yet, or empty.
    fn target(&self, name: &str) -> String {
        match self.site.kind {
            "sqlite" => format!("sqlite://{}", self.text(name)),
            _ => fresh_postgres(&std::env::var("TEST_POSTGRES_URL").unwrap()),
        }
    }

    fn restore(&self, name: &str, target: &str) -> Output {
        let key = self.site.key_file().display().to_string();
        zhaosheng(&["restore", &self.text(name), "--database", target, "--key-file", &key])
    }

    fn compare(&self, name: &str, database: &str) -> Output {
        zhaosheng(&["restore", "--compare", &self.text(name), "--database", database])
    }
}

/// Changes a database behind the service's back.
fn tamper(url: &str, sql: &str) {
    let database = Database::open(url).unwrap();
    database.outside_transactions(|connection| Ok(connection.batch_execute(sql)?)).unwrap();
}

#[test]
fn a_backup_made_while_the_service_writes_comes_back_the_same() {
    on_each_database(|site| {
        if !has_tools(site) {
            return;
        }
        let centre = site.with_city();
        let drill = Drill::new(site);
        let (stop, written) = (AtomicBool::new(false), AtomicUsize::new(0));
        let during = std::thread::scope(|scope| {
            scope.spawn(|| {
                let policy = fs::read_to_string(crate::harness::case("season.toml")).unwrap();
                while !stop.load(Ordering::Relaxed) {
                    let code = format!("w{}", written.load(Ordering::Relaxed));
                    let body = json!({"code": code, "kind": "rehearsal", "policy": policy});
                    site.post("/api/v1/seasons", &centre, &body).is(201);
                    written.fetch_add(1, Ordering::Relaxed);
                }
            });
            while written.load(Ordering::Relaxed) == 0 {
                std::thread::yield_now();
            }
            let before = written.load(Ordering::Relaxed);
            let output = drill.back_up("one", &[]);
            let after = written.load(Ordering::Relaxed);
            stop.store(true, Ordering::Relaxed);
            ends(output, 0);
            before..=after
        });
        assert!(during.start() < during.end(), "nothing was written meanwhile");
        let seasons =
            drill.manifest("one")["content"]["tables"]["seasons"]["rows"].as_u64().unwrap() as usize - 1;
        assert!(during.contains(&seasons) || seasons == during.end() + 1, "{seasons} of {during:?}");
        assert_eq!(
            drill.manifest("one")["content"]["key_fingerprint"],
            Value::String(site.master.fingerprint())
        );
        let key = fs::read_to_string(site.key_file()).unwrap();
        let beside = fs::read_to_string(drill.file("one.manifest.json")).unwrap();
        assert!(!beside.contains(key.trim()));
        #[cfg(unix)]
        for name in ["one", "one.manifest.json"] {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(drill.file(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name} is its owner's alone");
        }
        assert!(!drill.file("one.part").exists());

        // Never over another backup, unless that is said.
        let first = fs::read(drill.file("one")).unwrap();
        assert!(ends(drill.back_up("one", &[]), 1).contains("--force"));
        assert_eq!(fs::read(drill.file("one")).unwrap(), first);
        let target = drill.target("back.db");
        assert!(ends(drill.restore("one", &target), 0).contains("0 tables differ"));
        ends(drill.compare("one", &target), 0);
        // The living database has gone on.
        site.post(
            "/api/v1/seasons",
            &centre,
            &json!({"code": "later", "kind": "rehearsal",
            "policy": fs::read_to_string(crate::harness::case("season.toml")).unwrap()}),
        )
        .is(201);
        let differ = ends(drill.compare("one", &site.url), 1);
        for table in ["audit_heads", "audit_lines", "seasons"] {
            assert!(differ.contains(&format!("table {table}: ")), "{differ}");
        }
        assert!(!differ.contains("table candidates"), "{differ}");
        ends(drill.back_up("one", &["--force"]), 0);
        ends(drill.compare("one", &site.url), 0);
        assert!(ends(drill.compare("one", &target), 1).contains("table seasons"));

        // The restored one is a service that knows its people.
        let base = serve(open_app(&target, &site.master));
        let at = format!("/api/v1/seasons/{SEASON}");
        assert_eq!(
            site.send_to(&base, "GET", &at, &centre, &[], &Value::Null).is(200).json()["code"],
            SEASON
        );
    });
}

#[test]
fn a_row_that_was_changed_in_the_restored_database_is_found_by_its_table() {
    on_each_database(|site| {
        if !has_tools(site) {
            return;
        }
        site.with_city();
        let drill = Drill::new(site);
        ends(drill.back_up("one", &[]), 0);
        let target = drill.target("back.db");
        ends(drill.restore("one", &target), 0);
        for (table, sql) in [
            (
                "candidates",
                "UPDATE candidates SET bonus = '5' WHERE exam_no = (SELECT MIN(exam_no) FROM candidates)",
            ),
            // Not audited, and yet part of what was backed up.
            ("sessions", "UPDATE sessions SET expires_at_ms = expires_at_ms + 1"),
            ("windows", "INSERT INTO windows VALUES ('2026', 'official', '1', 'A01', 1, 2, NULL)"),
            ("areas", "DELETE FROM areas WHERE area_code = 'A01' AND FALSE"),
        ] {
            let idle = sql.ends_with("FALSE");
            tamper(&target, sql);
            let found = ends(drill.compare("one", &target), 1);
            assert!(found.contains(&format!("table {table}: ")) != idle, "{table}: {found}");
        }
        tamper(&target, "CREATE TABLE extra (one TEXT)");
        assert!(ends(drill.compare("one", &target), 1).contains("table extra: is not in the backup"));
    });
}

#[test]
fn what_is_no_backup_for_this_place_is_refused_and_nothing_is_written() {
    on_each_database(|site| {
        if !has_tools(site) {
            return;
        }
        site.with_city();
        let drill = Drill::new(site);
        ends(drill.back_up("one", &[]), 0);
        let nothing_came = |target: &str| match target.strip_prefix("sqlite://") {
            Some(path) => assert!(!Path::new(path).exists(), "{path}"),
            None => assert_eq!(tables(target), 0),
        };
        // Any flipped bit.
        let good = fs::read(drill.file("one")).unwrap();
        let target = drill.target("back.db");
        for at in [0, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(drill.file("one"), &bad).unwrap();
            assert!(ends(drill.restore("one", &target), 1).contains("damaged"), "byte {at}");
            assert!(ends(drill.compare("one", &site.url), 1).contains("damaged"), "byte {at}");
        }
        fs::write(drill.file("one"), &good[..good.len() - 1]).unwrap();
        assert!(ends(drill.restore("one", &target), 1).contains("damaged"), "cut off");
        fs::write(drill.file("one"), &good).unwrap();
        // Another key; no key.
        let other = drill.text("other.key");
        MasterKey::open_or_create(Path::new(&other)).unwrap();
        let with_key =
            |key: &str| zhaosheng(&["restore", &drill.text("one"), "--database", &target, "--key-file", key]);
        assert!(ends(with_key(&other), 1).contains("belongs to the key file"));
        ends(with_key(&drill.text("no.key")), 3);
        assert!(!drill.file("no.key").exists(), "a restore makes no key");
        // No manifest, and one that is none.
        let manifest = drill.file("one.manifest.json");
        let text = fs::read_to_string(&manifest).unwrap();
        fs::remove_file(&manifest).unwrap();
        ends(drill.restore("one", &target), 3);
        for bad in ["{", "{}", &text.replace("backup/1", "backup/2")] {
            fs::write(&manifest, bad).unwrap();
            ends(drill.restore("one", &target), 2);
        }
        fs::write(&manifest, &text).unwrap();
        nothing_came(&target);
        // A database that holds something, even itself.
        assert!(ends(drill.restore("one", &site.url), 1).contains("empty database only"));
        migrate(&Database::open(&target).unwrap()).unwrap();
        assert!(ends(drill.restore("one", &target), 1).contains("empty database only"));
        // Another kind.
        let kind = if site.kind == "sqlite" { "postgres://127.0.0.1:9/x" } else { "sqlite:///no/where.db" };
        assert!(ends(drill.restore("one", kind), 1).contains("same kind"));
        // A journal of something else would be played into the restored file.
        if site.kind == "sqlite" {
            let stale = drill.target("stale.db");
            fs::write(drill.file("stale.db-wal"), b"frames").unwrap();
            assert!(ends(drill.restore("one", &stale), 1).contains("stale.db-wal"));
            nothing_came(&stale);
            // An empty file is an empty database.
            fs::write(drill.file("empty.db"), b"").unwrap();
            ends(drill.restore("one", &drill.target("empty.db")), 0);
            let missing = drill.target("missing.db");
            ends(zhaosheng(&["backup", "--database", &missing, "--out", &drill.text("no")]), 3);
            ends(drill.compare("one", &missing), 3);
            nothing_came(&missing);
        } else {
            let without = |arguments: &[&str]| with_path(arguments, "");
            let arguments = ["backup", "--database", &site.url, "--out", &drill.text("two")];
            assert!(ends(without(&arguments), 3).contains("postgresql-client"));
        }
    });
}

fn tables(url: &str) -> usize {
    let database = Database::open(url).unwrap();
    database.outside_transactions(zhaosheng::storage::table_contents::table_names).unwrap().len()
}

/// The doctor's lines: check -> (state, told).
fn examined(output: &Output) -> std::collections::BTreeMap<String, (String, String)> {
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let field = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (field(&line, "check"), (field(&line, "state"), field(&line, "told"))))
        .collect()
}

#[test]
fn the_doctor_names_what_a_fresh_site_lacks_and_lets_a_prepared_one_pass() {
    on_each_database(|site| {
        let drill = Drill::new(site);
        let folder = drill.folder.path().display().to_string();
        let key = site.key_file().display().to_string();
        let doctor = |season: &str, key: &str| {
            let at = ["--database", &site.url, "--key-file", key, "--backups", &folder, "--season", season];
            zhaosheng(&[&["--json", "doctor"], &at[..]].concat())
        };
        let failing = |output: &Output| -> Vec<String> {
            let all = examined(output);
            all.into_iter().filter(|(_, (state, _))| state == "fail").map(|(check, _)| check).collect()
        };
        let fresh = doctor(SEASON, &key);
        assert_eq!(failing(&fresh), ["backups", "season"], "no season is there");
        ends(fresh, 1);
        let offices = filled(site);
        let prepared = doctor(SEASON, &key);
        assert_eq!(failing(&prepared), ["backups", "junior_accounts"]);
        assert!(examined(&prepared)["junior_accounts"].1.contains("J01"));
        ends(prepared, 1);
        for school in schools(site) {
            site.log_in(Role::JuniorHigh, Person { school: Some(&school), ..Person::default() });
        }
        if !has_tools(site) {
            return;
        }
        ends(drill.back_up("night", &[]), 0);
        let whole = doctor(SEASON, &key);
        assert_eq!(failing(&whole), Vec::<String>::new());
        let all = examined(&whole);
        for check in [
            "clock",
            "durability",
            "migrations",
            "key_file",
            "backups",
            "bind",
            "policy",
            "quota",
            "second_person",
            "supervisor",
            "key_holders",
            "seed_sources",
            "windows",
            "junior_accounts",
        ] {
            assert_eq!(all[check].0, "ok", "{check}: {}", all[check].1);
        }
        ends(whole, 0);

        // A season that has nothing but its policy.
        let policy = fs::read_to_string(crate::harness::case("season.toml")).unwrap();
        let policy = policy.replace("publish = [", "pulbish = [");
        let bare = json!({"code": "bare", "kind": "official", "policy": policy});
        site.post("/api/v1/seasons", &offices.centre, &bare).is(201);
        let bare = doctor("bare", &key);
        assert_eq!(failing(&bare), ["junior_accounts", "key_holders", "policy", "seed_sources", "windows"]);
        assert_eq!(examined(&bare)["quota"].0, "warn");
        assert!(examined(&bare)["policy"].1.contains("pulbish"));
        assert_eq!(failing(&doctor("none", &key)), ["season"]);

        // The key is another's, or everybody's.
        let other = drill.text("other.key");
        MasterKey::open_or_create(Path::new(&other)).unwrap();
        assert_eq!(failing(&doctor(SEASON, &other)), ["key_file"]);
        assert_eq!(failing(&doctor(SEASON, &drill.text("no.key"))), ["key_file"]);
        assert!(!drill.file("no.key").exists(), "a doctor makes no key");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |mode| fs::set_permissions(site.key_file(), fs::Permissions::from_mode(mode)).unwrap();
            mode(0o644);
            assert_eq!(failing(&doctor(SEASON, &key)), ["key_file"]);
            mode(0o600);
        }
        // The backup is of the day before yesterday; or its file is cut off.
        let manifest = drill.file("night.manifest.json");
        let text = fs::read_to_string(&manifest).unwrap();
        let made_at = drill.manifest("night")["made_at"].as_str().unwrap().to_owned();
        let old = time(site.app.about_now_ms() - 25 * 3_600_000);
        fs::write(&manifest, text.replace(&made_at, &old)).unwrap();
        assert_eq!(failing(&doctor(SEASON, &key)), ["backups"]);
        fs::write(&manifest, &text).unwrap();
        assert_eq!(failing(&doctor(SEASON, &key)), Vec::<String>::new());
        fs::OpenOptions::new().append(true).open(drill.file("night")).unwrap().write_all(b"x").unwrap();
        assert_eq!(failing(&doctor(SEASON, &key)), ["backups"]);
        // A supervisor who is gone; a centre of one.
        tamper(&site.url, "UPDATE accounts SET disabled = TRUE WHERE role = 'supervisor'");
        assert!(failing(&doctor(SEASON, &key)).contains(&"supervisor".to_owned()));
        tamper(&site.url, "UPDATE accounts SET disabled = FALSE WHERE role = 'supervisor'");
        let names = "UPDATE accounts SET name = '王一' WHERE role = 'municipal_centre'";
        tamper(&site.url, names);
        assert!(failing(&doctor(SEASON, &key)).contains(&"second_person".to_owned()), "all have one name");
        tamper(&site.url, "UPDATE accounts SET name = '' WHERE role = 'municipal_centre'");
    });
    // No database at all: that is told, and none is made.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.db");
    let output =
        zhaosheng(&["doctor", "--database", &format!("sqlite://{}", file.display()), "--bind", "0.0.0.0:80"]);
    let text = ends(output, 1);
    assert!(text.contains("fail  database"), "{text}");
    assert!(text.contains("warn  bind"), "{text}");
    assert!(!file.exists());
    let unreachable = zhaosheng(&["doctor", "--database", "postgres://127.0.0.1:9/x", "--bind", "nowhere"]);
    let text = ends(unreachable, 1);
    assert!(text.contains("fail  database") && text.contains("fail  bind"), "{text}");
}

/// The junior highs of the season.
fn schools(site: &Site) -> Vec<String> {
    site.write(|connection| {
        let rows = zhaosheng::storage::junior_schools::list(connection, SEASON)?;
        Ok(rows.into_iter().map(|row| row.school_code).collect())
    })
}

/// Candidates of the drill: `DRILL=100000 cargo test --release --test api comes_back` for that of promises.md 5.
fn crowd_size() -> usize {
    std::env::var("DRILL").map_or(5_000, |size| size.parse().unwrap())
}

#[test]
fn a_published_season_of_a_whole_city_comes_back_the_same() {
    on_each_database(|site| {
        if !has_tools(site) {
            return;
        }
        let (offices, _) = published(site);
        let began = Instant::now();
        crowd(site);
        let drill = Drill::new(site);
        let crowded = began.elapsed();
        ends(drill.back_up("city", &[]), 0);
        let backed_up = began.elapsed();
        let target = drill.target("back.db");
        let restored = ends(drill.restore("city", &target), 0);
        assert!(restored.contains("0 tables differ"), "{restored}");
        let tables = &drill.manifest("city")["content"]["tables"];
        for table in ["candidates", "form_versions"] {
            assert!(tables[table]["rows"].as_u64().unwrap() > crowd_size() as u64, "{table}");
        }
        let took = began.elapsed();
        eprintln!(
            "{}: {} candidates written in {crowded:.1?}, backed up in {:.1?} ({} MiB), restored and \
             compared in {:.1?}",
            site.kind,
            crowd_size(),
            backed_up - crowded,
            drill.manifest("city")["bytes"].as_u64().unwrap() >> 20,
            took - backed_up,
        );
        // What was published is served from the restored one, with every hash it must confirm.
        let own = first_result(site, &site.base, &offices.centre);
        let base = serve(open_app(&target, &site.master));
        assert_eq!(first_result(site, &base, &offices.centre), own);
    });
}

/// What the office sees of the first candidate's result.
fn first_result(site: &Site, base: &str, centre: &str) -> Value {
    let at = format!("/api/v1/seasons/{SEASON}/candidates?limit=1");
    let page = site.send_to(base, "GET", &at, centre, &[], &Value::Null).is(200).json();
    let exam_no = page["items"][0]["exam_no"].as_str().unwrap().to_owned();
    let at = format!("/api/v1/seasons/{SEASON}/candidates/{exam_no}/result");
    site.send_to(base, "GET", &at, centre, &[], &Value::Null).is(200).json()
}

/// Adds candidates, each with a filed form, in one transaction and on the record.
fn crowd(site: &Site) {
    let key = site.app.audit_key().clone();
    site.write(move |connection| {
        let people: Vec<CandidateRow> = (0..crowd_size())
            .map(|at| CandidateRow {
                season: SEASON.to_owned(),
                exam_no: format!("99{at:06}"),
                name: ["张三", "𬱖𠮷", "阿依古丽·买买提", "欧阳若兰"][at % 4].to_owned(),
                sex: if at % 2 == 0 { "男" } else { "女" }.to_owned(),
                junior_code: "J01".to_owned(),
                area_code: "A01".to_owned(),
                ..CandidateRow::default()
            })
            .collect();
        let forms: Vec<FormVersionRow> = people
            .iter()
            .enumerate()
            .map(|(at, person)| FormVersionRow {
                season: SEASON.to_owned(),
                stage: "official".to_owned(),
                exam_no: person.exam_no.clone(),
                batch: "1".to_owned(),
                version: 1,
                at_ms: at as i64,
                choices: format!(r#"["P{}","P{}","P{}"]"#, at % 7, at % 11, at % 13),
                previous: "0".repeat(64),
                hash: format!("{at:064x}"),
                receipt: format!("R{at}"),
            })
            .collect();
        let mut changes = candidates::add_all(connection, &people)?;
        let table = schema::form_versions::table;
        match connection {
            AnyConnection::Postgres(postgres) => {
                for forms in forms.chunks(3_000) {
                    diesel::insert_into(table).values(forms).execute(postgres).map_err(StorageError::from)?;
                }
            }
            // Several such rows at once diesel would put into a transaction of its own.
            AnyConnection::Sqlite(sqlite) => {
                for form in &forms {
                    diesel::insert_into(table).values(form).execute(sqlite).map_err(StorageError::from)?;
                }
            }
        }
        changes.extend(forms.iter().map(Change::written));
        noted(connection, &key, changes)
    });
}
