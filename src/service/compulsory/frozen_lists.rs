//! What is frozen of an entry's draws: the list of all tickets, and one of every school that draws.

use crate::domain::compulsory::entry::Entry;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::school_draw::SchoolDraw;
use crate::domain::compulsory::way::Way;
use crate::domain::hexadecimal::hex;
use crate::domain::ticket::{Drawn, Ticket, Twins};
use crate::engine::compulsory::candidacy::candidacies;
use crate::engine::compulsory::entry_market::{Bundle, bundles};
use crate::engine::compulsory::school_draws::{drawn_numbers, school_lists};
use crate::engine::draw::{Seating, Seed, by_lot, list_hash, seat};
use crate::files::compulsory::draw_stick::{ALL, LISTS, LOT, ListRow, list_csv, list_rows};

/// The frozen lists of an entry.
#[derive(Clone, Debug)]
pub struct FrozenLists {
    /// Of the whole list: part of the seed.
    pub hash: [u8; 32],
    /// The whole list, in order.
    pub tickets: Vec<Ticket>,
    /// The round of the lots.
    pub round: u32,
    pub twins: Twins,
    pub lists: Vec<FrozenList>,
}

/// The list of a school and a stage.
#[derive(Clone, Debug)]
pub struct FrozenList {
    /// School code and stage: the name of its file.
    pub name: String,
    pub school_code: String,
    /// The school's name.
    pub school: String,
    pub stage: EntryStage,
    pub way: Way,
    /// The plan of the school at the stage.
    pub seats: u32,
    pub hash: [u8; 32],
    /// In order: a ticket's place here is its number where people draw numbers.
    pub tickets: Vec<Ticket>,
    /// The numbers that people drew; the lot decides without them.
    pub draw: Option<SchoolDraw>,
}

/// The frozen lists of an entry whose zones are filled.
///
/// # Errors
/// The name of a list on which a ticket stands twice.
///
/// # Complexity
/// O(children log children + applications).
pub fn frozen_lists(entry: &Entry) -> Result<FrozenLists, String> {
    let bundles = bundles(entry);
    let candidacies = candidacies(entry);
    let own = |bundle: &Bundle| candidacies[bundle.children[0] as usize].wishes.clone();
    let wishes: Vec<_> = bundles.iter().map(own).collect();
    let of = |name: &str, of: &mut dyn Iterator<Item = &Bundle>| {
        let mut tickets: Vec<Ticket> = of.map(|bundle| bundle.ticket(entry)).collect();
        tickets.sort_unstable();
        let lines: Vec<String> = tickets.iter().map(Ticket::line).collect();
        let hash = list_hash(&lines).map_err(|_| name.to_owned())?;
        Ok::<_, String>((hash, tickets))
    };
    let (hash, tickets) = of(ALL, &mut bundles.iter())?;
    let mut lists = Vec::new();
    for list in school_lists(entry, &bundles, &wishes) {
        let school = &entry.schools[list.school as usize];
        let name = format!("{}-{}", school.code, list.stage.word());
        let (hash, tickets) = of(&name, &mut list.tickets.iter().map(|at| &bundles[*at as usize]))?;
        let draw = entry.draws.iter().find(|draw| (draw.school, draw.stage) == (list.school, list.stage));
        lists.push(FrozenList {
            name,
            school_code: school.code.clone(),
            school: school.name.clone(),
            stage: list.stage,
            way: list.way,
            seats: school.plan(list.stage).seats,
            hash,
            tickets,
            draw: draw.copied(),
        });
    }
    Ok(FrozenLists { hash, tickets, round: entry.policy.lot.round, twins: entry.policy.twins, lists })
}

impl FrozenLists {
    /// What is put onto a stick: the sheet of all lists, then every list, the whole one first.
    pub fn files(&self) -> Vec<(String, String)> {
        let row = |name: &str, way: &'static str, seats: u32, tickets: usize, hash: [u8; 32]| ListRow {
            name: name.to_owned(),
            way: way.to_owned(),
            seats,
            tickets,
            hash: hex(&hash),
            round: self.round,
            twins: self.twins,
            protocol: LOT.to_owned(),
        };
        let own = |list: &FrozenList| ListRow {
            protocol: list.protocol().to_owned(),
            ..row(&list.name, list.way.word(), list.seats, list.tickets.len(), list.hash)
        };
        let whole = row(ALL, "", 0, self.tickets.len(), self.hash);
        let rows: Vec<ListRow> = [whole].into_iter().chain(self.lists.iter().map(own)).collect();
        let lists = [(ALL, &self.tickets)];
        let lists = lists.into_iter().chain(self.lists.iter().map(|list| (&*list.name, &list.tickets)));
        let lists = lists.map(|(name, tickets)| (format!("{name}.csv"), list_csv(tickets)));
        [(LISTS.to_owned(), list_rows(&rows))].into_iter().chain(lists).collect()
    }

    /// The order of a list: by the lots of the seed, or by the numbers that people drew. Who is admitted is what
    /// the seats of the list alone would give.
    ///
    /// # Errors
    /// Drawn numbers that make no draw of the list, in words.
    pub fn order(&self, list: &FrozenList, seed: Seed) -> Result<Vec<Drawn>, String> {
        let order: Vec<(u64, Ticket)> = match &list.draw {
            None => by_lot(seed, self.round, &list.tickets),
            Some(draw) => drawn_numbers(draw, list.tickets.len())
                .map_err(|error| format!("{}: {error}", list.name))?
                .into_iter()
                .map(|number| (u64::from(number), list.tickets[number as usize - 1].clone()))
                .collect(),
        };
        Ok(seated(order, list.seats, self.twins))
    }
}

impl FrozenList {
    /// What decides the order: `lot`, or the protocol by which people drew numbers.
    pub fn protocol(&self) -> &'static str {
        self.draw.map_or(LOT, |draw| draw.protocol.word())
    }
}

/// Tickets in the order drawn, with whom the seats of the list alone would admit.
pub fn seated(order: Vec<(u64, Ticket)>, seats: u32, twins: Twins) -> Vec<Drawn> {
    let heads: Vec<u32> = order.iter().map(|(_, ticket)| ticket.heads()).collect();
    let seatings: Vec<Seating> = seat(&heads, seats, twins);
    let places = order.into_iter().zip(seatings).zip(1..);
    let drawn = |(((number, ticket), seating), place): (((u64, Ticket), Seating), usize)| Drawn {
        place,
        ticket,
        number,
        admitted: seating.admitted(),
    };
    places.map(drawn).collect()
}
