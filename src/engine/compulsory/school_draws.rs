//! Draws of single schools: their frozen lists, and the order that drawn numbers give them.

use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::school_draw::{DrawProtocol, SchoolDraw};
use crate::domain::compulsory::way::Way;
use crate::engine::compulsory::candidacy::Wish;
use crate::engine::compulsory::entry_market::Bundle;
use crate::engine::draw::{Bits, NotADraw, first_and_difference, list_hash, ring};

/// Who draws at a school: its tickets in the order of their ids, which is the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolList {
    /// By index.
    pub school: u32,
    pub stage: EntryStage,
    pub way: Way,
    /// Bundles by index.
    pub tickets: Vec<u32>,
    /// The hash of the list, as `zhaosheng draw freeze` computes it.
    pub hash: [u8; 32],
}

/// The way whose children draw at a school.
const fn drawn_way(private: bool) -> Way {
    if private { Way::Private } else { Way::Direct }
}

/// The list of every school and stage where somebody applies by a way that only a draw orders.
///
/// Rule: mechanism.md section 6: the list is frozen before anything is drawn.
///
/// # Complexity
/// O(applications + schools).
pub fn school_lists(entry: &Entry, bundles: &[Bundle], wishes: &[Vec<Wish>]) -> Vec<SchoolList> {
    let schools = entry.schools.len();
    let mut tickets: Vec<Vec<u32>> = vec![Vec::new(); 2 * schools];
    for (at, (bundle, wishes)) in (0..).zip(bundles.iter().zip(wishes)) {
        for wish in wishes {
            if wish.way == drawn_way(entry.schools[wish.school as usize].private) {
                tickets[bundle.stage.index() * schools + wish.school as usize].push(at);
            }
        }
    }
    let list = |(at, tickets): (usize, Vec<u32>)| {
        let lines: Vec<String> = tickets.iter().map(|at| bundles[*at as usize].line(entry)).collect();
        Some(SchoolList {
            school: (at % schools) as u32,
            stage: EntryStage::ALL[at / schools],
            way: drawn_way(entry.schools[at % schools].private),
            hash: list_hash(&lines).ok().filter(|_| !tickets.is_empty())?,
            tickets,
        })
    };
    tickets.into_iter().enumerate().filter_map(list).collect()
}

/// Puts the order of drawn numbers into the keys of those who apply where people drew.
///
/// # Errors
/// Numbers that make no draw of the list, in words.
///
/// # Complexity
/// O(n log n) per list.
pub fn order_by_draws(
    entry: &Entry,
    lists: &[SchoolList],
    wishes: &mut [Vec<Wish>],
) -> Result<(), Vec<String>> {
    let mut wrong = Vec::new();
    for draw in &entry.draws {
        let Some(list) = lists.iter().find(|list| (list.school, list.stage) == (draw.school, draw.stage))
        else {
            continue;
        };
        match drawn_numbers(draw, list.tickets.len()) {
            Err(error) => wrong.push(format!("{}: {error}", entry.schools[draw.school as usize].code)),
            Ok(order) => {
                for (place, number) in (1..).zip(order) {
                    let own = &mut wishes[list.tickets[number as usize - 1] as usize];
                    let wish = own.iter_mut().find(|wish| wish.school == draw.school && wish.way == list.way);
                    wish.expect("a list holds those who apply").key.push(place);
                }
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Numbers from 1 on the list in the order that drawn numbers give.
///
/// # Errors
/// Numbers that make no draw of so many tickets.
///
/// # Complexity
/// O(n log n).
pub fn drawn_numbers(draw: &SchoolDraw, tickets: usize) -> Result<Vec<u32>, NotADraw> {
    let tickets = tickets as u32;
    match draw.protocol {
        DrawProtocol::Ring => ring(tickets, draw.first, draw.step),
        DrawProtocol::FirstAndDifference => first_and_difference(tickets, draw.first, draw.step),
    }
}

/// What chance was in a draw by numbers.
pub fn bits(draw: &SchoolDraw, tickets: usize) -> Bits {
    match draw.protocol {
        DrawProtocol::Ring => Bits::of_ring(tickets as u32),
        DrawProtocol::FirstAndDifference => Bits::of_first_and_difference(tickets as u32),
    }
}
