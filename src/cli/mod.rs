//! Commands, one file each; the top floor.

pub mod answer;
pub mod apportion;
pub mod command;
pub mod completions;
