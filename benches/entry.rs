//! A county's entry from its folder to its result, stage by stage.
//!
//! `cargo bench --bench entry -- [--size N]` (default 100,000 children, 3 runs); the county is invented.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use zhaosheng::domain::progress::Progress;
use zhaosheng::service::compulsory::place_entry::{place_entry, write_entry};

#[expect(clippy::unwrap_used, reason = "writing into a text does not fail")]
#[path = "../tests/entry/county.rs"]
mod county;

/// The stages so far with when each began.
#[derive(Default)]
struct Stages(Mutex<Vec<(&'static str, Instant)>>);

impl Progress for Stages {
    fn stage(&self, name: &'static str, _: u64) {
        self.0.lock().expect("no stage panics").push((name, Instant::now()));
    }
}

fn main() -> io::Result<()> {
    let mut words = std::env::args().skip_while(|word| word != "--size").skip(1);
    let size = words.next().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("entry-{size}"));
    let source = place.join("entry");
    fs::create_dir_all(&source)?;
    for (name, text) in county::county(size, (size / 400).max(3), 1) {
        fs::write(source.join(name), text)?;
    }
    for run in 1..=3 {
        let stages = Stages::default();
        let (entry, placed) =
            place_entry(&source, &stages).map_err(|error| io::Error::other(format!("{error:?}")))?;
        write_entry(&entry, &placed, &place.join("result"), &stages)?;
        let ended = Instant::now();
        let stages = stages.0.into_inner().expect("no stage panics");
        let begun = stages.first().map_or(ended, |stage| stage.1);
        let children = entry.children.len();
        println!("run {run}: {children} children, {} ms from folder to result", (ended - begun).as_millis());
        for (at, (name, begun)) in stages.iter().enumerate() {
            let until = stages.get(at + 1).map_or(ended, |next| next.1);
            println!("  {:>6} ms  {name}", (until - *begun).as_millis());
        }
    }
    Ok(())
}
