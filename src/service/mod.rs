//! Use cases, one file each: permit, load, decide, save, and the audit line, in one transaction.

pub mod accounts;
pub mod admit_folder;
pub mod app;
pub mod audit;
pub mod compare_policies;
pub mod data_in;
pub mod data_out;
pub mod error;
pub mod export_folder;
pub mod forms;
pub mod generate_city;
pub mod kept_by_hash;
pub mod ledger;
pub mod match_market;
pub mod notices;
pub mod people;
pub mod precondition;
pub mod proposals;
pub mod quota;
pub mod result_sheets;
pub mod runs;
pub mod season;
pub mod secrets;
pub mod stated_reason;
pub mod verify_folder;
