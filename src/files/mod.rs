//! Season folders, sheets and single files: text in, nouns out, and back.

pub mod annotated_workbook;
pub mod apportion_file;
pub mod column_names;
pub mod csv_bytes;
pub mod dbf;
pub mod dbf_table;
pub mod demonstration_folder;
pub mod draw_file;
pub mod encoding;
pub mod grid;
pub mod identity;
pub mod leaf_file;
pub mod market_file;
pub mod package;
pub mod policy_text;
pub mod public_cutoffs;
pub mod quota_proof;
pub mod rows;
pub mod season_folder;
pub mod season_workbook;
pub mod sheet;
pub mod sheet_check;
pub mod workbook;
