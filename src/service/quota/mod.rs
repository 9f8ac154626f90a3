//! Quota seats before the lists: who may use them, how many each junior high has, and what is said against it.

pub mod computed_quota;
pub mod decide_exception;
pub mod list_eligibility;
pub mod objections;
pub mod publish_quota;
pub mod quota_lines;
pub mod show_quota;
