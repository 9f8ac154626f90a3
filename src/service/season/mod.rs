//! A season from its opening to its filing: phases, windows, the clock.

pub mod advance_season;
pub mod create_season;
pub mod extend_window;
pub mod gated_step;
pub mod list_seasons;
pub mod move_clock;
pub mod season_policy;
pub mod set_policy;
pub mod show_season;
pub mod stored_policy;
pub mod windows;
