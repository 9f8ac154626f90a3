//! Use cases, one file each: load, decide, check, save.

pub mod admit_folder;
pub mod compare_policies;
pub mod export_folder;
pub mod generate_city;
pub mod match_market;
pub mod result_sheets;
pub mod secrets;
pub mod verify_folder;
