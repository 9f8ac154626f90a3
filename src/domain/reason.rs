//! Reasons of single choices, from a closed list.

use crate::domain::eligibility::Refusals;
use crate::domain::points::Points;
use crate::domain::seat::Seat;

/// Why a choice ended as it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Admitted(Seat),
    /// Admitted at an earlier choice.
    AdmittedAbove {
        batch: u32,
        position: u8,
    },
    BelowBatchGate(BatchGate),
    OutOfScope,
    /// Behind the last holder; for quota, pool and open seats in this order.
    BelowCutoff([Where; 3]),
    BelowOpenGate(Points),
    /// Not eligible for quota; eligible, but without a seat for her junior high, where nothing is refused.
    NotEligible(Refusals),
    BelowQuotaGate(Points),
}

impl Reason {
    /// The word in `reasons.csv`.
    pub const fn word(&self) -> &'static str {
        match self {
            Reason::Admitted(_) => "admitted",
            Reason::AdmittedAbove { .. } => "already_admitted_above",
            Reason::OutOfScope => "out_of_scope",
            Reason::BelowCutoff(_) => "below_cutoff",
            Reason::NotEligible(_) => "not_eligible_for_quota",
            Reason::BelowBatchGate(_) | Reason::BelowOpenGate(_) | Reason::BelowQuotaGate(_) => "below_gate",
        }
    }
}

/// A gate of the whole batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchGate {
    /// No valid record of this year's exam (SX22 6.6).
    ExamRecord,
    /// SX22 6.8
    ControlLine(Points),
    /// The batch's quality grade.
    Quality,
    /// The batch's subject gate, by its place.
    Subject(usize),
}

/// How a candidate stands to one kind of seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    NotClaimed,
    /// Nobody holds such a seat: there is none.
    NoSeat,
    Behind(Short),
}

/// By how much of which component of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    pub component: Component,
    /// Millionths of points for totals and points; places else; nothing for the lot.
    pub difference: i64,
}

/// A component of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    Band,
    Choice,
    Total,
    /// A link of the tie chain.
    Tie(u32),
    Lot,
}
