//! What is wrong with a field, in the words of the page, with the field to go to.

use crate::service::error::FieldFault;
use crate::web::pages::frame::Frame;

/// Fields whose rule the pages tell in their own words; their ids are the last parts of the faults' pointers.
const TOLD: &[&str] = &["evidence", "reason", "subject"];

/// A line of the summary above a form.
pub struct FieldNote {
    /// The id of the field.
    pub field: String,
    pub text: String,
}

impl FieldNote {
    /// A line of its own.
    pub fn new(field: &str, text: String) -> FieldNote {
        FieldNote { field: field.to_owned(), text }
    }
}

/// The lines of a summary.
pub fn field_notes(frame: &Frame, faults: Vec<FieldFault>) -> Vec<FieldNote> {
    let note = |fault: FieldFault| {
        let field = fault.pointer.rsplit('/').next().unwrap_or_default();
        let told = TOLD.contains(&field);
        let text = if told { frame.of_kind("school-fault", field) } else { fault.told(frame.words) };
        FieldNote::new(field, text)
    };
    faults.into_iter().map(note).collect()
}
