//! Commands, one file each; the top floor.

pub mod answer;
pub mod command;
pub mod completions;
pub mod draw;
