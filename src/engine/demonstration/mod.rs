//! The demonstration city: a season of any size with invented people, drawn from a seed.

pub mod candidates;
pub mod chance;
pub mod layout;
pub mod nine_years;
pub mod people;
pub mod published;
