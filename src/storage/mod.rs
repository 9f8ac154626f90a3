//! All SQL: one file per table, and the database behind its two doors.

pub mod accounts;
pub mod areas;
pub mod audit_lines;
pub mod audited_tables;
pub mod candidates;
pub mod change;
pub mod clock;
pub mod database;
pub mod error;
pub mod idempotency_keys;
pub mod imports;
pub mod junior_schools;
pub mod migrations;
pub mod programmes;
pub mod proposals;
pub mod quota_overrides;
pub mod schema;
pub mod scores;
pub mod seasons;
pub mod senior_schools;
pub mod sessions;
pub mod windows;
