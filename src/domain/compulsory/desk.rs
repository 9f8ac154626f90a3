//! Desks (办理台): where an office does what follows the admission of an entry, and the files each of them reads.

use serde::Deserialize;

use crate::domain::compulsory::after_sheet::{
    ARRIVALS, GRADUATES, OUTCOMES, PUPILS, REGISTER, STEPS, TEACHERS,
};
use crate::domain::compulsory::entry_sheet::EntrySheet;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::fault::Fault;
use crate::domain::policy_toml::read_policy;

/// A desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Desk {
    /// Class groups of a starting grade, and the draw of their head teachers (均衡编班).
    Classes,
    /// The drop-out ledger (控辍保学台账).
    Ledger,
    /// The opening of the register after arrival (报到注册学籍).
    Register,
}

/// A file that a desk reads.
pub struct DeskFile {
    /// Its name without an ending.
    pub name: &'static str,
    /// The sheet it is; none of a policy in TOML.
    pub sheet: Option<&'static EntrySheet>,
    /// Without it the desk gives nothing.
    pub needed: bool,
}

/// The policy of an opening: `opening.toml`.
pub const OPENING_POLICY: &str = "opening.toml";
/// The name of a sheet of registers that stand already.
pub const EARLIER: &str = "earlier";

const fn sheet(sheet: &'static EntrySheet, needed: bool) -> DeskFile {
    DeskFile { name: sheet.name, sheet: Some(sheet), needed }
}

const fn policy(name: &'static str, needed: bool) -> DeskFile {
    DeskFile { name, sheet: None, needed }
}

static CLASSES: [DeskFile; 3] = [policy("class", true), sheet(&PUPILS, true), sheet(&TEACHERS, false)];
static LEDGER: [DeskFile; 5] = [
    policy("tracking", true),
    sheet(&GRADUATES, true),
    sheet(&REGISTER, true),
    sheet(&OUTCOMES, false),
    sheet(&STEPS, false),
];
static OPENING: [DeskFile; 3] = [
    policy("opening", false),
    DeskFile { name: EARLIER, sheet: Some(&REGISTER), needed: false },
    sheet(&ARRIVALS, true),
];

impl DeskFile {
    /// Its whole name: a sheet is kept as CSV, whatever brought it.
    pub fn file(&self) -> String {
        format!("{}.{}", self.name, if self.sheet.is_some() { "csv" } else { "toml" })
    }
}

impl Desk {
    /// Every desk, in the order in which an entry comes to them.
    pub const ALL: [Desk; 3] = [Desk::Register, Desk::Classes, Desk::Ledger];

    /// Its word in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Desk::Classes => "classes",
            Desk::Ledger => "ledger",
            Desk::Register => "register",
        }
    }

    /// The desk of a word.
    pub fn from_word(word: &str) -> Option<Desk> {
        Desk::ALL.into_iter().find(|desk| desk.word() == word)
    }

    /// What it reads, each after what it is checked with.
    pub fn files(self) -> &'static [DeskFile] {
        match self {
            Desk::Classes => &CLASSES,
            Desk::Ledger => &LEDGER,
            Desk::Register => &OPENING,
        }
    }

    /// A file by its whole name.
    pub fn file(self, name: &str) -> Option<&'static DeskFile> {
        self.files().iter().find(|file| file.file() == name)
    }

    /// Whether it opens with the publication of the result; who left primary school is tracked all year.
    pub const fn is_after_result(self) -> bool {
        !matches!(self, Desk::Ledger)
    }
}

/// What a desk is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeskSubject {
    /// The whole entry.
    Entry,
    /// The starting grade of a stage at a school.
    Grade { stage: EntryStage, school: String },
}

/// The word of the whole entry.
const ENTRY: &str = "entry";

impl DeskSubject {
    /// Its word: `entry`, or the stage and the code of the school, such as `primary-S01`.
    pub fn word(&self) -> String {
        match self {
            DeskSubject::Entry => ENTRY.to_owned(),
            DeskSubject::Grade { stage, school } => format!("{}-{school}", stage.word()),
        }
    }

    /// The subject of a word at a desk.
    pub fn from_word(desk: Desk, word: &str) -> Option<DeskSubject> {
        if desk != Desk::Classes {
            return (word == ENTRY).then_some(DeskSubject::Entry);
        }
        let (stage, school) = word.split_once('-')?;
        Some(DeskSubject::Grade { stage: EntryStage::from_word(stage)?, school: school.to_owned() })
    }
}

/// What an opening is told beside its sheets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningPolicy {
    /// The county's division (GB/T 2260), for numbers of children without an identity card.
    pub division: Option<String>,
}

impl OpeningPolicy {
    /// Reads `opening.toml`.
    ///
    /// # Errors
    /// The first place that cannot be read.
    pub fn read(text: &str) -> Result<OpeningPolicy, Vec<Fault>> {
        read_policy(OPENING_POLICY, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_and_names_stand_once() {
        for desk in Desk::ALL {
            assert_eq!(Desk::from_word(desk.word()), Some(desk));
            assert!(
                desk.files()
                    .iter()
                    .all(|file| desk.file(&file.file()).is_some_and(|found| found.name == file.name))
            );
        }
        let grade = DeskSubject::Grade { stage: EntryStage::Junior, school: "J-01".to_owned() };
        assert_eq!(DeskSubject::from_word(Desk::Classes, &grade.word()), Some(grade));
        assert_eq!(DeskSubject::from_word(Desk::Ledger, "entry"), Some(DeskSubject::Entry));
        assert_eq!(DeskSubject::from_word(Desk::Register, "primary-S01"), None);
        assert!(
            OpeningPolicy::read("division = \"420684\"").is_ok() && OpeningPolicy::read("x = 1").is_err()
        );
    }
}
