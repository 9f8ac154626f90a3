//! Pure algorithms: data in, outcome out; no files, no time, no chance but a seed.

pub mod admission_lines;
pub mod apportionment;
pub mod areas;
pub mod batch_placing;
pub mod biproportional;
pub mod bucket_kernel;
pub mod choice;
pub mod comparison;
pub mod controlled_rounding;
pub mod cutoffs;
pub mod deferred_acceptance;
pub mod demonstration;
pub mod draw;
pub mod eligibility;
pub mod explanation;
pub mod keys;
pub mod quota_plan;
pub mod ranking;
pub mod score_segments;
pub mod season_check;
pub mod season_quota;
pub mod season_run;
pub mod totals;
pub mod transfer;
pub mod verification;
pub mod worklist_kernel;
