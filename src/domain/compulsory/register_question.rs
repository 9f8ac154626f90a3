//! What a register is asked about a child, and what it answers (DP49): no field that the fact does not need.

use jiff::civil::Date;

use crate::domain::compulsory::evidence::Comparison;
use crate::domain::compulsory::fact::Fact;

/// One fact of one child. It cannot be printed: a number of identity belongs into no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Question {
    /// The child's number on the lists of the entry; no register is told it.
    pub child: String,
    pub fact: Fact,
    pub name: String,
    pub id_no: String,
    /// The address the fact is about; empty where the fact is about none.
    pub address: String,
}

/// What a register answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub comparison: Comparison,
    /// The day of the register's data; none where it was not to be had.
    pub day: Option<Date>,
}

impl Answer {
    /// The register was down, or answered something that is no answer.
    pub const UNAVAILABLE: Answer = Answer { comparison: Comparison::Unavailable, day: None };
}

/// Which address of a child a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Where the household is registered.
    Household,
    /// Where the guardians' home stands.
    Property,
    /// Where she lives otherwise.
    Residence,
}

impl Claim {
    /// The address that a fact is about; none for facts about a person alone.
    pub const fn of(fact: Fact) -> Option<Claim> {
        match fact {
            Fact::Household => Some(Claim::Household),
            Fact::Property
            | Fact::PublicRental
            | Fact::Replacement
            | Fact::SelfBuilt
            | Fact::LimitedTitle => Some(Claim::Property),
            Fact::Tenancy | Fact::ResidencePermit => Some(Claim::Residence),
            Fact::Employment
            | Fact::Business
            | Fact::Martyr
            | Fact::Military
            | Fact::Rescue
            | Fact::Talent
            | Fact::Disabled
            | Fact::Sibling => None,
        }
    }
}
