//! Commands, one file each; the top floor.

pub mod answer;
pub mod apportion;
pub mod command;
pub mod completions;
pub mod draw;
pub mod match_market;
pub mod single_file;
