//! The two beginnings of compulsory education: primary school at six, junior high at twelve.

use serde::Deserialize;

/// A stage that children enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryStage {
    /// First grade (小学一年级).
    Primary,
    /// Seventh grade (初中一年级).
    Junior,
}

impl EntryStage {
    /// Both, in the order of life.
    pub const ALL: [EntryStage; 2] = [EntryStage::Primary, EntryStage::Junior];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            EntryStage::Primary => "primary",
            EntryStage::Junior => "junior",
        }
    }

    /// The stage of a word.
    pub fn from_word(word: &str) -> Option<EntryStage> {
        EntryStage::ALL.into_iter().find(|stage| stage.word() == word)
    }

    /// Its place in pairs that hold something for each stage.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Children of a class that the norm allows (DP58).
    pub const fn norm(self) -> u32 {
        match self {
            EntryStage::Primary => 45,
            EntryStage::Junior => 50,
        }
    }
}
