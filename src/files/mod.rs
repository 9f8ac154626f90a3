//! Season folders, sheets and single files: text in, nouns out, and back.

pub mod apportion_file;
pub mod quota_proof;
