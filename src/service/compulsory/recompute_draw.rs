//! Draws a published list again for whoever asks: no account, nothing kept, the bytes of the kit and of `draw run`.

use sha2::{Digest, Sha256};

use crate::domain::fault::Fault;
use crate::domain::hexadecimal::{hex, unhex};
use crate::domain::ticket::{Drawn, Ticket, Twins};
use crate::engine::draw::{Bits, Seating, by_lot, list_hash, seat, seed_of};
use crate::files::draw_file::{order_csv, read_list};

/// Tickets at most: a page of more is no page. The program and the page's own script draw longer lists.
pub const MOST_TICKETS: usize = 20_000;
/// What faults of the list are told of.
pub const LIST: &str = "list.csv";
/// What a rehearsal adds to the parts, so that its numbers are never those of the draw.
const REHEARSAL: &[u8] = b"rehearsal";

/// What somebody wants drawn again, as a form holds it.
#[derive(Clone, Debug, Default)]
pub struct AskedDraw {
    /// The frozen list, CSV as `draw freeze` takes it.
    pub list: Vec<u8>,
    /// The hash of the list that the seed is of, where it is another one (all lists of a county have one seed);
    /// empty: this list's own.
    pub whole: String,
    /// The sources of the seed in the published order, one a line.
    pub parts: String,
    pub round: String,
    pub seats: String,
    /// `admit_both` or `next_single`.
    pub twins: String,
    pub rehearsal: bool,
}

/// What came out.
#[derive(Clone, Debug)]
pub struct DrawnAgain {
    pub list_hash: String,
    pub seed: String,
    /// Bits that the parts hold at most.
    pub bits: String,
    pub can_be_steered: bool,
    pub places: Vec<Drawn>,
    pub seats: u32,
    /// Heads that are admitted.
    pub admitted: u32,
    /// `place,ticket,number,heads,admitted`, as `draw run` writes it, and its SHA-256.
    pub order: String,
    pub order_hash: String,
}

/// Draws a list again.
///
/// # Errors
/// Every fault, its place [`LIST`] or the name of the field.
///
/// # Complexity
/// O(tickets log tickets).
pub fn recompute_draw(asked: &AskedDraw) -> Result<DrawnAgain, Vec<Fault>> {
    let (tickets, mut faults) = match read_list(LIST, asked.list.clone()) {
        Ok(tickets) => (tickets, Vec::new()),
        Err(faults) => (Vec::new(), faults),
    };
    if tickets.len() > MOST_TICKETS {
        let rule = format!("has {} tickets, more than the {MOST_TICKETS} of a page", tickets.len());
        faults.push(Fault::at(LIST, rule));
    }
    let mut number = |field: &str, text: &str| {
        let number = text.trim().parse::<u32>();
        if number.is_err() {
            let fault = Fault::at(field, "must be a whole number from 0 to 4294967295");
            faults.push(Fault { value: text.chars().take(60).collect(), ..fault });
        }
        number.unwrap_or(0)
    };
    let (round, seats) = (number("round", &asked.round), number("seats", &asked.seats));
    let twins = match asked.twins.as_str() {
        "admit_both" => Twins::AdmitBoth,
        "next_single" => Twins::NextSingle,
        _ => {
            faults.push(Fault::at("twins", "must be admit_both or next_single"));
            Twins::NextSingle
        }
    };
    let lines = asked.parts.lines().filter(|line| !line.is_empty());
    let mut parts: Vec<Vec<u8>> = lines.map(|line| line.as_bytes().to_vec()).collect();
    if parts.is_empty() {
        faults.push(Fault::at("parts", "must name at least one source of chance"));
    }
    let whole = asked.whole.trim();
    let above = unhex(whole);
    if above.is_none() && !whole.is_empty() {
        faults.push(Fault::at("whole", "must be the 64 hexadecimal digits of a hash, or empty"));
    }
    let own = list_hash(&tickets.iter().map(Ticket::line).collect::<Vec<_>>());
    let own = own.expect("reading a list refuses tickets that stand twice");
    if !faults.is_empty() {
        return Err(faults);
    }

    let bits = Bits::of_parts(&parts);
    if asked.rehearsal {
        parts.push(REHEARSAL.to_vec());
    }
    let seed = seed_of(above.unwrap_or(own), &parts);
    let order = by_lot(seed, round, &tickets);
    let heads: Vec<u32> = order.iter().map(|(_, ticket)| ticket.heads()).collect();
    let seatings = seat(&heads, seats, twins);
    let places: Vec<Drawn> = order
        .into_iter()
        .zip(seatings.iter().copied().map(Seating::admitted))
        .zip(1..)
        .map(|(((number, ticket), admitted), place)| Drawn { place, ticket, number, admitted })
        .collect();
    let order = order_csv(&places);
    Ok(DrawnAgain {
        list_hash: hex(&own),
        seed: seed.to_string(),
        bits: bits.to_string(),
        can_be_steered: bits.can_be_steered(),
        seats,
        admitted: places.iter().filter(|drawn| drawn.admitted).map(|drawn| drawn.ticket.heads()).sum(),
        order_hash: hex(&Sha256::digest(&order)),
        places,
        order,
    })
}
