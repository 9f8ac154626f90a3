//! The files of a draw on a stick: the sheet of all lists, and the lists themselves.

use crate::domain::fault::Fault;
use crate::domain::ticket::{Ticket, Twins};
use crate::files::rows::code_fault;

/// The name of the whole list of the entry, whose hash is part of the seed.
pub const ALL: &str = "all";
/// The sheet of all lists.
pub const LISTS: &str = "lists.csv";
/// The folder of the orders.
pub const ORDERS: &str = "orders";
/// The protocol of a list that the lots order.
pub const LOT: &str = "lot";

const HEADER: &str = "list,way,seats,tickets,list_hash,round,twins,protocol";

/// A row of the sheet of lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    pub name: String,
    pub way: String,
    pub seats: u32,
    pub tickets: usize,
    /// Hexadecimal.
    pub hash: String,
    /// Of the lots.
    pub round: u32,
    pub twins: Twins,
    /// [`LOT`], or how people drew numbers.
    pub protocol: String,
}

/// A rule for twins as the sheet and `zhaosheng draw` have it.
pub const fn twins_word(twins: Twins) -> &'static str {
    match twins {
        Twins::AdmitBoth => "admit_both",
        Twins::NextSingle => "next_single",
    }
}

/// The sheet of lists.
pub fn list_rows(rows: &[ListRow]) -> String {
    let mut sheet = format!("{HEADER}\n");
    for ListRow { name, way, seats, tickets, hash, round, twins, protocol } in rows {
        let twins = twins_word(*twins);
        sheet += &format!("{name},{way},{seats},{tickets},{hash},{round},{twins},{protocol}\n");
    }
    sheet
}

/// Reads the sheet of lists that [`list_rows`] wrote.
///
/// # Errors
/// The first row that was not written so.
pub fn read_list_rows(text: &str) -> Result<Vec<ListRow>, Fault> {
    let row = |(at, line): (usize, &str)| {
        let wrong = |rule: &str| Fault { row: Some(at as u64 + 1), ..Fault::at(LISTS, rule) };
        let cells: Vec<&str> = line.split(',').collect();
        let [name, way, seats, tickets, hash, round, twins, protocol] = cells[..] else {
            return Err(wrong("has another number of cells than `draw lists` wrote"));
        };
        // The name becomes that of a file: a stick from other hands must not write beside itself.
        if let Some(rule) = code_fault(name) {
            return Err(wrong(rule));
        }
        let number = |text: &str| text.parse::<u32>().map_err(|_| wrong("must be a whole number"));
        Ok(ListRow {
            name: name.to_owned(),
            way: way.to_owned(),
            seats: number(seats)?,
            tickets: number(tickets)? as usize,
            hash: hash.to_owned(),
            round: number(round)?,
            twins: if twins == twins_word(Twins::NextSingle) { Twins::NextSingle } else { Twins::AdmitBoth },
            protocol: protocol.to_owned(),
        })
    };
    text.lines().enumerate().skip(1).map(row).collect()
}

/// A list as `zhaosheng draw` and the page that draws again read it.
pub fn list_csv(tickets: &[Ticket]) -> String {
    let lines: Vec<String> = tickets.iter().map(Ticket::line).collect();
    format!("ticket,heads\n{}\n", lines.join("\n"))
}
