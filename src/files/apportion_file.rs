//! Apportionment in one file: reads `apportion/1`, writes `seats/1` (formats.md, section 2).

use serde_json::{Map, Value, json};

use crate::domain::fault::Fault;
use crate::domain::quota::{LARGEST, Method};

/// More cells than any city has; a file that asks for more is a mistake.
const MOST_CELLS: usize = 4_000_000;

/// More weights than any country has schools.
const MOST_WEIGHTS: usize = 1_000_000;

/// The largest total of a row or column.
const LARGEST_TOTAL: u64 = 1 << 32;

/// What the file asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Seats over weights.
    Seats {
        /// How.
        method: Method,
        /// The seats.
        seats: u64,
        /// The weights and what bounds them.
        weights: Weights,
    },
    /// A matrix of ideal cells `row total x column total / sum`, rounded inside both margins.
    Controlled {
        /// What the rows get.
        rows: Rows,
        /// What the columns give.
        column_totals: Vec<u64>,
        /// Whose turn it is among rows with equal totals.
        lots: Option<Vec<usize>>,
    },
    /// A matrix of weights scaled to both margins.
    Biproportional {
        /// The weights, row by row.
        weights: Vec<Vec<u64>>,
        /// What the rows get.
        row_totals: Vec<u64>,
        /// What the columns give.
        column_totals: Vec<u64>,
    },
}

/// Weights with their bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    /// The weights.
    pub weights: Vec<u64>,
    /// Seats for every weight above zero.
    pub minimum: u64,
    /// Upper bounds; `u64::MAX` where there is none.
    pub caps: Option<Vec<u64>>,
    /// Who wins a tie: indices from 0, the earlier the better.
    pub lots: Option<Vec<usize>>,
}

/// The rows of a controlled rounding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// `row_totals` stand in the file.
    Totals(Vec<u64>),
    /// They are to be found: the sum of the columns shared over the rows' weights (Sainte-Lague).
    Shared(Weights),
}

/// Reads a question; all faults at once, each naming its field.
///
/// `controlled` takes `row_totals`, or `rows` (a list of weights, or a matrix whose rows are added
/// up) from which the row totals are shared out, or both: then `rows` must only have the length.
/// `lots` lists indices from 0, best first; those missing follow in file order.
pub fn read(text: &[u8]) -> Result<Question, Vec<Fault>> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let value: Value =
        serde_json::from_slice(text).map_err(|error| vec![Fault::at("file", format!("no JSON: {error}"))])?;
    let Value::Object(fields) = value else {
        return Err(vec![Fault::at("file", "must be a JSON object")]);
    };
    let mut reader = Reader { fields: &fields, faults: Vec::new() };
    let question = reader.question();
    match question {
        Some(question) if reader.faults.is_empty() => Ok(question),
        _ => Err(reader.faults),
    }
}

/// The answer of a method: `{"format":"seats/1","seats":[...]}` and a line end.
pub fn write_seats(seats: &[u64]) -> Vec<u8> {
    line(&json!({ "format": "seats/1", "seats": seats }))
}

/// The answer of a matrix: `{"format":"seats/1","cells":[[...]]}` and a line end.
pub fn write_cells(cells: &[Vec<u64>]) -> Vec<u8> {
    line(&json!({ "format": "seats/1", "cells": cells }))
}

fn line(value: &Value) -> Vec<u8> {
    let mut text = value.to_string().into_bytes();
    text.push(b'\n');
    text
}

struct Reader<'v> {
    fields: &'v Map<String, Value>,
    faults: Vec<Fault>,
}

impl<'v> Reader<'v> {
    fn question(&mut self) -> Option<Question> {
        const KNOWN: [&str; 10] = [
            "format",
            "method",
            "seats",
            "weights",
            "minimum",
            "caps",
            "lots",
            "rows",
            "row_totals",
            "column_totals",
        ];
        for name in self.fields.keys().filter(|name| !KNOWN.contains(&name.as_str())) {
            self.fault(name, "unknown field");
        }
        match self.fields.get("format") {
            Some(Value::String(format)) if format == "apportion/1" => {}
            _ => self.fault("format", "must be \"apportion/1\""),
        }
        let word = match self.fields.get("method") {
            Some(Value::String(word)) => word.as_str(),
            _ => "",
        };
        match (word, Method::ALL.into_iter().find(|method| method.word() == word)) {
            (_, Some(method)) => self.seats(method),
            ("controlled", _) => self.controlled(),
            ("biproportional", _) => self.biproportional(),
            _ => {
                let words = Method::ALL.map(Method::word).join(", ");
                self.fault("method", format!("must be one of {words}, controlled, biproportional"));
                None
            }
        }
    }

    fn seats(&mut self, method: Method) -> Option<Question> {
        let seats = match self.fields.get("seats") {
            Some(value) => self.number("seats", value, LARGEST),
            None => self.missing("seats"),
        };
        let weights = self.list("weights", LARGEST).or_else(|| self.missing("weights"));
        let weights = self.bounds(weights);
        if method == Method::IntegerPartThenLots && self.given("lots").is_none() {
            self.fault("lots", "integer_part_then_lots needs a lot order");
        }
        Some(Question::Seats { method, seats: seats?, weights: weights? })
    }

    fn controlled(&mut self) -> Option<Question> {
        let column_totals =
            self.list("column_totals", LARGEST_TOTAL).or_else(|| self.missing("column_totals"));
        let totals = self.list("row_totals", LARGEST_TOTAL);
        let weights = self.row_weights(column_totals.as_ref().map(Vec::len));
        let lots_for = totals.as_ref().or(weights.as_ref()).map(Vec::len);
        let rows = if self.given("row_totals").is_some() {
            if let (Some(totals), Some(weights)) = (&totals, &weights)
                && totals.len() != weights.len()
            {
                self.fault("row_totals", format!("must have {} numbers, one per row", weights.len()));
            }
            if let (Some(rows), Some(columns)) = (&totals, &column_totals) {
                self.same_sum(rows, columns);
            }
            totals.map(Rows::Totals)
        } else if self.given("rows").is_some() {
            self.bounds(weights).map(Rows::Shared)
        } else {
            self.missing("row_totals")
        };
        let lots = lots_for.and_then(|length| self.lots(length));
        let (rows, column_totals) = (rows?, column_totals?);
        self.not_too_many(lots_for?, column_totals.len());
        Some(Question::Controlled { rows, column_totals, lots })
    }

    fn biproportional(&mut self) -> Option<Question> {
        let row_totals = self.list("row_totals", LARGEST_TOTAL).or_else(|| self.missing("row_totals"));
        let column_totals =
            self.list("column_totals", LARGEST_TOTAL).or_else(|| self.missing("column_totals"));
        let weights = match self.given("rows") {
            Some(Value::Array(rows)) => self.matrix(rows, column_totals.as_ref().map(Vec::len)),
            Some(_) => {
                self.fault("rows", "must be a list of lists of weights");
                None
            }
            None => self.missing("rows"),
        };
        let (weights, row_totals, column_totals) = (weights?, row_totals?, column_totals?);
        if weights.len() != row_totals.len() {
            self.fault("row_totals", format!("must have {} numbers, one per row", weights.len()));
        }
        self.same_sum(&row_totals, &column_totals);
        self.not_too_many(row_totals.len(), column_totals.len());
        Some(Question::Biproportional { weights, row_totals, column_totals })
    }

    /// The row weights of `controlled`: as they stand, or a matrix added up.
    fn row_weights(&mut self, columns: Option<usize>) -> Option<Vec<u64>> {
        let Some(Value::Array(rows)) = self.given("rows") else {
            return self.list("rows", LARGEST);
        };
        if !rows.iter().any(Value::is_array) {
            return self.list("rows", LARGEST);
        }
        let matrix = self.matrix(rows, columns)?;
        let mut sums = Vec::with_capacity(matrix.len());
        for (index, row) in matrix.iter().enumerate() {
            let sum = row.iter().try_fold(0_u64, |sum, &weight| sum.checked_add(weight));
            match sum.filter(|&sum| sum <= LARGEST) {
                Some(sum) => sums.push(sum),
                None => self.fault(&format!("rows[{index}]"), "adds up to more than 2^53"),
            }
        }
        (sums.len() == matrix.len()).then_some(sums)
    }

    fn matrix(&mut self, rows: &[Value], columns: Option<usize>) -> Option<Vec<Vec<u64>>> {
        let mut matrix = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            let name = format!("rows[{index}]");
            let Value::Array(row) = row else {
                self.fault(&name, "must be a list of weights");
                continue;
            };
            if columns.is_some_and(|columns| columns != row.len()) {
                let columns = columns.unwrap_or(0);
                self.fault(&name, format!("must have {columns} weights, one per column"));
            }
            if let Some(row) = self.numbers(&name, row, LARGEST) {
                matrix.push(row);
            }
        }
        (matrix.len() == rows.len()).then_some(matrix)
    }

    /// Minimum, caps and lots, checked against the weights where those could be read.
    fn bounds(&mut self, weights: Option<Vec<u64>>) -> Option<Weights> {
        let minimum = match self.given("minimum") {
            Some(value) => self.number("minimum", value, LARGEST),
            None => Some(0),
        };
        let caps = self.caps();
        let length = weights.as_ref().map(Vec::len);
        if let (Some(length), Some(caps)) = (length, &caps)
            && length != caps.len()
        {
            self.fault("caps", format!("must have {length} numbers, one per weight"));
        }
        if length.is_some_and(|length| length > MOST_WEIGHTS) {
            self.fault("weights", format!("must be at most {MOST_WEIGHTS}"));
        }
        let lots = length.and_then(|length| self.lots(length));
        Some(Weights { weights: weights?, minimum: minimum?, caps, lots })
    }

    /// `null`, or a list of numbers and `null` where a junior has no cap.
    fn caps(&mut self) -> Option<Vec<u64>> {
        let value = self.given("caps")?;
        let Value::Array(items) = value else {
            self.fault("caps", "must be null or a list of numbers, one per weight");
            return None;
        };
        let mut caps = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let cap = if item.is_null() {
                Some(u64::MAX)
            } else {
                self.number(&format!("caps[{index}]"), item, LARGEST)
            };
            caps.push(cap.unwrap_or(u64::MAX));
        }
        Some(caps)
    }

    fn lots(&mut self, length: usize) -> Option<Vec<usize>> {
        let items = self.list("lots", LARGEST)?;
        let mut seen = vec![false; length];
        let mut lots = Vec::with_capacity(items.len());
        for (place, item) in items.into_iter().enumerate() {
            let name = format!("lots[{place}]");
            match usize::try_from(item).ok().filter(|&index| index < length) {
                None => {
                    self.fault(&name, format!("{item} is no index from 0 to {}", length.saturating_sub(1)))
                }
                Some(index) if seen[index] => self.fault(&name, format!("{index} stands in the list twice")),
                Some(index) => {
                    seen[index] = true;
                    lots.push(index);
                }
            }
        }
        Some(lots)
    }

    fn same_sum(&mut self, rows: &[u64], columns: &[u64]) {
        let sum = |totals: &[u64]| totals.iter().map(|&total| u128::from(total)).sum::<u128>();
        let (rows, columns) = (sum(rows), sum(columns));
        if rows != columns {
            self.fault(
                "row_totals",
                format!("add up to {rows}, column_totals to {columns}; they must be equal"),
            );
        }
    }

    fn not_too_many(&mut self, rows: usize, columns: usize) {
        if rows.saturating_mul(columns) > MOST_CELLS {
            self.fault("column_totals", format!("rows times columns must be at most {MOST_CELLS}"));
        }
    }

    /// A field that is there and not null.
    fn given(&self, name: &str) -> Option<&'v Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    fn list(&mut self, name: &str, most: u64) -> Option<Vec<u64>> {
        match self.given(name)? {
            Value::Array(items) => self.numbers(name, items, most),
            _ => {
                self.fault(name, "must be a list of whole numbers");
                None
            }
        }
    }

    fn numbers(&mut self, name: &str, items: &[Value], most: u64) -> Option<Vec<u64>> {
        let mut numbers = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            numbers.extend(self.number(&format!("{name}[{index}]"), item, most));
        }
        (numbers.len() == items.len()).then_some(numbers)
    }

    fn number(&mut self, name: &str, value: &Value, most: u64) -> Option<u64> {
        let number = value.as_u64().filter(|&number| number <= most);
        if number.is_none() {
            self.fault(name, format!("must be a whole number from 0 to {most}"));
        }
        number
    }

    /// Says that a field is missing, unless a fault about it stands already.
    fn missing<T>(&mut self, name: &str) -> Option<T> {
        if self.given(name).is_none() {
            self.fault(name, "is missing");
        }
        None
    }

    fn fault(&mut self, place: &str, rule: impl Into<String>) {
        self.faults.push(Fault::at(place, rule));
    }
}
