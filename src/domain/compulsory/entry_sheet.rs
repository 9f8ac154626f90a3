//! The sheets of an entry and their columns: there is none for posts, incomes, exams or certificates (DP61).

/// A sheet: its name, the columns that must be there, and those that may.
pub struct EntrySheet {
    pub name: &'static str,
    /// Its name as offices call a sheet of a workbook.
    pub title: &'static str,
    /// The columns that make a row one of its kind.
    pub key: &'static [&'static str],
    pub required: &'static [&'static str],
    pub optional: &'static [&'static str],
}

pub const SCHOOLS: EntrySheet = EntrySheet {
    name: "schools",
    title: "学校",
    key: &["school_code"],
    required: &["school_code", "name", "kind"],
    optional: &[
        "ownership",
        "primary_classes",
        "primary_seats",
        "junior_classes",
        "junior_seats",
        "replacement",
        "longitude",
        "latitude",
    ],
};

pub const ZONES: EntrySheet = EntrySheet {
    name: "zones",
    title: "学区",
    key: &["zone_code"],
    required: &["zone_code", "name", "stage", "schools"],
    optional: &["text"],
};

pub const ADDRESSES: EntrySheet = EntrySheet {
    name: "addresses",
    title: "地址",
    key: &["address_code"],
    required: &["address_code"],
    optional: &["text", "primary_zone", "junior_zone", "longitude", "latitude"],
};

pub const FEEDERS: EntrySheet = EntrySheet {
    name: "feeders",
    title: "对口升学",
    key: &["primary_code", "junior_code"],
    required: &["primary_code", "junior_code"],
    optional: &[],
};

pub const CHILDREN: EntrySheet = EntrySheet {
    name: "children",
    title: "儿童",
    key: &["child_no"],
    required: &["child_no", "stage"],
    optional: &[
        "name",
        "sex",
        "id_no",
        "born",
        "household_address",
        "household_since",
        "property_address",
        "property_since",
        "residence_address",
        "home",
        "family",
        "twins",
        "primary_code",
        "primary_since",
        "private_code",
        "direct",
        "choices",
        "transfer_choices",
        "case_code",
    ],
};

pub const EVIDENCE: EntrySheet = EntrySheet {
    name: "evidence",
    title: "核验",
    key: &["child_no", "fact", "source"],
    required: &["child_no", "fact", "source", "comparison"],
    optional: &["decision", "reason", "day"],
};

pub const HOME_USES: EntrySheet = EntrySheet {
    name: "home_uses",
    title: "住房使用",
    key: &["home", "stage", "year", "family"],
    required: &["home", "stage", "year"],
    optional: &["family"],
};

pub const DRAWS: EntrySheet = EntrySheet {
    name: "draws",
    title: "摇号",
    key: &["school_code", "stage"],
    required: &["school_code", "stage", "protocol", "first", "step"],
    optional: &[],
};

/// Every sheet, each after those it refers to.
pub static ENTRY_SHEETS: [EntrySheet; 8] =
    [SCHOOLS, ZONES, ADDRESSES, FEEDERS, CHILDREN, EVIDENCE, HOME_USES, DRAWS];

impl EntrySheet {
    /// The sheet of a name.
    pub fn from_name(name: &str) -> Option<&'static EntrySheet> {
        ENTRY_SHEETS.iter().find(|sheet| sheet.name == name)
    }

    /// All columns in the order in which a sheet is written.
    pub fn columns(&self) -> Vec<&'static str> {
        [self.required, self.optional].concat()
    }
}
