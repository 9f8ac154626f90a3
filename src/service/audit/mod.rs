//! The record of every act: read by supervisors, checked by anyone with the key.

pub mod list_acts;
pub mod list_audit_lines;
pub mod verify_audit;
