//! Compulsory education in files: entry folders with the map of zones, and the register.

pub mod class_folder;
pub mod draw_stick;
pub mod entry_folder;
pub mod entry_sheets;
pub mod fed_register;
pub mod filled_sheet;
pub mod identities;
pub mod register_extract;
pub mod register_settings;
pub mod register_sheets;
pub mod sheet_rows;
pub mod tracking_folder;
pub mod zone_areas;
