//! Stages of long work, told to whoever waits.

/// Hears which stage begins. `size` counts what the stage works on.
pub trait Progress: Sync {
    fn stage(&self, name: &'static str, size: u64);
}

/// Nobody waits.
pub struct Quiet;

impl Progress for Quiet {
    fn stage(&self, _: &'static str, _: u64) {}
}
