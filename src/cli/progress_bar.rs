//! Progress on a terminal: the stage, what it counts, the time so far.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::standard_streams::note_line;
use crate::domain::progress::Progress;

/// Stages of a season of three batches; a longer one lengthens the bar.
const STAGES: u64 = 20;

/// A bar on standard error, where that is a terminal; with `timings`, a line per stage.
pub struct Bar {
    bar: ProgressBar,
    timings: bool,
    stage: Mutex<Option<(&'static str, Instant)>>,
}

impl Bar {
    /// `timings`: tell the milliseconds of every stage (the bench reads them).
    pub fn new(timings: bool) -> Bar {
        let bar = ProgressBar::with_draw_target(Some(STAGES), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} [{bar:24}] {elapsed_precise} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(120));
        Bar { bar, timings, stage: Mutex::new(None) }
    }

    /// Ends the bar.
    pub fn done(&self) {
        self.end_stage();
        self.bar.finish_and_clear();
    }

    fn end_stage(&self) {
        let mut stage = self.stage.lock().expect("no stage panics while it is told");
        if let Some((name, start)) = stage.take()
            && self.timings
        {
            note_line!("stage {:.1} ms {name}", start.elapsed().as_secs_f64() * 1e3);
        }
    }
}

impl Progress for Bar {
    fn stage(&self, name: &'static str, size: u64) {
        self.end_stage();
        *self.stage.lock().expect("no stage panics while it is told") = Some((name, Instant::now()));
        self.bar.inc(1);
        self.bar.set_length(STAGES.max(self.bar.position() + 1));
        self.bar.set_message(if size > 0 { format!("{name} ({size})") } else { name.to_owned() });
    }
}
