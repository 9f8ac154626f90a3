//! Nouns, and the rules that belong to one noun.

pub mod access;
pub mod actor;
pub mod candidates;
pub mod city;
pub mod demonstration;
pub mod eligibility;
pub mod fault;
pub mod form;
pub mod form_finding;
pub mod market;
pub mod market_input;
pub mod marks;
pub mod phase;
pub mod points;
pub mod policy;
pub mod preferences;
pub mod progress;
pub mod published_quota;
pub mod quota;
pub mod reason;
pub mod role;
pub mod season;
pub mod seat;
pub mod ticket;
