//! Commands, one file each; the top floor.

pub mod admit;
pub mod answer;
pub mod apportion;
pub mod backup;
pub mod call;
pub mod command;
pub mod completions;
pub mod database;
pub mod demo;
pub mod demo_tour;
pub mod doctor;
pub mod draw;
pub mod export;
pub mod import;
pub mod key;
pub mod match_market;
pub mod migrate;
pub mod openapi;
pub mod progress_bar;
pub mod publish;
pub mod restore;
pub mod serve;
pub mod single_file;
pub mod summary;
pub mod user;
pub mod verify;
