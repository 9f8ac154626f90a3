//! The stages of a run, with the time of each.

use std::sync::Mutex;
use std::time::Instant;

use zhaosheng::domain::progress::Progress;

/// The stages so far, and the one that runs.
#[derive(Default)]
struct Told {
    spent: Vec<(&'static str, f64)>,
    running: Option<(&'static str, Instant)>,
}

/// Milliseconds per stage, in the order they began; a stage that returns is added up.
#[derive(Default)]
pub(crate) struct Stages(Mutex<Told>);

impl Stages {
    /// Ends the stage that runs.
    pub(crate) fn end(&self) {
        let mut inner = self.0.lock().expect("no stage panics");
        if let Some((name, start)) = inner.running.take() {
            let spent = start.elapsed().as_secs_f64() * 1e3;
            match inner.spent.iter_mut().find(|stage| stage.0 == name) {
                Some(stage) => stage.1 += spent,
                None => inner.spent.push((name, spent)),
            }
        }
    }

    /// Ends the last stage and tells all.
    pub(crate) fn spent(self) -> Vec<(&'static str, f64)> {
        self.end();
        self.0.into_inner().expect("no stage panics").spent
    }
}

impl Progress for Stages {
    fn stage(&self, name: &'static str, _: u64) {
        self.end();
        self.0.lock().expect("no stage panics").running = Some((name, Instant::now()));
    }
}
