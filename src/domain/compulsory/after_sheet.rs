//! The sheets of what follows admission: class groups, arrival, register, drop-out ledger.

use crate::domain::compulsory::entry_sheet::EntrySheet;

pub const PUPILS: EntrySheet = EntrySheet {
    name: "pupils",
    title: "学生",
    key: &["pupil_no"],
    required: &["pupil_no", "sex"],
    optional: &["name", "source", "order", "figure", "twins", "twin_wish"],
};

pub const TEACHERS: EntrySheet = EntrySheet {
    name: "teachers",
    title: "教师",
    key: &["teacher_no"],
    required: &["teacher_no"],
    optional: &["name"],
};

pub const ARRIVALS: EntrySheet = EntrySheet {
    name: "arrivals",
    title: "报到",
    key: &["child_no"],
    required: &["child_no", "arrived"],
    optional: &["documents", "arrived_on", "leave", "register_no", "person", "note"],
};

pub const REGISTER: EntrySheet = EntrySheet {
    name: "register",
    title: "学籍",
    key: &["register_no"],
    required: &["register_no", "person", "school_code", "status", "from"],
    optional: &["until", "stage", "class_of", "household", "child_no", "arrived_on", "reason"],
};

pub const GRADUATES: EntrySheet = EntrySheet {
    name: "graduates",
    title: "毕业生",
    key: &["person"],
    required: &["person", "primary_code", "county"],
    optional: &["expected_at"],
};

pub const OUTCOMES: EntrySheet = EntrySheet {
    name: "outcomes",
    title: "去向",
    key: &["person"],
    required: &["person", "on", "outcome", "note"],
    optional: &[],
};

pub const STEPS: EntrySheet = EntrySheet {
    name: "steps",
    title: "劝返",
    key: &["person"],
    required: &["person", "step", "on"],
    optional: &[],
};

/// Every sheet.
pub const AFTER_SHEETS: [EntrySheet; 7] = [PUPILS, TEACHERS, ARRIVALS, REGISTER, GRADUATES, OUTCOMES, STEPS];
