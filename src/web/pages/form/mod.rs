//! The screens of one preference list.

pub mod check;
pub mod list;
pub mod paper;
pub mod versions;
