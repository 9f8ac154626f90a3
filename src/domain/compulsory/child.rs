//! A child who enters a stage: what the rules need, and nothing of parents' posts or incomes.

use jiff::civil::Date;

use crate::domain::compulsory::entry_stage::EntryStage;

/// A child of the county's list. Addresses, schools and homes are told by index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// Her number on every list of this entry; never her identity number.
    pub number: String,
    pub stage: EntryStage,
    pub born: Option<Date>,
    /// Where her household is registered, and since when.
    pub household: Option<u32>,
    pub household_since: Option<Date>,
    /// Where her guardians' home stands, and since when it is theirs.
    pub property: Option<u32>,
    pub property_since: Option<Date>,
    /// Where she lives otherwise.
    pub residence: Option<u32>,
    /// The dwelling that her place hangs on (six-year rule, DP56): a code of the housing register.
    pub home: String,
    /// One code for the children of the same parents.
    pub family: String,
    /// Twins who asked for one ticket share this code (DP52); empty: alone.
    pub twins: String,
    /// Her primary school, and since when she is there without a break; entrants to junior high.
    pub primary: Option<u32>,
    pub primary_since: Option<Date>,
    /// The one private school she chose (DP50).
    pub private: Option<u32>,
    /// Whether she goes on inside her nine- or twelve-year school if there is a place (DP53).
    pub direct: bool,
    /// Schools of a zone of several in the order she likes; those not named follow by nearness.
    pub choices: Vec<u32>,
    /// Schools of the transfer round in the order she likes.
    pub transfer_choices: Vec<u32>,
    /// The place named for her case (一人一案).
    pub case: Option<u32>,
}
