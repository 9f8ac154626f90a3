//! Screens of junior highs, senior highs and county bureaus.

pub mod admitted;
pub mod confirmations;
pub mod eligibility;
pub mod enrolments;
pub mod exceptions;
pub mod field_notes;
pub mod filling_progress;
pub mod form_sheet;
pub mod form_sheets;
pub mod hour_bars;
pub mod objections;
pub mod own_sheet;
pub mod plan;
pub mod posting;
pub mod pupil;
pub mod pupil_access;
pub mod pupils;
pub mod slip_orders;
pub mod status_board;
