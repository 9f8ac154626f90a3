//! A backup is one file and a manifest of hashes: made while the service runs, restored, compared.

pub mod back_up;
pub mod compare_backup;
pub mod manifest;
pub mod postgres_tools;
pub mod restore_backup;
pub mod whole_file;
