//! Public draws: worked examples, lots against an independent ChaCha20, the command itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

mod command;
mod lots;
mod orders;
mod recompute;
