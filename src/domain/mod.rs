//! Nouns, and the rules that belong to one noun.

pub mod demonstration;
pub mod eligibility;
pub mod fault;
pub mod market;
pub mod market_input;
pub mod points;
pub mod policy;
pub mod quota;
pub mod seat;
pub mod ticket;
