//! Candidates as columns, sorted by exam number; names and numbers of identity stay outside.

use std::collections::BTreeMap;

use crate::domain::points::Points;

/// Texts one behind the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    bytes: String,
    ends: Vec<u32>,
}

impl Texts {
    pub fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(u32::try_from(self.bytes.len()).expect("exam numbers of a province fit 4 GiB"));
    }

    /// Appends all texts of another column.
    pub fn append(&mut self, other: &Texts) {
        let base = u32::try_from(self.bytes.len()).expect("texts of a season fit 4 GiB");
        self.bytes.push_str(&other.bytes);
        assert!(u32::try_from(self.bytes.len()).is_ok(), "texts of a season fit 4 GiB");
        self.ends.extend(other.ends.iter().map(|end| base + end));
    }

    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.bytes[start..self.ends[index] as usize]
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The place of a text in a sorted column; `near` is tried first, then the one behind it.
    pub fn find(&self, text: &str, near: usize) -> Option<usize> {
        for guess in [near, near + 1] {
            if guess < self.len() && self.get(guess) == text {
                return Some(guess);
            }
        }
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = (low + high) / 2;
            match self.get(middle).cmp(text) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// Bits of [`Candidates::facts`].
pub mod fact {
    /// Attended the junior high.
    pub const ATTENDED: u8 = 1;
    /// Repeats the year (往届).
    pub const REPEAT: u8 = 2;
    /// Household in the admission area (户籍).
    pub const LOCAL: u8 = 4;
}

/// All candidates; one entry per candidate in every column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    pub exam_no: Texts,
    /// Junior highs by index, `market::NONE` without one.
    pub junior: Vec<u32>,
    /// Areas by index.
    pub area: Vec<u32>,
    /// On the register there since: yyyymmdd as a number, 0 when unknown.
    pub register_from: Vec<u32>,
    /// See [`fact`].
    pub facts: Vec<u8>,
    /// Places in the policy's `quality_grades`; 255 without one.
    pub quality: Vec<u8>,
    /// Bits over `flag_names`.
    pub flags: Vec<u32>,
    /// All bonuses of those who have any.
    pub bonuses: BTreeMap<u32, Vec<Points>>,
    /// Every flag that occurs, sorted.
    pub flag_names: Vec<String>,
}

impl Candidates {
    pub fn len(&self) -> usize {
        self.exam_no.len()
    }

    pub fn is_empty(&self) -> bool {
        self.exam_no.is_empty()
    }

    /// The bit of a flag; no bit where nobody carries it.
    pub fn flag_bit(&self, name: &str) -> u32 {
        self.flag_names.iter().position(|known| known == name).map_or(0, |place| 1 << place)
    }
}
