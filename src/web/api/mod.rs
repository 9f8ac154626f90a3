//! The resources of `/api/v1`, one file each.

pub mod account;
pub mod accounts;
pub mod audit_lines;
pub mod candidates;
pub mod drafts;
pub mod extensions;
pub mod forms;
pub mod imports;
pub mod notices;
pub mod operation;
pub mod programmes;
pub mod seasons;
pub mod sessions;
pub mod windows;
