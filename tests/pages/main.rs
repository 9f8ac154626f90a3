//! The pages in a real browser: every route without an accessibility violation, every task with JavaScript on and off.
//!
//! `tests/run` brings Chromium and the node modules and says where they are (`PAGES_MODULES`); without them this is
//! left out, and said.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod demonstration;
mod rules;
mod texts;
