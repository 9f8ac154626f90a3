//! The days of an entry (W20): on the last day nothing is said, a day later it is flagged.

use std::process::Command;

use zhaosheng::domain::compulsory::entry_policy::EntryPolicy;
use zhaosheng::engine::compulsory::entry_calendar::{CalendarFlag, calendar_flags};

use crate::folders::Draft;

/// What is flagged of days as `entry.toml` writes them, each as key and rule.
fn flagged(days: &str) -> Vec<String> {
    let text = format!("{}\n[dates]\n{days}\n", Draft::of("yicheng").files["entry.toml"]);
    let policy = EntryPolicy::read("entry.toml", &text).unwrap();
    let told = |flag: CalendarFlag| format!("{} {:?}", flag.key, flag.rule);
    calendar_flags(policy.year, &policy.dates).into_iter().map(told).collect()
}

#[test]
fn w20_a_day_on_time_is_silent_and_a_day_late_is_flagged() {
    for (key, on_time, late, rule) in [
        ("zones_recorded", "2021-07-25", "2021-07-26", "ZonesLate"),
        ("admission_ends", "2021-08-31", "2021-09-01", "EndsLate"),
        ("notices_sent", "2021-08-20", "2021-08-21", "NoticesLate"),
        ("last_admission", "2021-08-20", "2021-08-21", "AdmittedLate"),
        ("registers_filed", "2021-09-01", "2021-09-02", "FiledLate"),
        ("applications_from", "2021-01-01", "2020-12-31", "OtherYear"),
    ] {
        assert_eq!(flagged(&format!("{key} = \"{on_time}\"")), Vec::<String>::new(), "{key}");
        assert_eq!(flagged(&format!("{key} = \"{late}\"")), [format!("{key} {rule}")]);
    }
    // A county whose admission lasts to the end of August says so.
    let longer =
        "admission_ends = \"2021-08-31\"\nnotices_sent = \"2021-08-31\"\nlast_admission = \"2021-09-01\"";
    assert_eq!(flagged(longer), ["last_admission AdmittedLate"]);
}

#[test]
fn applications_follow_the_zones_and_end_after_they_begin() {
    let days = |zones: &str, from: &str, until: &str| {
        flagged(&format!(
            "zones_recorded = \"2021-07-{zones}\"\napplications_from = \"2021-{from}\"\napplications_until = \"2021-{until}\""
        ))
    };
    assert_eq!(days("25", "08-01", "08-07"), Vec::<String>::new());
    assert_eq!(days("20", "07-21", "07-21"), Vec::<String>::new());
    assert_eq!(days("20", "07-20", "07-21"), ["zones_recorded AppliedBeforeZones"]);
    assert_eq!(days("25", "08-07", "08-01"), ["applications_from Backwards"]);
}

#[test]
fn whoever_places_an_entry_is_told_its_flagged_days() {
    let place = tempfile::tempdir().unwrap();
    let days = "\n[dates]\nzones_recorded = \"2021-07-25\"\nlast_admission = \"2021-08-21\"\n";
    let draft = Draft::of("yicheng");
    let policy = draft.files["entry.toml"].clone() + days;
    draft.with("entry.toml", policy).write(&place.path().join("entry"));
    let run = |flags: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaosheng"));
        command.current_dir(place.path()).args(["admit", "entry", "--out", "result"]).args(flags);
        let answer = command.output().unwrap();
        assert!(answer.status.success());
        (String::from_utf8(answer.stdout).unwrap(), String::from_utf8(answer.stderr).unwrap())
    };
    let told = run(&[]).1;
    assert!(told.contains("last_admission 2021-08-21: nobody is admitted after"), "{told}");
    assert!(!told.contains("zones_recorded"), "{told}");
    let json: serde_json::Value = serde_json::from_str(&run(&["--json"]).0).unwrap();
    assert_eq!(json["flagged_dates"][0]["key"], "last_admission");
}
