//! Season folders, sheets and single files: text in, nouns out, and back.

pub mod draw_file;
pub mod encoding;
