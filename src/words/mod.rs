//! Every text that people read, in Chinese and English: no other floor holds one.

pub mod texts;
