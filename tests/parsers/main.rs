//! Every parser over thousands of damaged inputs, the same in every run: a fault or an answer, never
//! a panic; and what was read is computed through, so that no number slips past to overflow later.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

mod bounds;
mod entries;
mod json;
mod mutation;
mod numbers;
mod seasons;
mod sheets;
mod tokens;
#[path = "../sheets/workbooks.rs"]
mod workbooks;
