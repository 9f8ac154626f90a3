//! Compulsory education: an entry placed, told and verified.

pub mod bring_entry_sheet;
pub mod check_prohibitions;
pub mod check_registers;
pub mod compare_evidence;
pub mod decide_evidence;
pub mod draw_kit;
pub mod entry_inputs;
pub mod entry_results;
pub mod feed_register;
pub mod group_classes;
pub mod issue_child_codes;
pub mod keep_dropout_ledger;
pub mod list_children;
pub mod list_entry_sheets;
pub mod list_zones;
pub mod open_register;
pub mod place_entry;
pub mod recompute_draw;
pub mod register_child;
pub mod registers;
pub mod result_folder;
pub mod show_child;
pub mod show_entry_result;
pub mod stored_entry;
pub mod verify_entry;
