//! Clients that are silent, slow, huge or never read: they are let go in time, and honest people do not notice.
//!
//! `SOCKETS=10000` for the full run (each side needs as many open files: `ulimit -n 20000`).

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::harness::on_sqlite;
use crate::ledger::{Ledger, times};
use crate::service::Service;

/// What a rude client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rude {
    Silent,
    SlowHead,
    SlowBody,
    NeverReads,
}

/// Until when the last of them must be gone.
const PATIENCE: Duration = Duration::from_secs(30);

fn connect(base: &str) -> TcpStream {
    let socket = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

/// Sends what the socket takes; whether the other side is still there.
fn sends(socket: &mut TcpStream, bytes: &[u8]) -> bool {
    socket.write(bytes).map_or_else(|error| error.kind() == ErrorKind::WouldBlock, |sent| sent <= bytes.len())
}

/// Reads what is there; whether the other side has ended.
fn is_let_go(socket: &mut TcpStream) -> bool {
    let mut buffer = [0; 4096];
    loop {
        match socket.read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != ErrorKind::WouldBlock,
        }
    }
}

/// The service's memory at its highest, in MiB.
fn peak_mib(service: &Service) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", service.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
fn rude_clients_are_let_go_and_honest_ones_do_not_notice() {
    on_sqlite(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let ledger = Ledger::of(site);
        let service = Service::start(&site.url, &site.key_file(), "");
        ledger.renew_tokens(site);
        let host = service.base.trim_start_matches("http://").to_owned();
        ledger.under_load(&service.base, || std::thread::sleep(Duration::from_secs(3)));
        let alone = ledger.p99_ms();
        let sockets = times("SOCKETS", 800);
        let kinds = [Rude::Silent, Rude::SlowHead, Rude::SlowBody, Rude::NeverReads];
        let mut rude: Vec<(Rude, TcpStream)> =
            (0..sockets).map(|at| (kinds[at % kinds.len()], connect(&service.base))).collect();
        let big = format!("GET /api/openapi.json HTTP/1.1\r\nHost: {host}\r\n\r\n").repeat(40);
        let head = format!(
            "POST /api/v1/sessions HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{{"
        );
        for (kind, socket) in &mut rude {
            match kind {
                Rude::Silent => {}
                Rude::SlowHead => assert!(sends(socket, b"GET /healthz HTTP/1.1\r\nX-Slow: ")),
                Rude::SlowBody => assert!(sends(socket, head.as_bytes())),
                Rude::NeverReads => assert!(sends(socket, big.as_bytes())),
            }
        }
        let mut gone: Vec<(Rude, Duration)> = Vec::new();
        let began = Instant::now();
        ledger.under_load(&service.base, || {
            while !rude.is_empty() {
                assert!(began.elapsed() < PATIENCE, "{} are still there: {:?}", rude.len(), rude.first());
                std::thread::sleep(Duration::from_millis(500));
                rude.retain_mut(|(kind, socket)| {
                    let there = match kind {
                        // Who never reads learns of the end by writing.
                        Rude::NeverReads => sends(socket, b"GET"),
                        Rude::Silent => !is_let_go(socket),
                        Rude::SlowHead | Rude::SlowBody => sends(socket, b"x") && !is_let_go(socket),
                    };
                    if !there {
                        gone.push((*kind, began.elapsed()));
                    }
                    there
                });
            }
        });
        for kind in kinds {
            let last = gone.iter().filter(|(one, _)| *one == kind).map(|(_, after)| *after).max();
            println!("{kind:?}: the last let go after {last:?}");
        }
        assert_eq!(ledger.unanswered(), 0, "honest requests failed meanwhile");
        let peak = peak_mib(&service);
        println!(
            "{sockets} sockets, {} honest submissions, p99 {:.0} ms meanwhile and {alone:.0} alone, peak {peak} MiB",
            ledger.acknowledged(),
            ledger.p99_ms(),
        );
        assert!(peak < 256, "{peak} MiB");
    });
}

#[test]
fn huge_requests_are_refused_before_they_are_read() {
    on_sqlite(|site| {
        site.with_city();
        let service = Service::start(&site.url, &site.key_file(), "");
        let host = service.base.trim_start_matches("http://").to_owned();
        let length = format!("Content-Length: {}\r\n", 1_u64 << 30);
        let asked = [
            ("/api/v1/sessions", length.as_str(), 413),
            ("/api/v1/sessions", "Transfer-Encoding: chunked\r\n", 413),
            ("/log-in", length.as_str(), 400),
        ];
        for (path, framing, status) in asked {
            let kind = if path.starts_with("/api") {
                "application/json"
            } else {
                "application/x-www-form-urlencoded"
            };
            let mut socket = TcpStream::connect(&host).unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            let head =
                format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\n{framing}\r\n");
            socket.write_all(head.as_bytes()).unwrap();
            // A thousandth of it is enough to be refused.
            let piece = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
            let body = if framing.starts_with("Transfer") { piece } else { vec![b' '; 0x10000] };
            (0..16).for_each(|_| socket.write_all(&body).unwrap());
            let mut answer = [0; 64];
            let read = socket.read(&mut answer).unwrap();
            let line = String::from_utf8_lossy(&answer[..read]).into_owned();
            assert!(line.starts_with(&format!("HTTP/1.1 {status} ")), "{path} {framing}: {line}");
        }
        assert!(peak_mib(&service) < 256);
    });
}
