//! A line of a register's sheet: the spell, and what the sheet tells beside it.

use jiff::civil::Date;

use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::register_spell::RegisterSpell;

/// One line, with the place it was read at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterLine {
    pub file: String,
    pub row: u64,
    pub spell: RegisterSpell,
    pub stage: Option<EntryStage>,
    /// The year in which her class finishes the stage (届), where the register tells.
    pub class_of: Option<i16>,
    /// The division (GB/T 2260) of her household; empty where the register does not tell.
    pub household: String,
    /// The day she reported at the school.
    pub arrived_on: Option<Date>,
    /// Why it stands as it does; of leave, the application that was granted.
    pub reason: String,
}
