//! The quota: worked examples, published figures, cases with known answers, properties, the command.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cases;
mod command;
mod files;
mod plan;
mod properties;
mod published;
mod worked;
