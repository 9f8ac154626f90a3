//! Nouns, and the rules that belong to one noun.

pub mod fault;
pub mod points;
pub mod quota;
