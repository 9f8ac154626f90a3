//! Use cases, one file each: load, decide, check, save.

pub mod generate_city;
pub mod match_market;
