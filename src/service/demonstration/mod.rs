//! The live demonstration: an invented city, roles without a password, and a clock to walk through its season.

pub mod cast;
pub mod file_forms;
pub mod stage_city;
pub mod take_stop;
