//! Whole seasons, from folder to checked result: worked by hand, published, forged, corrupted, faulty.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backtest;
mod bad_input;
mod compare;
mod corrections;
mod demo;
mod drafts;
mod forged;
mod guidance;
mod invariance;
mod mutants;
mod nine_years;
mod preference_forms;
mod published;
mod register_feed;
mod worked_examples;
mod worked_seasons;
