//! The list of a draw in (CSV or JSON), the order drawn out (CSV or JSON).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::fault::Fault;
use crate::domain::ticket::{Drawn, NotATicket, Ticket};
use crate::files::encoding;

/// Tickets read so far, and what was wrong.
struct Reading<'f> {
    file: &'f str,
    seen: BTreeMap<String, (u32, Option<u64>)>,
    /// Numbers that a published list gives its tickets: row, ticket, number.
    numbers: Vec<(u64, String, String)>,
    faults: Vec<Fault>,
}

/// Reads a list, sorted by ticket whatever its order: `.json` by the name, else CSV.
///
/// CSV: columns `ticket` and, where wanted, `heads` (1 if empty) and `number`, as [`frozen_csv`] writes it;
/// other columns are a fault, so that no personal data gets into a published list. JSON: `{"format": "list/1", "tickets":
/// ["a", {"ticket": "b", "heads": 2}]}`.
pub fn read_list(file: &str, bytes: Vec<u8>) -> Result<Vec<Ticket>, Vec<Fault>> {
    let mut reading = Reading { file, seen: BTreeMap::new(), numbers: Vec::new(), faults: Vec::new() };
    if file.to_ascii_lowercase().ends_with(".json") {
        reading.json(&bytes);
    } else {
        match encoding::decode(file, bytes) {
            Ok(text) => {
                reading.csv(&text);
                reading.check_numbers();
            }
            Err(fault) => reading.faults.push(fault),
        }
    }
    if reading.seen.is_empty() && reading.faults.is_empty() {
        reading.faults.push(Fault::at(file, "has no tickets"));
    }
    if !reading.faults.is_empty() {
        return Err(reading.faults);
    }
    let ticket = |(id, (heads, _)): (String, (u32, _))| Ticket::new(&id, heads).ok();
    Ok(reading.seen.into_iter().filter_map(ticket).collect())
}

impl Reading<'_> {
    fn add(&mut self, id: &str, heads: u32, row: Option<u64>, place: &str) {
        let fault = |column: &str, value: &str, rule: String| match row {
            Some(row) => Fault::cell(self.file, row, column, value, rule),
            None => Fault { value: value.to_owned(), ..Fault::at(format!("{place}{column}"), rule) },
        };
        match Ticket::new(id, heads) {
            Err(NotATicket::Id) => {
                let fault = fault("ticket", id, NotATicket::Id.rule().to_owned());
                self.faults.push(fault);
            }
            Err(NotATicket::Heads) => {
                let fault = fault("heads", &heads.to_string(), NotATicket::Heads.rule().to_owned());
                self.faults.push(fault);
            }
            Ok(_) => {
                if let Some((_, first)) = self.seen.get(id) {
                    let rule = match first {
                        Some(row) => format!("stands twice (first in row {row})"),
                        None => "stands twice".to_owned(),
                    };
                    self.faults.push(fault("ticket", id, rule));
                } else {
                    self.seen.insert(id.to_owned(), (heads, row));
                }
            }
        }
    }

    fn csv(&mut self, text: &[u8]) {
        let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(text);
        let header = match rows.headers() {
            Ok(header) => header.clone(),
            Err(error) => return self.faults.push(Fault::at(self.file, error.to_string())),
        };
        let column = |name: &str| header.iter().position(|cell| cell.trim() == name);
        let [id_at, heads_at, number_at] = ["ticket", "heads", "number"].map(column);
        for (at, name) in header.iter().enumerate() {
            if ![id_at, heads_at, number_at].contains(&Some(at)) {
                let rule = "is no column of a list: only number, ticket and heads, each once";
                self.faults.push(Fault::cell(self.file, 1, name, name, rule));
            }
        }
        let Some(id_at) = id_at else {
            self.faults.push(Fault::at(self.file, "lacks the column ticket"));
            return;
        };
        for row in rows.records() {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    self.faults.push(Fault::at(self.file, error.to_string()));
                    continue;
                }
            };
            let line = row.position().map_or(0, csv::Position::line);
            if row.len() > header.len() {
                self.faults.push(Fault {
                    row: Some(line),
                    ..Fault::at(self.file, "has more cells than the header has columns")
                });
                continue;
            }
            let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).map_or("", str::trim);
            let (heads, number) = (cell(heads_at), cell(number_at));
            if !number.is_empty() {
                self.numbers.push((line, cell(Some(id_at)).to_owned(), number.to_owned()));
            }
            // Anything that is no number becomes 0 heads only to be refused with its own words.
            match if heads.is_empty() { Ok(1) } else { heads.parse() } {
                Ok(heads) => self.add(row.get(id_at).unwrap_or("").trim(), heads, Some(line), ""),
                Err(_) => {
                    let rule = NotATicket::Heads.rule();
                    self.faults.push(Fault::cell(self.file, line, "heads", heads, rule));
                }
            }
        }
    }

    /// The number on a published list is the ticket's place in the order of ids.
    fn check_numbers(&mut self) {
        let places: BTreeMap<&str, usize> = self.seen.keys().map(String::as_str).zip(1..).collect();
        for (row, id, number) in &self.numbers {
            let place = places.get(id.as_str());
            if place.is_some_and(|place| number.parse::<usize>().ok() != Some(*place)) {
                let rule = "is not the ticket's place on the list in bytewise order";
                self.faults.push(Fault::cell(self.file, *row, "number", number, rule));
            }
        }
    }

    fn json(&mut self, bytes: &[u8]) {
        let value: Value = match serde_json::from_slice(bytes) {
            Ok(value) => value,
            Err(error) => {
                let fault = Fault::at(self.file, format!("is no JSON: {error}"));
                return self.faults.push(Fault { row: Some(error.line() as u64), ..fault });
            }
        };
        if value["format"] != "list/1" {
            self.faults.push(Fault::at("format", "must be \"list/1\""));
        }
        for key in value.as_object().into_iter().flat_map(|fields| fields.keys()) {
            if key != "format" && key != "tickets" {
                self.faults.push(Fault::at(key, "is no field of a list"));
            }
        }
        let Some(tickets) = value["tickets"].as_array() else {
            self.faults.push(Fault::at("tickets", "must be a list of tickets"));
            return;
        };
        for (at, ticket) in tickets.iter().enumerate() {
            let place = format!("tickets[{at}].");
            let heads = match ticket.get("heads") {
                None => Some(1),
                Some(heads) => heads.as_u64().map(|heads| u32::try_from(heads).unwrap_or(u32::MAX)),
            };
            for key in ticket.as_object().into_iter().flat_map(|fields| fields.keys()) {
                if key != "ticket" && key != "heads" {
                    self.faults.push(Fault::at(format!("{place}{key}"), "is no field of a ticket"));
                }
            }
            match (ticket.as_str().or_else(|| ticket["ticket"].as_str()), heads) {
                (Some(id), Some(heads)) => self.add(id, heads, None, &place),
                (None, _) => {
                    self.faults.push(Fault::at(format!("{place}ticket"), "must be a text"));
                }
                (_, None) => {
                    self.faults.push(Fault::at(format!("{place}heads"), NotATicket::Heads.rule()));
                }
            }
        }
    }
}

/// The frozen list as it is published: `number,ticket,heads`, numbers from 1 in ticket order.
pub fn frozen_csv(tickets: &[Ticket]) -> String {
    let mut out = "number,ticket,heads\n".to_owned();
    for (ticket, number) in tickets.iter().zip(1..) {
        out += &format!("{number},{}\n", ticket.line());
    }
    out
}

/// The order drawn: `place,ticket,number,heads,admitted`.
pub fn order_csv(order: &[Drawn]) -> String {
    let mut out = "place,ticket,number,heads,admitted\n".to_owned();
    for Drawn { place, ticket, number, admitted } in order {
        let (id, heads) = (ticket.id(), ticket.heads());
        out += &format!("{place},{id},{number},{heads},{}\n", u8::from(*admitted));
    }
    out
}

/// The order drawn as JSON; numbers as text, because some readers cut numbers beyond 2^53.
pub fn order_json(order: &[Drawn]) -> Value {
    let place = |drawn: &Drawn| {
        json!({ "place": drawn.place, "ticket": drawn.ticket.id(), "number": drawn.number.to_string(),
                "heads": drawn.ticket.heads(), "admitted": drawn.admitted })
    };
    order.iter().map(place).collect()
}
