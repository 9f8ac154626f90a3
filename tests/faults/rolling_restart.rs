//! Two instances behind nginx are restarted in turn under load, and no request fails.
//!
//! `RESTARTS=100` for the full run. nginx is Debian's; `tests/run` installs it.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{fresh_postgres, on_postgres};
use crate::ledger::{Ledger, stored, times};
use crate::service::{Service, free_ports};

/// A running nginx; ended with its owner.
struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// What stands in front of the instances in the README's set-up: the next instance is asked where one is going down,
/// which is safe because a submission carries its `Idempotency-Key`.
fn settings(folder: &Path, listen: &str, instances: &[String; 2]) -> String {
    let folder = folder.display();
    let [one, two] = instances;
    format!(
        "daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors;
        events {{ worker_connections 256; }}
        http {{
            access_log off;
            client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
            fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
            upstream instances {{ server {one} max_fails=0; server {two} max_fails=0; keepalive 16; }}
            server {{
                listen {listen};
                location / {{
                    proxy_pass http://instances;
                    proxy_http_version 1.1;
                    proxy_set_header Connection \"\";
                    proxy_next_upstream error timeout non_idempotent;
                    proxy_connect_timeout 2s;
                }}
            }}
        }}"
    )
}

fn nginx() -> Option<&'static str> {
    ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"]
        .into_iter()
        .find(|path| Path::new(path).exists())
}

#[test]
fn a_rolling_restart_fails_no_request() {
    let (Ok(server), Some(nginx)) = (std::env::var("TEST_POSTGRES_URL"), nginx()) else {
        eprintln!("left out: it needs TEST_POSTGRES_URL and nginx (tests/run sets up both)");
        return;
    };
    on_postgres(fresh_postgres(&server), |site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let ledger = Ledger::of(site);
        ledger.renew_tokens(site);
        let [one, two, listen] = free_ports().map(|port| format!("127.0.0.1:{port}"));
        let binds = [one, two];
        let start = |bind: &String| Service::start_at(bind, &site.url, &site.key_file());
        let mut instances = binds.each_ref().map(start);
        let folder = tempfile::tempdir().unwrap();
        let written = folder.path().join("nginx.conf");
        fs::write(&written, settings(folder.path(), &listen, &binds)).unwrap();
        let mut command = Command::new(nginx);
        command.arg("-c").arg(&written).stdout(Stdio::null());
        let _nginx = Nginx(command.spawn().unwrap());
        let began = Instant::now();
        while TcpStream::connect(&listen).is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "nginx does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        let restarts = times("RESTARTS", 4);
        ledger.under_load(&format!("http://{listen}"), || {
            for restart in 0..restarts {
                let before = ledger.acknowledged();
                let at = restart % 2;
                instances[at].stop();
                instances[at] = start(&binds[at]);
                ledger.renew_tokens(site);
                let began = Instant::now();
                while ledger.acknowledged() < before + 30 && began.elapsed() < Duration::from_secs(20) {
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        });
        ledger.settle(&format!("http://{listen}"));
        let rows = stored(site, site.app.database());
        let faults = ledger.faults(&rows);
        assert!(faults.is_empty(), "{faults:#?}");
        let said = fs::read_to_string(folder.path().join("errors")).unwrap_or_default();
        assert_eq!(ledger.unanswered(), 0, "requests failed: {said}");
        assert!(rows.len() > 10 * restarts, "there was load");
        println!("{restarts} restarts, {} submissions, none failed", rows.len());
    });
}
