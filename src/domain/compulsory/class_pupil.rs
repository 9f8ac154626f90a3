//! A pupil of a starting grade: what the making of class groups may know of her, and no score.

/// Sex as the registers write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sex {
    Female,
    Male,
    Unknown,
}

impl Sex {
    /// Every sex.
    pub const ALL: [Sex; 3] = [Sex::Female, Sex::Male, Sex::Unknown];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Sex::Female => "female",
            Sex::Male => "male",
            Sex::Unknown => "unknown",
        }
    }

    /// The sex of a word.
    pub fn from_word(word: &str) -> Option<Sex> {
        Sex::ALL.into_iter().find(|sex| sex.word() == word)
    }

    /// Its place in counts by sex.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// What the family of twins asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TwinWish {
    /// One class for all of them.
    Together,
    /// Another class for each.
    Apart,
}

impl TwinWish {
    /// Every wish.
    pub const ALL: [TwinWish; 2] = [TwinWish::Together, TwinWish::Apart];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            TwinWish::Together => "together",
            TwinWish::Apart => "apart",
        }
    }

    /// The wish of a word.
    pub fn from_word(word: &str) -> Option<TwinWish> {
        TwinWish::ALL.into_iter().find(|wish| wish.word() == word)
    }
}

/// Twins whose family has a wish.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TwinBond {
    /// One code for all children of one birth.
    pub code: String,
    pub wish: TwinWish,
}

/// A pupil.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassPupil {
    /// Her number on the list of the grade; never her identity number.
    pub number: String,
    pub sex: Sex,
    /// The primary school or kindergarten she comes from, by index.
    pub source: Option<u32>,
    /// Her place in an order that the school was given, the smaller first; equal places are left to the lot.
    pub order: Option<u32>,
    /// A whole figure by which classes are compared afterwards, such as age in days; it decides nothing.
    pub figure: Option<u32>,
    pub twins: Option<TwinBond>,
}

impl ClassPupil {
    /// Her line on the frozen list: all that decides on her class. Absent parts stay empty.
    pub fn line(&self) -> String {
        let figure = |figure: Option<u32>| figure.map_or(String::new(), |figure| figure.to_string());
        let twins = self
            .twins
            .as_ref()
            .map_or(String::new(), |twins| format!("{},{}", twins.wish.word(), twins.code));
        format!("{},{},{},{},{twins}", self.number, self.sex.word(), figure(self.source), figure(self.order))
    }
}
