//! Candidates: shown to whom they concern, and every look of an office on the record.

pub mod list_candidates;
pub mod list_classes;
pub mod list_readers;
pub mod merit;
pub mod sealed_person;
pub mod show_candidate;
pub mod show_own_scores;
