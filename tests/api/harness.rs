//! A site of its own for every test: a fresh database, a server on a free port, people to act as.
//!
//! SQLite always; PostgreSQL when `TEST_POSTGRES_URL` names a server where databases may be made
//! (`tests/run` starts one).

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use serde_json::{Value, json};
use zhaosheng::domain::role::Role;
use zhaosheng::faults::crash_point::arm;
use zhaosheng::service::accounts::check_second_factor::sealed;
use zhaosheng::service::app::{App, Caller, migrate};
use zhaosheng::service::audit::verify_audit::verify_audit;
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::runs::work_runs::{Worker, work_on_one};
use zhaosheng::service::secrets::master_key::MasterKey;
use zhaosheng::service::secrets::password_pool::{Cost, PasswordPool, PoolSize};
use zhaosheng::storage::accounts::{self, AccountRow};
use zhaosheng::storage::areas::{self, AreaRow};
use zhaosheng::storage::audit_lines::{self, AuditKey, Entry};
use zhaosheng::storage::candidates::{self, CandidateRow};
use zhaosheng::storage::change::Change;
use zhaosheng::storage::clock;
use zhaosheng::storage::database::{AnyConnection, Database};
use zhaosheng::storage::error::StorageError;
use zhaosheng::storage::junior_schools::{self, JuniorSchoolRow};
use zhaosheng::storage::past_lines::{self, PastLineRow};
use zhaosheng::storage::programmes::{self, ProgrammeRow};
use zhaosheng::storage::quota_overrides::{self, QuotaOverrideRow};
use zhaosheng::storage::schema;
use zhaosheng::storage::second_factors::{self, SecondFactorRow};
use zhaosheng::storage::senior_schools::{self, SeniorSchoolRow};
use zhaosheng::storage::sessions::{self, SessionRow};
use zhaosheng::web::server::{self, Listen};
use zhaosheng::web::under_way::USUAL_PLACES;

/// The season that [`Site::with_city`] makes.
pub(crate) const SEASON: &str = "2026";
const KEY_FILE: &str = "site.key";

/// A running service with its own database.
pub(crate) struct Site {
    pub(crate) app: App,
    pub(crate) base: String,
    /// `sqlite` or `postgres`.
    pub(crate) kind: &'static str,
    pub(crate) url: String,
    /// More instances over the same database can be opened with it.
    pub(crate) master: MasterKey,
    client: ureq::Agent,
    runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The problem's code.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        self.json()["code"].as_str().unwrap().to_owned()
    }

    /// Fails with the whole answer unless the status is this one.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

/// Runs a test on a fresh site over each database there is, and checks the record at its end.
pub(crate) fn on_each_database(test: impl Fn(&Site)) {
    on_sqlite(&test);
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(server) => on_postgres(fresh_postgres(&server), test),
        Err(_) => {
            static SAID: Once = Once::new();
            SAID.call_once(|| {
                eprintln!("PostgreSQL is left out: TEST_POSTGRES_URL is not set (tests/run sets it)")
            });
        }
    }
}

/// Runs a test on a fresh site over SQLite, and checks the record at its end.
pub(crate) fn on_sqlite(test: impl Fn(&Site)) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("site.db").display());
    let site = Site::start("sqlite", url, folder);
    test(&site);
    site.is_on_record();
}

/// As [`on_sqlite`], over an empty PostgreSQL database.
pub(crate) fn on_postgres(url: String, test: impl Fn(&Site)) {
    let site = Site::start("postgres", url, tempfile::tempdir().unwrap());
    test(&site);
    site.is_on_record();
}

/// A new database on a server, by its URL without a database name.
pub(crate) fn fresh_postgres(server: &str) -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{number}", std::process::id());
    let administration = Database::open(&format!("{server}/postgres")).unwrap();
    administration
        .outside_transactions(|connection| {
            Ok(connection.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0"))?)
        })
        .unwrap();
    format!("{server}/{name}")
}

/// An instance of the service over a database, without a server.
pub(crate) fn open_app(url: &str, master: &MasterKey) -> App {
    let passwords = PasswordPool::start(Cost::TESTS, PoolSize { threads: 1, queue: 200 }).unwrap();
    App::open(Database::open(url).unwrap(), master, passwords).unwrap()
}

/// Serves an instance on a free port and returns its address. The server's thread ends with the test's process.
pub(crate) fn serve(app: App) -> String {
    serve_with(app, USUAL_PLACES)
}

/// As [`serve`], with so many places for requests under way.
pub(crate) fn serve_with(app: App, places: usize) -> String {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", socket.local_addr().unwrap());
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let listen = Listen {
                service: socket,
                metrics: None,
                workers: 2,
                rate: None,
                places,
                demonstration: None,
            };
            for one in server::start(app, listen).unwrap() {
                one.await.unwrap();
            }
        });
    });
    base
}

/// Who somebody is to be.
#[derive(Default)]
pub(crate) struct Person<'p> {
    pub(crate) exam_no: Option<&'p str>,
    pub(crate) school: Option<&'p str>,
    pub(crate) area: Option<&'p str>,
}

impl Site {
    /// Starts a service over a database of this URL, with a key file in the folder.
    fn start(kind: &'static str, url: String, folder: tempfile::TempDir) -> Site {
        arm();
        let master = MasterKey::open_or_create(&folder.path().join(KEY_FILE)).unwrap();
        migrate(&Database::open(&url).unwrap()).unwrap();
        let app = open_app(&url, &master);
        let base = serve(app.clone());
        let client = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Site { app, base, kind, url, master, client, runtime, folder }
    }

    /// Fails unless every row the test left behind is what the audit says: no act may forget its line.
    #[track_caller]
    pub(crate) fn is_on_record(&self) {
        let verified =
            self.wait(verify_audit(self.app.database(), self.app.audit_key(), Vec::new())).unwrap();
        let some: Vec<String> = verified.findings.iter().take(5).map(ToString::to_string).collect();
        assert!(some.is_empty(), "on {}: {} findings, {some:?}", self.kind, verified.findings.len());
    }

    /// The key file, for commands of the program.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.path().join(KEY_FILE)
    }

    /// The SQLite file, where there is one.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.url.strip_prefix("sqlite://").map(PathBuf::from)
    }

    /// Waits for something asynchronous.
    pub(crate) fn wait<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }

    /// Writes to the database past all rules: for making a situation, never for checking one.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, ServiceError> + Send + 'static,
    ) -> T {
        self.wait(self.app.database().write(work)).unwrap()
    }

    /// A request; `body` is sent as JSON unless it is null.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        self.send_to(&self.base, method, path, token, headers, body)
    }

    /// As [`Site::send`], to another instance.
    pub(crate) fn send_to(
        &self,
        base: &str,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{base}{path}"));
        if !token.is_empty() {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = if body.is_null() {
            self.client.run(request.body(()).unwrap())
        } else {
            request = request.header("Content-Type", "application/json");
            self.client.run(request.body(body.to_string()).unwrap())
        };
        let mut answer = answer.expect("the server answers");
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.body_mut().with_config().limit(1 << 30).read_to_string().unwrap(),
        }
    }

    /// Uploads a file as it is.
    pub(crate) fn upload(&self, path: &str, token: &str, file: &[u8]) -> Answer {
        self.send_file("POST", path, token, file)
    }

    /// Puts a file as it is.
    pub(crate) fn put_file(&self, path: &str, token: &str, file: &[u8]) -> Answer {
        self.send_file("PUT", path, token, file)
    }

    fn send_file(&self, method: &str, path: &str, token: &str, file: &[u8]) -> Answer {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("Authorization", format!("Bearer {token}"))
            .header("Accept-Language", "en")
            .header("Content-Type", "application/octet-stream");
        let mut answer = self.client.run(request.body(file).unwrap()).expect("the server answers");
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.body_mut().with_config().limit(1 << 30).read_to_string().unwrap(),
        }
    }

    /// Downloads a file as it is; fails unless there is one.
    pub(crate) fn download(&self, path: &str, token: &str) -> Vec<u8> {
        self.download_with_headers(path, token).1
    }

    /// As [`Site::download`], with the answer's headers.
    pub(crate) fn download_with_headers(&self, path: &str, token: &str) -> (ureq::http::HeaderMap, Vec<u8>) {
        let request = ureq::http::Request::builder()
            .uri(format!("{}{path}", self.base))
            .header("Authorization", format!("Bearer {token}"));
        let mut answer = self.client.run(request.body(()).unwrap()).expect("the server answers");
        let bytes = answer.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{}", String::from_utf8_lossy(&bytes));
        (answer.headers().clone(), bytes)
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, token, &[], &Value::Null)
    }

    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.send("POST", path, token, &[], body)
    }

    /// An account with a session whose second factor was just shown; returns its access token.
    pub(crate) fn log_in(&self, role: Role, person: Person<'_>) -> String {
        let caller = self.caller(role, person);
        self.app.tokens().issue(&caller, self.app.about_now_ms())
    }

    /// As [`Site::log_in`], but the second factor was shown long ago.
    pub(crate) fn log_in_without_second_factor(&self, role: Role) -> String {
        let caller =
            self.caller(role, Person { area: Some("A01"), school: Some("J01"), ..Person::default() });
        let session = caller.session.clone();
        self.write(move |connection| {
            diesel::update(schema::sessions::table.find(session))
                .set(schema::sessions::stepped_up_at_ms.eq(None::<i64>))
                .execute(connection)
                .map_err(StorageError::from)?;
            Ok(())
        });
        self.app.tokens().issue(&caller, self.app.about_now_ms())
    }

    /// As [`Site::log_in`], for calling use cases directly.
    pub(crate) fn caller(&self, role: Role, person: Person<'_>) -> Caller {
        let door = self.app.clone();
        let account = uuid::Uuid::now_v7().to_string();
        let session = uuid::Uuid::now_v7().to_string();
        let row = AccountRow {
            id: account.clone(),
            login: format!("{}-{account}", role.word()),
            role: role.word().to_owned(),
            name: String::new(),
            season: person.exam_no.map(|_| SEASON.to_owned()),
            exam_no: person.exam_no.map(str::to_owned),
            school: person.school.map(str::to_owned),
            area: person.area.map(str::to_owned),
            password_hash: String::new(),
            must_change: false,
            disabled: false,
            created_at_ms: 0,
            access_from: String::new(),
        };
        let caller = Caller { account: account.clone(), session: session.clone() };
        let key = self.app.audit_key().clone();
        self.write(move |connection| {
            let now_ms = clock::now_ms(connection)?;
            let mut changes = vec![accounts::add(connection, &row)?];
            if role.needs_totp() {
                // Without an authenticator app an office's account may only enrol one.
                let factors = SecondFactorRow {
                    account: row.id.clone(),
                    totp_secret: Some(sealed(&door, &row.id, "totp_secret", [7; 20])),
                    ..SecondFactorRow::default()
                };
                changes.push(second_factors::put(connection, &factors)?);
            }
            noted(connection, &key, changes)?;
            let session = SessionRow {
                id: session,
                account,
                started_at_ms: now_ms,
                expires_at_ms: now_ms + 86_400_000,
                revoked_at_ms: None,
                stepped_up_at_ms: Some(now_ms + 86_400_000),
            };
            Ok(sessions::add(connection, &session)?)
        });
        caller
    }

    /// The municipal centre.
    pub(crate) fn centre(&self) -> String {
        self.log_in(Role::MunicipalCentre, Person::default())
    }

    /// A demonstration season (its clock can be moved) with the small city of tests/cases/seasons/shanxi,
    /// written past the data-in checks. Returns the centre's token.
    pub(crate) fn with_city(&self) -> String {
        let centre = self.centre();
        let policy = std::fs::read_to_string(case("season.toml")).unwrap();
        let body = json!({"code": SEASON, "kind": "demonstration", "policy": policy});
        self.post("/api/v1/seasons", &centre, &body).is(201);
        let key = self.app.audit_key().clone();
        self.write(move |connection| {
            let mut changes = Vec::new();
            let text = |row: &csv::StringRecord, at: usize| row.get(at).unwrap_or_default().to_owned();
            let season = || SEASON.to_owned();
            let rows: Vec<AreaRow> = rows("areas.csv")
                .iter()
                .map(|row| AreaRow {
                    season: season(),
                    area_code: text(row, 0),
                    name: text(row, 1),
                    divisions: text(row, 2),
                })
                .collect();
            changes.extend(areas::add_all(connection, &rows)?);
            let rows: Vec<JuniorSchoolRow> = self::rows("junior_schools.csv")
                .iter()
                .map(|row| JuniorSchoolRow {
                    season: season(),
                    school_code: text(row, 0),
                    name: text(row, 1),
                    area_code: text(row, 2),
                    ownership: text(row, 3),
                    nine_year: text(row, 4),
                    ..JuniorSchoolRow::default()
                })
                .collect();
            changes.extend(junior_schools::add_all(connection, &rows)?);
            let rows: Vec<SeniorSchoolRow> = self::rows("senior_schools.csv")
                .iter()
                .map(|row| SeniorSchoolRow {
                    season: season(),
                    school_code: text(row, 0),
                    name: text(row, 1),
                    area_code: text(row, 2),
                    ownership: text(row, 3),
                    high_quality: text(row, 4),
                })
                .collect();
            changes.extend(senior_schools::add_all(connection, &rows)?);
            let rows: Vec<ProgrammeRow> = self::rows("programmes.csv")
                .iter()
                .map(|row| ProgrammeRow {
                    season: season(),
                    programme_code: text(row, 0),
                    school_code: text(row, 1),
                    name: text(row, 2),
                    batch: text(row, 3),
                    seats: text(row, 4),
                    quota_share: text(row, 5),
                    scope: text(row, 6),
                    gate_open: text(row, 7),
                    gate_quota: text(row, 8),
                    quota_base: String::new(),
                })
                .collect();
            changes.extend(programmes::add_all(connection, &rows)?);
            let rows: Vec<QuotaOverrideRow> = self::rows("quota.csv")
                .iter()
                .map(|row| QuotaOverrideRow {
                    season: season(),
                    programme_code: text(row, 0),
                    junior_code: text(row, 1),
                    seats: text(row, 2),
                    reason: text(row, 3),
                })
                .collect();
            changes.extend(quota_overrides::add_all(connection, &rows)?);
            let rows: Vec<PastLineRow> = self::rows("history.csv")
                .iter()
                .map(|row| PastLineRow {
                    season: season(),
                    year: text(row, 0),
                    programme_code: text(row, 1),
                    seat: text(row, 2),
                    junior_code: text(row, 3),
                    seats: text(row, 4),
                    taken: text(row, 5),
                    last_rank: text(row, 6),
                    ranked: text(row, 7),
                })
                .collect();
            changes.extend(past_lines::add_all(connection, &rows)?);
            let rows: Vec<CandidateRow> = self::rows("candidates.csv")
                .iter()
                .map(|row| CandidateRow {
                    season: season(),
                    exam_no: text(row, 0),
                    name: text(row, 1),
                    sex: text(row, 2),
                    junior_code: text(row, 4),
                    area_code: text(row, 5),
                    register_from: text(row, 6),
                    attended: text(row, 7),
                    repeat: text(row, 8),
                    local: text(row, 9),
                    bonus: text(row, 10),
                    bonus_reason: text(row, 11),
                    quality_grade: text(row, 12),
                    flags: text(row, 13),
                    class: "九（1）班".to_owned(),
                    ..CandidateRow::default()
                })
                .collect();
            changes.extend(candidates::add_all(connection, &rows)?);
            noted(connection, &key, changes)
        });
        centre
    }

    /// Takes a step of the season.
    pub(crate) fn advance(&self, centre: &str, step: &str) -> Answer {
        let at = format!("/api/v1/seasons/{SEASON}");
        let tag = self.get(&at, centre).is(200).header("etag").to_owned();
        self.send("POST", &format!("{at}/steps"), centre, &[("If-Match", &tag)], &json!({"step": step}))
    }

    /// Opens the official windows of a batch for all areas, from an hour ago for a day.
    pub(crate) fn open_filling(&self, centre: &str) {
        let now_ms = self.app.about_now_ms();
        for batch in ["1", "2", "3"] {
            // Set before they open, moved into the past by the season's clock.
            self.set_window(centre, batch, now_ms + 3_600_000, now_ms + 25 * 3_600_000).is(200);
        }
        self.move_clock(centre, now_ms + 2 * 3_600_000);
        for step in ["open_registration", "open_filling"] {
            self.advance(centre, step).is(200);
        }
    }

    /// Proposes an act of several people.
    pub(crate) fn propose(&self, token: &str, change: &Value) -> Answer {
        let body = json!({"change": change, "reason": "按规定办理"});
        self.post(&format!("/api/v1/seasons/{SEASON}/proposals"), token, &body)
    }

    /// An act of two people, proposed by one and signed by the other.
    #[track_caller]
    pub(crate) fn agree(&self, proposer: &str, signer: &str, change: &Value) -> Answer {
        let proposal = self.propose(proposer, change).is(201);
        let hash = json!({"content_hash": proposal.json()["content_hash"]});
        self.post(&format!("{}/signatures", proposal.header("location")), signer, &hash)
    }

    /// Does what an instance does with runs that wait.
    pub(crate) fn work_on_runs(&self) {
        let worker = Worker::new(Duration::from_secs(10));
        while self.wait(work_on_one(&self.app, &worker)).unwrap() {}
    }

    pub(crate) fn set_window(
        &self,
        centre: &str,
        batch: &str,
        opens_at_ms: i64,
        closes_at_ms: i64,
    ) -> Answer {
        let body = json!({"stage": "official", "batch": batch, "opens_at": time(opens_at_ms), "closes_at": time(closes_at_ms)});
        self.send("POST", &format!("/api/v1/seasons/{SEASON}/windows"), centre, &[], &body)
    }

    /// The season's clock.
    pub(crate) fn season_now_ms(&self) -> i64 {
        let centre = self.centre();
        let season = self.get(&format!("/api/v1/seasons/{SEASON}"), &centre).is(200).json();
        self.app.about_now_ms() + season["clock_offset_ms"].as_i64().unwrap()
    }

    /// Sets the season's clock.
    pub(crate) fn move_clock(&self, centre: &str, to_ms: i64) {
        let at = format!("/api/v1/seasons/{SEASON}");
        let tag = self.get(&at, centre).is(200).header("etag").to_owned();
        let body = json!({"now": time(to_ms)});
        self.send("PUT", &format!("{at}/clock"), centre, &[("If-Match", &tag)], &body).is(200);
    }
}

/// Puts rows that a test wrote itself on the record, as an operator's act.
pub(crate) fn noted(
    connection: &mut AnyConnection,
    key: &AuditKey,
    changes: Vec<Change>,
) -> Result<(), ServiceError> {
    let entry = Entry {
        actor: "test".to_owned(),
        role: "operator".to_owned(),
        act: "situation".to_owned(),
        subject: "season".to_owned(),
        changes,
        ..Entry::default()
    };
    Ok(audit_lines::append(connection, key, entry)?)
}

/// Milliseconds since 1970 on the wire.
pub(crate) fn time(at_ms: i64) -> String {
    zhaosheng::web::wire_time::written(at_ms)
}

/// A file of the small city.
pub(crate) fn case(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases/seasons/shanxi").join(name)
}

fn rows(name: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(case(name)).unwrap().records().map(Result::unwrap).collect()
}

/// Numbers that look random and are the same on every machine (SplitMix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}
