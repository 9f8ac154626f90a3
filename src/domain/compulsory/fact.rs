//! What may be proved of a child, and no more: whatever a policy asks, it can only ask for these.

use serde::{Deserialize, Deserializer};

/// A ground of admission that departments can confirm (DP48, DP49).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// Household registration (户籍) of the child with its guardians in the county; police.
    Household,
    /// A home owned by the guardians (房产); housing register.
    Property,
    /// Rented public housing (公租房); housing register.
    PublicRental,
    /// Replacement housing after clearance (拆迁安置房); housing register.
    Replacement,
    /// A self-built home (自建房); housing register.
    SelfBuilt,
    /// Housing of limited title (小产权房); paper.
    LimitedTitle,
    /// A rented home (租房); housing register.
    Tenancy,
    /// A residence permit (居住证); police.
    ResidencePermit,
    /// A contract of work of a year at least, with social security paid (务工); social security.
    Employment,
    /// A business licence (经商); market supervision.
    Business,
    /// Child of a martyr (烈士子女).
    Martyr,
    /// Child of a soldier (军人子女).
    Military,
    /// Child of fire and rescue staff or police who are put on a par by law (消防救援, 公安英模).
    Rescue,
    /// Child of somebody the county invited (高层次人才).
    Talent,
    /// A disabled child: one person, one case (一人一案).
    Disabled,
    /// A brother or sister is at the school already (长幼随学).
    Sibling,
}

impl Fact {
    /// Every fact.
    pub const ALL: [Fact; 16] = [
        Fact::Household,
        Fact::Property,
        Fact::PublicRental,
        Fact::Replacement,
        Fact::SelfBuilt,
        Fact::LimitedTitle,
        Fact::Tenancy,
        Fact::ResidencePermit,
        Fact::Employment,
        Fact::Business,
        Fact::Martyr,
        Fact::Military,
        Fact::Rescue,
        Fact::Talent,
        Fact::Disabled,
        Fact::Sibling,
    ];

    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Fact::Household => "household",
            Fact::Property => "property",
            Fact::PublicRental => "public_rental",
            Fact::Replacement => "replacement",
            Fact::SelfBuilt => "self_built",
            Fact::LimitedTitle => "limited_title",
            Fact::Tenancy => "tenancy",
            Fact::ResidencePermit => "residence_permit",
            Fact::Employment => "employment",
            Fact::Business => "business",
            Fact::Martyr => "martyr",
            Fact::Military => "military",
            Fact::Rescue => "rescue",
            Fact::Talent => "talent",
            Fact::Disabled => "disabled",
            Fact::Sibling => "sibling",
        }
    }

    /// The fact of a word.
    pub fn from_word(word: &str) -> Option<Fact> {
        Fact::ALL.into_iter().find(|fact| fact.word() == word)
    }
}

impl<'de> Deserialize<'de> for Fact {
    /// A word outside the list is refused: exams, contests, certificates and what parents do or earn are no
    /// ground (BJ24 3, DP61), because there is no word for them.
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Fact, D::Error> {
        let word = String::deserialize(reader)?;
        Fact::from_word(&word).ok_or_else(|| {
            let words: Vec<&str> = Fact::ALL.iter().map(|fact| fact.word()).collect();
            serde::de::Error::custom(format!(
                "{word:?} is no ground of admission: exams, contests, certificates, and what parents do or earn \
                 never are; the grounds are {}",
                words.join(", ")
            ))
        })
    }
}

/// The facts proved of one child.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(u32);

impl Facts {
    /// Adds a fact.
    pub fn add(&mut self, fact: Fact) {
        self.0 |= 1 << fact as u32;
    }

    /// Takes a fact away.
    pub fn remove(&mut self, fact: Fact) {
        self.0 &= !(1 << fact as u32);
    }

    /// Whether a fact is proved.
    pub const fn has(self, fact: Fact) -> bool {
        self.0 & 1 << fact as u32 != 0
    }
}
