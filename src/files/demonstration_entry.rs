//! The entry to compulsory schools of the live demonstration, sheet by sheet: invented people, an invented county.

/// `entry.toml`; `AREA` stands for the admission area whose bureau runs it.
pub const POLICY: &str = include_str!("demonstration_entry/entry.toml");

/// Sheets by name with the name of their file, each after those it refers to.
pub const SHEETS: [(&str, &str, &str); 7] = [
    ("schools", "schools.csv", include_str!("demonstration_entry/schools.csv")),
    ("zones", "zones.csv", include_str!("demonstration_entry/zones.csv")),
    ("zone_map", "zones.geojson", include_str!("demonstration_entry/zones.geojson")),
    ("addresses", "addresses.csv", include_str!("demonstration_entry/addresses.csv")),
    ("feeders", "feeders.csv", include_str!("demonstration_entry/feeders.csv")),
    ("children", "children.csv", include_str!("demonstration_entry/children.csv")),
    ("evidence", "evidence.csv", include_str!("demonstration_entry/evidence.csv")),
];

/// The child whose form is left to whoever tries the demonstration.
pub const CHILD: &str = "C001";
