//! The resources of `/api/v1`, one file each.

pub mod audit_lines;
pub mod candidates;
pub mod extensions;
pub mod imports;
pub mod operation;
pub mod seasons;
pub mod windows;
