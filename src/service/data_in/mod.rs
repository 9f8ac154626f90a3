//! Data in: files are uploaded, checked, looked at, and committed all or nothing.

pub mod check_upload;
pub mod commit_import;
pub mod delete_import;
pub mod import_folder;
pub mod import_report;
pub mod list_imports;
pub mod own_rows;
pub mod show_import;
pub mod store_rows;
pub mod stored_sheets;
pub mod upload_import;
