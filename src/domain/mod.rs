//! Nouns, and the rules that belong to one noun.

pub mod access;
pub mod actor;
pub mod candidates;
pub mod checked_rows;
pub mod city;
pub mod control_totals;
pub mod demonstration;
pub mod eligibility;
pub mod fault;
pub mod market;
pub mod market_input;
pub mod marks;
pub mod person_name;
pub mod phase;
pub mod points;
pub mod policy;
pub mod preferences;
pub mod progress;
pub mod quota;
pub mod reason;
pub mod role;
pub mod season;
pub mod seat;
pub mod sheet_kind;
pub mod ticket;
