//! Runs: what they are computed from, the work itself, the gate around it, and the result behind its hash.

pub mod approve_result;
pub mod draw_sample;
pub mod freeze_lists;
pub mod help_run;
pub mod list_runs;
pub mod name_key_holders;
pub mod place_season;
pub mod publish_result;
pub mod published_result;
pub mod reject_result;
pub mod request_run;
pub mod run_input;
pub mod seal_result;
pub mod seed_sources;
pub mod share_areas;
pub mod show_key_parts;
pub mod show_own_result;
pub mod work_runs;
pub mod worker;
