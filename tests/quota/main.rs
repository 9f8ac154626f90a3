//! The quota: worked examples, published figures, cases with known answers, properties, the command.

mod cases;
mod command;
mod files;
mod plan;
mod properties;
mod published;
mod worked;
