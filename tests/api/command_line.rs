//! Every act has a command: what the API can do, `zhaosheng call` can do.

use std::collections::BTreeSet;
use std::fs::File;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use zhaosheng::domain::access::TABLE;

use crate::harness::{SEASON, on_each_database};

pub(crate) fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhaosheng")).args(arguments).output().expect("the program starts")
}

#[test]
fn every_act_of_an_office_has_a_command() {
    let output = program(&["--json", "call", "--list"]);
    let listed: BTreeSet<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["operation"].as_str().unwrap().to_owned())
        .collect();
    let of_offices = TABLE.iter().filter(|rule| rule.who.iter().any(|(role, _)| role.is_office()));
    let missing: Vec<&str> =
        of_offices.map(|rule| rule.act.word()).filter(|act| !listed.contains(*act)).collect();
    assert!(missing.is_empty(), "no command for {missing:?}");
}

#[test]
fn a_reader_who_goes_away_stops_no_command_and_a_full_disk_is_told() {
    let end = |arguments: &[&str], out: Stdio, error: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaosheng"));
        command.args(arguments).stdout(out).stderr(error).status().expect("the program starts").code()
    };
    let nobody_reads = || Stdio::from(std::io::pipe().expect("a pipe").1);
    let full = || Stdio::from(File::options().write(true).open("/dev/full").expect("a full disk"));
    let printing = [&["call", "--list"] as &[_], &["openapi"], &["completions", "bash"], &["--help"]];
    for arguments in printing {
        assert_eq!(end(arguments, nobody_reads(), Stdio::inherit()), Some(0), "{arguments:?}");
    }
    for arguments in &printing[..3] {
        assert_eq!(end(arguments, full(), Stdio::null()), Some(3), "{arguments:?}");
    }
    for error in [nobody_reads(), full()] {
        assert_eq!(end(&["call", "no_such_thing"], Stdio::null(), error), Some(2));
    }
}

#[test]
fn an_act_is_done_from_the_command_line_with_the_rights_of_its_token() {
    on_each_database(|site| {
        let centre = site.with_city();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, centre).unwrap();
        let season = format!("season={SEASON}");
        let call = |arguments: &[&str]| {
            let head = ["call", "--url", &site.base, "--token-file", file.to_str().unwrap()];
            program(&[&head, arguments].concat())
        };
        let shown = call(&["show_season", "--param", &season]);
        assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
        let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
        assert_eq!(shown["phase"], "preparing");
        let step = json!({"step": "open_registration"}).to_string();
        let stale =
            call(&["advance_season", "--param", &season, "--param", "If-Match=\"9\"", "--body", &step]);
        assert_eq!(stale.status.code(), Some(1), "{}", String::from_utf8_lossy(&stale.stderr));
        let moved =
            call(&["advance_season", "--param", &season, "--param", "If-Match=\"1\"", "--body", &step]);
        assert_eq!(moved.status.code(), Some(0), "{}", String::from_utf8_lossy(&moved.stderr));
        assert_eq!(
            call(&["advance_season", "--body", &step]).status.code(),
            Some(2),
            "a parameter is missing"
        );
        assert_eq!(call(&["no_such_thing"]).status.code(), Some(2));
    });
    let nobody_listens = program(&["call", "show_version", "--url", "http://127.0.0.1:9"]);
    assert_eq!(nobody_listens.status.code(), Some(3));
}
