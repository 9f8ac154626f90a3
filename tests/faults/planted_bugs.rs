//! Every planted bug turns its harness red: a harness that has never failed is no evidence.

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use zhaosheng::faults::planted_bug::BUGS;

/// Which test must fail with which bug: bug, test program, test.
const HARNESSES: [(&str, &str, &str); 13] = [
    ("bug-ack-before-commit", "faults", "power_cuts::nothing_acknowledged"),
    ("bug-clock-of-process", "api", "forms_deadline::the_timer_puts"),
    ("bug-deadline-outside", "api", "forms_deadline::nothing_is_on_the_wrong_side"),
    ("bug-hash-order", "api", "results::a_rejected_result"),
    ("bug-if-match-ignored", "api", "forms::of_two_devices"),
    ("bug-key-after-write", "faults", "kills::nothing_acknowledged"),
    ("bug-line-outside", "faults", "power_cuts::nothing_acknowledged"),
    ("bug-no-directory-sync", "faults", "power_cuts::a_backup"),
    ("bug-result-early", "api", "results::a_trial_of_an_official"),
    ("bug-row-missing", "api", "access_matrix::every_role_reaches"),
    ("bug-sync-normal", "faults", "power_cuts::nothing_acknowledged"),
    ("bug-sync-off", "faults", "power_cuts::nothing_acknowledged"),
    ("bug-token-lives-on", "api", "accounts::a_candidate_comes_in"),
];

#[test]
fn every_planted_bug_turns_its_harness_red() {
    let bugs: Vec<&str> = BUGS.iter().map(|(bug, _)| *bug).collect();
    let harnessed: Vec<&str> = HARNESSES.iter().map(|(bug, _, _)| *bug).collect();
    assert_eq!(bugs, harnessed, "every planted bug has a harness");
    let next = AtomicUsize::new(0);
    let green = Mutex::new(Vec::new());
    // Most of a harness is waiting.
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(harness) = HARNESSES.get(next.fetch_add(1, Ordering::Relaxed)) {
                    green.lock().unwrap().extend(stays_green(*harness));
                }
            });
        }
    });
    let green = green.into_inner().unwrap();
    assert!(green.is_empty(), "{}", green.join("\n"));
}

/// What a harness said that does not see its bug.
fn stays_green((bug, program, test): (&str, &str, &str)) -> Option<String> {
    let run = Command::new(env!("CARGO"))
        .args(["test", "--locked", "--features", "faults", "--test", program, "--", test])
        .env("FAILPOINTS", format!("{bug}=return"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    let red = !run.status.success() && said.contains("test result: FAILED") && !said.contains(" 0 failed");
    (!red).then(|| format!("{bug}: {test} stays green\n{said}"))
}
