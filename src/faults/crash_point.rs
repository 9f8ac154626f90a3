//! Places where a test may let the program die, as if it were killed there.

/// Reads the environment variable `FAILPOINTS`, once: `before-commit=2%return` dies in two of a hundred commits,
/// `bug-ack-before-commit=return` switches a planted bug on. Nothing without the feature `faults`.
pub fn arm() {
    #[cfg(feature = "faults")]
    {
        static ARMED: std::sync::Once = std::sync::Once::new();
        // Kept for good: what it holds would switch everything off again at its end.
        ARMED.call_once(|| std::mem::forget(fail::FailScenario::setup()));
    }
}

/// Dies without a word, as by `kill -9`, where the test says so.
#[cfg(feature = "faults")]
pub fn crash_point(name: &str) {
    if hit(name) {
        std::process::abort();
    }
}

/// As above, in every program that is not built for such tests: nothing.
#[cfg(not(feature = "faults"))]
#[inline(always)]
pub fn crash_point(_: &str) {}

/// Whether a test switched this point on, and its chance says now.
#[cfg(feature = "faults")]
pub(crate) fn hit(name: &str) -> bool {
    fail::fail_point!(name, |_| true);
    false
}
