//! The resources of `/api/v1`, one file each.

pub mod account;
pub mod accounts;
pub mod audit_lines;
pub mod candidates;
pub mod children;
pub mod data_out;
pub mod desks;
pub mod drafts;
pub mod draws;
pub mod eligibility;
pub mod entries;
pub mod forms;
pub mod imports;
pub mod ledger;
pub mod lots;
pub mod notices;
pub mod operation;
pub mod packages;
pub mod programmes;
pub mod proposals;
pub mod quota;
pub mod results;
pub mod runs;
pub mod seasons;
pub mod sessions;
pub mod windows;
