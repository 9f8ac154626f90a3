//! Screens of an entry to compulsory schools: the family's own, the public notice, the bureau's.

pub mod child;
pub mod child_record;
pub mod children;
pub mod comparison;
pub mod desks;
pub mod draws;
pub mod prohibitions;
pub mod result;
pub mod sheets;
pub mod zone_board;
pub mod zones;
