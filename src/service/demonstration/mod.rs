//! The live demonstration: an invented city, roles without a password, and a clock to walk through its season.

pub mod cast;
pub mod file_forms;
pub mod nine_years;
pub mod offices;
pub mod stage_city;
pub mod stage_entry;
pub mod take_stop;
