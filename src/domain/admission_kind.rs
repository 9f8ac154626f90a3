//! What a season admits to.

/// Senior highs by scores and lists, or compulsory schools by nearness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdmissionKind {
    /// Senior highs (高中招生).
    SeniorHigh,
    /// Primary schools and junior highs (义务教育入学): an entry.
    Compulsory,
}

impl AdmissionKind {
    /// Both.
    pub const ALL: [AdmissionKind; 2] = [AdmissionKind::SeniorHigh, AdmissionKind::Compulsory];

    /// The word of rows and the API.
    pub const fn word(self) -> &'static str {
        match self {
            AdmissionKind::SeniorHigh => "senior_high",
            AdmissionKind::Compulsory => "compulsory",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<AdmissionKind> {
        AdmissionKind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}
