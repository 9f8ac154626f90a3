//! Bugs on purpose: a harness that does not turn red with its bug is no evidence (`promises.md`, section 3.1).

/// Every planted bug, and whether this program was built with it (`--features bug-...`); built with `faults` alone, a
/// test switches one on at run time by `FAILPOINTS=bug-...=return`, so that one build serves all harnesses.
pub const BUGS: [(&str, bool); 13] = [
    ("bug-ack-before-commit", cfg!(feature = "bug-ack-before-commit")),
    ("bug-clock-of-process", cfg!(feature = "bug-clock-of-process")),
    ("bug-deadline-outside", cfg!(feature = "bug-deadline-outside")),
    ("bug-hash-order", cfg!(feature = "bug-hash-order")),
    ("bug-if-match-ignored", cfg!(feature = "bug-if-match-ignored")),
    ("bug-key-after-write", cfg!(feature = "bug-key-after-write")),
    ("bug-line-outside", cfg!(feature = "bug-line-outside")),
    ("bug-no-directory-sync", cfg!(feature = "bug-no-directory-sync")),
    ("bug-result-early", cfg!(feature = "bug-result-early")),
    ("bug-row-missing", cfg!(feature = "bug-row-missing")),
    ("bug-sync-normal", cfg!(feature = "bug-sync-normal")),
    ("bug-sync-off", cfg!(feature = "bug-sync-off")),
    ("bug-token-lives-on", cfg!(feature = "bug-token-lives-on")),
];

/// Whether a planted bug is at work. Always false in a program built without the feature `faults`.
#[cfg(feature = "faults")]
pub fn planted(bug: &str) -> bool {
    let (_, built_in) = BUGS.iter().find(|(name, _)| *name == bug).expect("every planted bug is in the list");
    *built_in || crate::faults::crash_point::hit(bug)
}

/// As above, in every program that people use.
#[cfg(not(feature = "faults"))]
#[inline(always)]
pub fn planted(_: &str) -> bool {
    false
}
