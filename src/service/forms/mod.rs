//! Preference forms: searched, drafted, checked, submitted as versions, confirmed on paper.

pub mod check_form;
pub mod delete_draft;
pub mod list_confirmation_forms;
pub mod list_drafts;
pub mod list_form_versions;
pub mod own_chances;
pub mod record_confirmation;
pub mod restore_form_version;
pub mod save_draft;
pub mod search_programmes;
pub mod show_draft;
pub mod show_filling_progress;
pub mod show_form;
pub mod show_status_board;
pub mod stored_form;
pub mod stored_terms;
pub mod submit_form;
