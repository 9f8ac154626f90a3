//! The service under kills, power cuts, failing disks and planted bugs: nothing acknowledged is lost or doubled.
//!
//! `cargo test --features faults --test faults`; every test names the variable of its full run, and
//! `planted_bugs` shows that each harness turns red with its bug.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod disk;
mod failing_disks;
mod failover;
#[allow(dead_code, reason = "tests/api uses all of it")]
#[path = "../api/harness.rs"]
mod harness;
mod kills;
mod ledger;
mod planted_bugs;
mod power_cuts;
mod rolling_restart;
mod rude_clients;
mod service;
