//! The sheet by which a senior-high season is fed from the register.

use crate::domain::compulsory::entry_sheet::EntrySheet;

/// Which register number is whose exam number.
pub const REGISTER_NUMBERS: EntrySheet = EntrySheet {
    name: "register_numbers",
    title: "学籍对照",
    key: &["exam_no"],
    required: &["exam_no", "register_no"],
    optional: &[],
};

/// Every sheet.
pub const FEED_SHEETS: [EntrySheet; 1] = [REGISTER_NUMBERS];
