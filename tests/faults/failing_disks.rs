//! The Nth write or sync fails, for every N until the work passes; the disk is full, and has room again.
//!
//! `EVERY_WRITE=1` tries every N; otherwise some of them.

use std::time::{Duration, Instant};

use crate::disk::{Control, Disk, ENOSPC, NEVER};
use crate::harness::{Chance, Site, on_sqlite};
use crate::ledger::{Ledger, times};
use crate::power_cuts::{disk_with, faults_of};
use crate::service::Service;

/// Submissions of one try.
const SUBMISSIONS: usize = 3;

struct Try<'t> {
    site: &'t Site,
    disk: &'t Disk,
    url: &'t str,
    ledger: &'t Ledger,
}

impl Try<'_> {
    /// Submits on a disk that does as it is told; whether anything of that came to pass.
    fn comes_through(&self, told: Control, chance: &mut Chance) -> bool {
        let key_file = self.disk.root().join("site.key");
        self.disk.tell(Control::WELL);
        let mut service = Service::start_on(self.disk, self.url, &key_file);
        self.ledger.renew_tokens(self.site);
        // The first submission makes the log: afterwards every try begins alike.
        self.ledger.submit_first(&service.base);
        self.ledger.settle(&service.base);
        self.disk.tell(told);
        let mut unanswered = 0;
        for _ in 0..SUBMISSIONS {
            unanswered += usize::from(!self.ledger.submit_first(&service.base));
        }
        let after = self.disk.control();
        let failed = after.writes_left == 0 && told.stays
            || told.writes_left >= 0 && after.writes_left == NEVER
            || told.syncs_left >= 0 && after.syncs_left == NEVER;
        if failed && unanswered == 0 && told.writes_left >= 0 {
            // What failed was the copying of the log into the file, which the next one does again.
            service.kill();
            self.disk.cut(Some(chance));
        } else if failed && told.write_error != ENOSPC {
            // Nobody knows what the disk holds now: the service must end and be started again.
            let began = Instant::now();
            while service.ended().is_none() {
                assert!(
                    began.elapsed() < Duration::from_secs(20),
                    "goes on after a failure of the disk: {told:?}"
                );
                std::thread::sleep(Duration::from_millis(5));
            }
            assert_eq!(service.ended().unwrap().code(), Some(3));
            assert!(unanswered > 0, "{told:?}: everything was acknowledged");
            self.disk.cut(Some(chance));
        } else if failed {
            assert!(unanswered > 0, "{told:?}: everything was acknowledged");
            self.disk.tell(Control::WELL);
            assert!(service.ended().is_none(), "a full disk is a matter of waiting");
            self.ledger.settle(&service.base);
            service.kill();
        } else {
            service.kill();
        }
        let faults = faults_of(self.site, self.ledger, self.disk);
        assert!(faults.is_empty(), "{told:?}: {faults:#?}");
        failed
    }
}

#[test]
fn every_write_and_every_sync_may_fail() {
    on_sqlite(|site| {
        let centre = site.with_city();
        site.open_filling(&centre);
        let ledger = Ledger::of(site);
        let (disk, url) = disk_with(site);
        let of = Try { site, disk: &disk, url: &url, ledger: &ledger };
        let mut chance = Chance(7_003);
        let step = if times("EVERY_WRITE", 0) > 0 { 1 } else { 23 };
        let (mut writes, mut syncs, mut full) = (0, 0, 0);
        while of.comes_through(Control { writes_left: writes, ..Control::WELL }, &mut chance) {
            writes += step;
        }
        while of.comes_through(Control { syncs_left: syncs, ..Control::WELL }, &mut chance) {
            syncs += 1;
        }
        let no_room =
            |writes_left| Control { writes_left, write_error: ENOSPC, stays: true, ..Control::WELL };
        while of.comes_through(no_room(full), &mut chance) {
            full += step;
        }
        assert!(writes > 20 && syncs >= SUBMISSIONS as i64 && full > 20, "{writes} {syncs} {full}");
        println!("every {step}th of {writes} writes, every of {syncs} syncs, a full disk up to write {full}");
    });
}
