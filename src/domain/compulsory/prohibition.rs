//! One of the ten prohibitions (十项严禁) with what was seen of it.

/// What was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// So many rows, and what breaks the prohibition on them, in words.
    Checked { rows: usize, breaches: Vec<String> },
    /// Nothing in the data could show it.
    NotInTheData,
}

/// One prohibition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prohibition {
    /// Its place among the ten.
    pub number: u32,
    /// The word in files.
    pub word: &'static str,
    /// What was checked, or why nothing could be.
    pub what: &'static str,
    pub seen: Seen,
}
