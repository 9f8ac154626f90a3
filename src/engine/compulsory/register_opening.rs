//! The opening of the register (学籍) of those who were admitted: one row each, whether they came or not.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::domain::compulsory::arrival::{ArrivalRow, ChildIdentity, Documents};
use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_outcome::EntryPlace;
use crate::domain::compulsory::register_no::RegisterNo;
use crate::domain::compulsory::register_spell::{RegisterSpell, RegisterStatus};

/// Everything an opening is made of.
pub struct Opening<'o> {
    pub entry: &'o Entry,
    /// Per child.
    pub places: &'o [Option<EntryPlace>],
    /// By the child's number.
    pub identities: &'o BTreeMap<String, ChildIdentity>,
    /// A child's number stands once.
    pub arrivals: &'o [ArrivalRow],
    /// The division (GB/T 2260) of numbers that are given to children without a card.
    pub division: Option<&'o str>,
    /// Registers that stand already: their numbers are not given again.
    pub earlier: &'o [RegisterSpell],
}

/// One opened row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedRow {
    /// The child, the assigned school and the row of arrivals, by index.
    pub child: u32,
    pub school: u32,
    pub arrival: u32,
    pub spell: RegisterSpell,
}

/// Why a register cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpeningFault {
    /// The policy's year.
    Year,
    /// A child was admitted and stands on no row; by index.
    NoRow { child: u32 },
    /// A row of arrivals, by index, is of nobody who was admitted.
    NotAdmitted { arrival: u32 },
    /// The number she brings holds another birthday.
    OtherBirthday { arrival: u32 },
    /// Her birthday is needed for a number and not known.
    NoBirthday { arrival: u32 },
    /// The division is needed for a number and was not given.
    NoDivision { arrival: u32 },
    /// The division is none, or its serial numbers of the day are used up.
    NoNumber { arrival: u32 },
}

impl OpeningFault {
    /// The broken rule in plain words.
    pub const fn rule(self) -> &'static str {
        match self {
            OpeningFault::Year => "holds no year of the calendar",
            OpeningFault::NoRow { .. } => "was admitted and has no row: whether she came must be told",
            OpeningFault::NotAdmitted { .. } => "is no child whom this result admitted",
            OpeningFault::OtherBirthday { .. } => "holds another birthday than the list of children",
            OpeningFault::NoBirthday { .. } => "has no birthday, which a register number needs",
            OpeningFault::NoDivision { .. } => "has no card's number: the division must be given",
            OpeningFault::NoNumber { .. } => {
                "gets no number: the division must have six digits, its serials not be used up"
            }
        }
    }
}

/// Opens a row for everybody who was admitted, in the order of children.
///
/// Rule: YC21 2, CS23 4: *"Who neither comes nor withdraws stays registered at the assigned school; no transfer"*;
/// SX22 4.4: the register follows the person, so that a number from an earlier school stays. Others get `G` and the
/// number of their card or, without a card, a `J` number; papers that are not in order, or that nobody has seen, give
/// an `L` number, which is replaced when they are. Who did not come and has no leave is away without leave.
///
/// # Errors
/// All of [`OpeningFault`] at once.
///
/// # Complexity
/// O(n log n), and n^2 over those without a card who share a birthday.
pub fn open_register(opening: &Opening<'_>) -> Result<Vec<OpenedRow>, Vec<OpeningFault>> {
    let children = &opening.entry.children;
    let arrival_of: BTreeMap<&str, u32> =
        opening.arrivals.iter().map(|row| row.child.as_str()).zip(0..).collect();
    let mut faults = BTreeSet::new();
    let from = Date::new(opening.entry.policy.year, 9, 1).unwrap_or_default();
    if from == Date::default() {
        faults.insert(OpeningFault::Year);
    }
    let mut admitted = BTreeSet::new();
    let mut taken: BTreeSet<RegisterNo> = opening.earlier.iter().map(|spell| spell.number.clone()).collect();
    taken.extend(opening.arrivals.iter().filter_map(|row| row.register_no.clone()));
    // An `L` number that a card gives may look like a serial; whoever has the card keeps it, whenever her turn is.
    let cards = opening.identities.values().filter(|identity| !identity.card.is_empty());
    taken.extend(cards.filter_map(|identity| RegisterNo::parse(&format!("L{}", identity.card)).ok()));
    let mut rows = Vec::new();
    for ((at, child), place) in (0..).zip(children).zip(opening.places) {
        let Some(place) = place else { continue };
        let Some(&arrival) = arrival_of.get(child.number.as_str()) else {
            faults.insert(OpeningFault::NoRow { child: at });
            continue;
        };
        admitted.insert(arrival);
        let row = &opening.arrivals[arrival as usize];
        match number(opening, arrival, child.born, &taken) {
            Err(fault) => {
                faults.insert(fault);
            }
            Ok(number) => {
                taken.insert(number.clone());
                rows.push(OpenedRow {
                    child: at,
                    school: place.school,
                    arrival,
                    spell: RegisterSpell {
                        number,
                        person: row.person.clone(),
                        school: opening.entry.schools[place.school as usize].code.clone(),
                        status: status(row),
                        from,
                        until: None,
                    },
                });
            }
        }
    }
    let strangers = (0..opening.arrivals.len() as u32).filter(|arrival| !admitted.contains(arrival));
    faults.extend(strangers.map(|arrival| OpeningFault::NotAdmitted { arrival }));
    if faults.is_empty() { Ok(rows) } else { Err(faults.into_iter().collect()) }
}

fn status(row: &ArrivalRow) -> RegisterStatus {
    match (row.leave, row.arrived) {
        (Some(leave), _) => leave.status(),
        (None, true) => RegisterStatus::Enrolled,
        (None, false) => RegisterStatus::Dropped,
    }
}

/// The number of one child: hers already, her card's, or one that nobody has.
fn number(
    opening: &Opening<'_>,
    arrival: u32,
    born: Option<Date>,
    taken: &BTreeSet<RegisterNo>,
) -> Result<RegisterNo, OpeningFault> {
    let row = &opening.arrivals[arrival as usize];
    let identity = opening.identities.get(&row.child);
    let born = born.or(identity.and_then(|identity| identity.born));
    if let Some(own) = &row.register_no {
        let fits = born.is_none_or(|born| born == own.born());
        return if fits { Ok(own.clone()) } else { Err(OpeningFault::OtherBirthday { arrival }) };
    }
    let in_order = row.documents == Some(Documents::Ok);
    let none = OpeningFault::NoNumber { arrival };
    if let Some(identity) = identity.filter(|identity| !identity.card.is_empty()) {
        let letter = if in_order { 'G' } else { 'L' };
        return RegisterNo::parse(&format!("{letter}{}", identity.card)).map_err(|_| none);
    }
    let born = born.ok_or(OpeningFault::NoBirthday { arrival })?;
    let division = opening.division.ok_or(OpeningFault::NoDivision { arrival })?;
    let serials = if in_order { 1..1_000 } else { 1..10_000 };
    serials
        .map_while(|serial| {
            let made = if in_order {
                RegisterNo::interim(division, born, serial)
            } else {
                RegisterNo::temporary(division, born, serial)
            };
            made.ok()
        })
        .find(|number| !taken.contains(number))
        .ok_or(none)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compulsory::arrival::Leave;

    fn row(arrived: bool, leave: Option<Leave>) -> ArrivalRow {
        ArrivalRow {
            row: 2,
            child: "c".to_owned(),
            arrived,
            on: None,
            documents: None,
            leave,
            register_no: None,
            person: "c".to_owned(),
            note: String::new(),
        }
    }

    #[test]
    fn who_does_not_come_is_away_without_leave_unless_she_has_it() {
        assert_eq!(status(&row(true, None)), RegisterStatus::Enrolled);
        assert_eq!(status(&row(false, None)), RegisterStatus::Dropped);
        assert_eq!(status(&row(false, Some(Leave::Deferred))), RegisterStatus::Deferred);
        assert_eq!(status(&row(true, Some(Leave::Suspended))), RegisterStatus::Suspended);
    }
}
