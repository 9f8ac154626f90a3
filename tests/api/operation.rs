//! The service as its operator meets it: started, measured, bounded, stopped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use zhaosheng::domain::role::Role;
use zhaosheng::service::app::migrate;
use zhaosheng::storage::database::{AnyConnection, Database};
use zhaosheng::storage::error::StorageError;

use crate::harness::{Person, SEASON, on_each_database};

/// A `zhaosheng serve` of its own, ended with the test.
pub(crate) struct Served {
    child: Child,
    pub(crate) base: String,
    metrics: String,
    log: Arc<Mutex<Vec<u8>>>,
}

impl Served {
    pub(crate) fn start(database: &str, key_file: &str, more: &[&str]) -> Served {
        let port = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let (bind, metrics) = (port(), port());
        let mut child = Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
            .args(["serve", "--database", database, "--key-file", key_file])
            .args(["--bind", &bind, "--metrics-bind", &metrics])
            .args(more)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("listening on") {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "the service ended before it listened");
        }
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = log.clone();
        std::thread::spawn(move || {
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                kept.lock().unwrap().append(&mut line);
            }
        });
        let began = Instant::now();
        while TcpStream::connect(&bind).is_err() || TcpStream::connect(&metrics).is_err() {
            assert!(began.elapsed() < Duration::from_secs(120), "nobody listens");
            std::thread::sleep(Duration::from_millis(20));
        }
        Served { child, base: format!("http://{bind}"), metrics: format!("http://{metrics}"), log }
    }

    /// What it has logged since it listens.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&self.log.lock().unwrap()).into_owned()
    }

    fn signal(&self, name: &str) {
        let done = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn text(url: &str) -> String {
    ureq::get(url).call().unwrap().body_mut().read_to_string().unwrap()
}

/// A server that was started anew, or a firewall, ends connections that stand idle.
#[test]
fn that_connections_ended_while_idle_is_noticed_by_nobody() {
    on_each_database(|site| {
        let centre = site.centre();
        let end_all = || {
            let other = Database::open(&site.url).unwrap();
            let ended = site.wait(other.write(|connection| {
                match connection {
                    AnyConnection::Sqlite(_) => Ok(()),
                    AnyConnection::Postgres(postgres) => postgres
                        .batch_execute(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                         WHERE datname = current_database() AND pid <> pg_backend_pid()",
                        )
                        .map_err(StorageError::from),
                }
            }));
            ended.unwrap();
        };
        // Several at once leave several connections behind.
        std::thread::scope(|people| {
            for _ in 0..8 {
                people.spawn(|| site.get("/api/v1/seasons", &centre).is(200));
            }
        });
        end_all();
        site.get("/api/v1/seasons", &centre).is(200);
        end_all();
        site.log_in(Role::Supervisor, Person::default());
    });
}

#[test]
fn serve_on_an_empty_machine_makes_what_it_needs_and_ends_in_peace() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut served = Served::start(&format!("sqlite://{}", path("site.db")), &path("site.key"), &[]);
    assert_eq!(text(&format!("{}/healthz", served.base)), r#"{"status":"ok"}"#);
    assert_eq!(text(&format!("{}/readyz", served.base)), r#"{"status":"ok"}"#);
    let version: Value = serde_json::from_str(&text(&format!("{}/version", served.base))).unwrap();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    let measured = text(&format!("{}/metrics", served.metrics));
    assert!(
        measured.contains(r#"http_request_duration_seconds_count{route="GET /readyz",status="200"} 1"#),
        "{measured}"
    );
    let elsewhere = ureq::Agent::config_builder().http_status_as_error(false).build();
    let elsewhere: ureq::Agent = elsewhere.into();
    assert_eq!(elsewhere.get(format!("{}/metrics", served.base)).call().unwrap().status(), 404);
    let docs = text(&format!("{}/api/docs/", served.base));
    assert!(docs.contains("swagger-ui") && !docs.contains("https://"), "the documents need no other host");
    served.signal("-TERM");
    assert!(served.child.wait().unwrap().success(), "SIGTERM is an orderly end");
    assert!(folder.path().join("site.db").exists() && folder.path().join("site.key").exists());
}

#[test]
fn serve_refuses_a_database_that_was_not_migrated() {
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else { return };
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_zhaosheng"))
        .args(["serve", "--bind", "127.0.0.1:0", "--database", &format!("{server}/template1"), "--key-file"])
        .arg(folder.path().join("key"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("zhaosheng migrate"));
}

#[test]
fn unusable_bodies_are_refused_by_name_and_never_by_us_failing() {
    on_each_database(|site| {
        let centre = site.with_city();
        let send = |kind: &str, body: Vec<u8>| {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let request = ureq::http::Request::post(format!("{}/api/v1/seasons", site.base))
                .header("Authorization", format!("Bearer {centre}"))
                .header("Content-Type", kind)
                .body(body)
                .unwrap();
            let mut answer = agent.run(request).unwrap();
            let body: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
            (answer.status().as_u16(), body["code"].as_str().unwrap().to_owned())
        };
        let id_no = "149901201009100039";
        let cases: [(&str, Vec<u8>, u16, &str); 7] = [
            ("application/json", b"{".to_vec(), 400, "malformed"),
            ("application/json", "[".repeat(200_000).into_bytes(), 400, "malformed"),
            ("application/json", vec![0xff; 100], 400, "malformed"),
            ("application/json", format!("{{\"code\": {id_no}}}").into_bytes(), 400, "malformed"),
            ("application/json", vec![b' '; 300_000], 413, "too_large"),
            ("text/plain", b"{}".to_vec(), 415, "unsupported_media_type"),
            (
                "application/json",
                b"{\"code\":\"x\",\"kind\":\"official\",\"policy\":\"\",\"more\":1}".to_vec(),
                400,
                "malformed",
            ),
        ];
        for (kind, body, status, code) in cases {
            let told = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert_eq!(send(kind, body), (status, code.to_owned()), "{told}");
        }
        let path = format!("/api/v1/seasons/{SEASON}/policy");
        let deep = json!({"policy": format!("x = {}", "[".repeat(100_000))});
        assert_eq!(site.send("PUT", &path, &centre, &[("If-Match", "*")], &deep).is(422).code(), "invalid");
    });
}

#[test]
fn silent_and_slow_clients_are_let_go() {
    on_each_database(|site| {
        let address = site.base.trim_start_matches("http://");
        let mut sockets: Vec<TcpStream> = (0..50).map(|_| TcpStream::connect(address).unwrap()).collect();
        for socket in sockets.iter_mut().skip(25) {
            socket.write_all(b"POST /api/v1/seasons HTTP/1.1\r\nHost: x\r\nContent-Le").unwrap();
        }
        // Others are served meanwhile.
        assert_eq!(site.get("/healthz", "").status, 200);
        for socket in &mut sockets {
            socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            let mut rest = Vec::new();
            let _closed = socket.read_to_end(&mut rest).expect("the server lets go");
        }
    });
}

#[test]
fn a_zero_character_is_a_fault_of_the_request_on_either_database() {
    on_each_database(|site| {
        let centre = site.with_city();
        assert_eq!(site.get("/api/v1/seasons/a%00b", &centre).is(404).code(), "not_found");
        let policy = site.get(&format!("/api/v1/seasons/{SEASON}"), &centre).json()["policy"].clone();
        let policy = format!("{}\n# \u{0}", policy.as_str().unwrap());
        let body = json!({"code": "zero", "kind": "official", "policy": policy});
        let answer = site.post("/api/v1/seasons", &centre, &body);
        assert!([400, 422].contains(&answer.status), "{}", answer.text);
        let change = json!({"act": "extend_window", "stage": "official", "batch": "a\u{0}", "area": "A01",
            "closes_at": "2026-06-24T19:00:00+08:00"});
        let answer = site.propose(&centre, &change);
        assert!(answer.status < 500, "{}", answer.text);
    });
}

#[test]
fn whoever_migrates_and_keeps_the_database_open_makes_nobody_wait() {
    on_each_database(|site| {
        let kept = Database::open(&site.url).unwrap();
        migrate(&kept).unwrap();
        let (url, (tell, told)) = (site.url.clone(), std::sync::mpsc::channel());
        // On a thread of its own, so that waiting for ever is a failure and no hanging test.
        std::thread::spawn(move || tell.send(migrate(&Database::open(&url).unwrap()).unwrap()));
        let ran = told.recv_timeout(Duration::from_secs(120)).expect("the lock was given back");
        assert_eq!(ran, Vec::<String>::new(), "on {}", site.kind);
        drop(kept);
    });
}
