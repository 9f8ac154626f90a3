//! A row of the register sheet: the spell, and to which stage, class and household it belongs.

use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::register_spell::RegisterSpell;

/// One row as a season is fed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterRow {
    /// Its number in the sheet, as an editor counts; the header is row 1.
    pub row: u64,
    pub stage: EntryStage,
    pub spell: RegisterSpell,
    /// The year in which her class finishes the stage (届); none: three years after she came to junior high.
    pub class_of: Option<i16>,
    /// The division (GB/T 2260) of her household; empty where the register does not tell.
    pub household: String,
}
