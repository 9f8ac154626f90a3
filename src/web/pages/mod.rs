//! The pages: one file per screen; they call the same use cases as the API and decide nothing.

pub mod account;
pub mod assets;
pub mod candidate_home;
pub mod centre;
pub mod demonstration;
pub mod draw_again;
pub mod entry;
pub mod explained_choice;
pub mod form;
pub mod frame;
pub mod landing;
pub mod live_city;
pub mod log_in;
pub mod member;
pub mod office_home;
pub mod own_data;
pub mod own_result;
pub mod page_problem;
pub mod posted;
pub mod routes;
pub mod schools;
pub mod season_head;
pub mod season_home;
pub mod statistics;
pub mod step_up;
pub mod uploaded;
