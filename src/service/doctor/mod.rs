//! What must stand before a site goes live, each thing a check of its own.

pub mod check;
pub mod check_database;
pub mod check_machine;
pub mod check_season;
pub mod examine;
