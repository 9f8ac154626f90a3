//! Season folders, sheets and single files: text in, nouns out, and back.

pub mod demonstration_folder;
