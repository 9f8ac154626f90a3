//! Public draws: worked examples, lots against an independent ChaCha20, the command itself.

mod command;
mod lots;
mod orders;
