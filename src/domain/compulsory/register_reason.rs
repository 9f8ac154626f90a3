//! Why the register gives a candidate a value: a closed list.

/// What the rows of a pupil show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegisterReason {
    /// At one junior high from her first row there, in time, and without a break.
    Whole,
    /// Her first row at any junior high begins after the last day that counts.
    LateEntry,
    /// She came from another junior high (转入).
    TransferredIn,
    /// She was here, stood elsewhere or had graduated, and came back.
    CameBack,
    /// Between two of her rows here she stood on no register.
    Interrupted,
    /// Out of school for a time, and back before the last day that counts (复学).
    Returned,
    /// Suspended, now or after the last day that counts (休学).
    Suspended,
    /// Begun late by leave, after the last day that counts (延缓入学).
    Deferred,
    /// Dropped out, now or after the last day that counts (辍学).
    Dropped,
    /// Her last row ended and no other one begins: her register is elsewhere.
    MovedAway,
    /// She has not graduated from a junior high before.
    FirstTime,
    /// She graduated from a junior high before the season's school year (往届).
    GraduatedBefore,
    /// Her household is registered in her admission area.
    HouseholdHere,
    /// Her household is registered elsewhere.
    HouseholdElsewhere,
}

impl RegisterReason {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            RegisterReason::Whole => "whole",
            RegisterReason::LateEntry => "late_entry",
            RegisterReason::TransferredIn => "transferred_in",
            RegisterReason::CameBack => "came_back",
            RegisterReason::Interrupted => "interrupted",
            RegisterReason::Returned => "returned",
            RegisterReason::Suspended => "suspended",
            RegisterReason::Deferred => "deferred",
            RegisterReason::Dropped => "dropped",
            RegisterReason::MovedAway => "moved_away",
            RegisterReason::FirstTime => "first_time",
            RegisterReason::GraduatedBefore => "graduated_before",
            RegisterReason::HouseholdHere => "household_here",
            RegisterReason::HouseholdElsewhere => "household_elsewhere",
        }
    }
}
