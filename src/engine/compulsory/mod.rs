//! Compulsory education: who stands where, placed by the engines of the senior-high season.

pub mod candidacy;
pub mod class_balance;
pub mod class_groups;
pub mod dropout_ledger;
pub mod entry_calendar;
pub mod entry_check;
pub mod entry_comparison;
pub mod entry_explanation;
pub mod entry_market;
pub mod entry_run;
pub mod head_teachers;
pub mod home_lock;
pub mod needed_facts;
pub mod placed_entry;
pub mod prohibitions;
pub mod register_check;
pub mod register_eligibility;
pub mod register_opening;
pub mod school_draws;
pub mod seat_warning;
pub mod zone_check;
pub mod zone_map;
