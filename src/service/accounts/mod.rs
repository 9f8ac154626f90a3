//! Accounts: who gets in, with what, for how long, and who may give or take access.

pub mod ask_challenge;
pub mod begin_session;
pub mod change_password;
pub mod check_second_factor;
pub mod concern_account;
pub mod create_account;
pub mod create_system_token;
pub mod disable_account;
pub mod enrol_totp;
pub mod issue_grid_cards;
pub mod issue_initial_codes;
pub mod list_accounts;
pub mod list_sessions;
pub mod log_in;
pub mod log_out;
pub mod operate_accounts;
pub mod refresh_session;
pub mod reset_access;
pub mod set_guardian_phone;
pub mod show_account;
pub mod step_up;
pub mod throttle_guesses;
