//! The bare engine against the rule as it is told: cases, worked examples, brute force, mutants, bad files.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

mod bad_input;
mod cases;
mod columns;
mod literal;
mod mutants;
mod oracle;
mod properties;
mod simulations;
mod town;
mod worked;
