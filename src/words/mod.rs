//! Every text that people read, in Chinese and English; only rules stand in English where they are checked.

pub mod rules;
pub mod texts;
