//! The sheets of an entry as everybody may see them: no child's row, no number that stands for a few children.

use std::collections::BTreeSet;
use std::io;

use crate::engine::suppression::{Number, SMALLEST, Sum, hidden};
use crate::files::csv_bytes::text;

/// What everybody may see of the sheets that count children.
pub struct PublicEntry {
    pub school_lines: Vec<u8>,
    pub draws: Vec<u8>,
    pub loads: Vec<u8>,
    /// Children who have a place; `None` where the number of some school is withheld, which would follow from it.
    pub placed: Option<u64>,
}

/// The sheets with less in them.
///
/// - `school_lines.csv`: `taken` below [`SMALLEST`] is withheld, and with it `last_key` (the line of so few is some
///   child's home or date) and the seats of the transfer round, from which it would follow; `last_lot` always: it is
///   computed from the seed and a child's number, so whoever tries all numbers would find whose it is.
/// - `draws.csv`: of a list of fewer tickets their number, the hash of the list (all choices of so few numbers can be
///   tried) and the bits.
/// - `loads.csv`: small numbers of a zone, and those from which one follows.
///
/// # Errors
/// They are no sheets of an entry's result.
///
/// # Complexity
/// O(rows).
pub fn public_entry(school_lines: &[u8], draws: &[u8], loads: &[u8]) -> io::Result<PublicEntry> {
    let mut lines = Sheet::read(school_lines)?;
    let withheld = withhold_lines(&mut lines)?;
    let taken = lines.column("taken")?;
    let placed = lines.rows.iter().map(|row| number(&row[taken])).sum::<io::Result<u64>>();
    let mut draws = Sheet::read(draws)?;
    let [tickets, hash, bits] = [draws.column("tickets")?, draws.column("list_hash")?, draws.column("bits")?];
    for row in &mut draws.rows {
        if number(&row[tickets])? < SMALLEST {
            [tickets, hash, bits].iter().for_each(|at| row[*at].clear());
        }
    }
    let mut loads = Sheet::read(loads)?;
    withhold_loads(&mut loads)?;
    Ok(PublicEntry {
        school_lines: lines.bytes(),
        draws: draws.bytes(),
        loads: loads.bytes(),
        placed: if withheld { None } else { Some(placed?) },
    })
}

/// Whether anything was withheld.
fn withhold_lines(sheet: &mut Sheet) -> io::Result<bool> {
    let [school, stage, round, seats, taken, key, lot] =
        ["school_code", "stage", "round", "seats", "taken", "last_key", "last_lot"]
            .map(|name| sheet.column(name));
    let (school, stage, round, seats, taken, key, lot) =
        (school?, stage?, round?, seats?, taken?, key?, lot?);
    let place = |row: &[String]| (row[school].clone(), row[stage].clone());
    let mut few: BTreeSet<(String, String)> = BTreeSet::new();
    // The admission comes first: what it withholds says whether the seats of the transfer round are known.
    for first in [true, false] {
        for row in sheet.rows.iter_mut().filter(|row| (row[round] == "admission") == first) {
            row[lot].clear();
            let seats_known = first || !few.contains(&place(row));
            let known = Number {
                value: number(&row[taken])?,
                at_most: if seats_known { Some(number(&row[seats])?) } else { None },
            };
            if !seats_known {
                row[seats].clear();
            }
            if hidden(&[known], &[])[0] {
                few.insert(place(row));
                row[taken].clear();
                row[key].clear();
            }
        }
    }
    Ok(!few.is_empty())
}

/// Of a zone's children some are of the first category: the others are a number too, though no column.
fn withhold_loads(sheet: &mut Sheet) -> io::Result<()> {
    let (children, first) = (sheet.column("children")?, sheet.column("first_category")?);
    for row in &mut sheet.rows {
        let (all, some) = (number(&row[children])?, number(&row[first])?);
        let rest = all.checked_sub(some).ok_or_else(broken)?;
        let numbers = [all, some, rest].map(|value| Number { value, at_most: None });
        let hidden = hidden(&numbers, &[Sum { total: 0, parts: vec![1, 2] }]);
        for (at, hidden) in [children, first].into_iter().zip(hidden) {
            if hidden {
                row[at].clear();
            }
        }
    }
    Ok(())
}

fn broken() -> io::Error {
    io::Error::other("this is no sheet of an entry's result")
}

fn number(cell: &str) -> io::Result<u64> {
    cell.parse().map_err(|_| broken())
}

/// A sheet of a result.
struct Sheet {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    fn read(bytes: &[u8]) -> io::Result<Sheet> {
        let mut reader = csv::Reader::from_reader(bytes);
        let cells = |row: &csv::StringRecord| row.iter().map(str::to_owned).collect::<Vec<_>>();
        let header = cells(reader.headers()?);
        let rows = reader.records().map(|row| Ok(cells(&row?))).collect::<io::Result<_>>()?;
        Ok(Sheet { header, rows })
    }

    fn column(&self, name: &str) -> io::Result<usize> {
        self.header.iter().position(|known| known == name).ok_or_else(broken)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for row in [&self.header].into_iter().chain(&self.rows) {
            for (at, cell) in row.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                text(&mut out, cell);
            }
            out.push(b'\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: &str = "school_code,stage,way,tickets,list_hash,protocol,first,step,bits\n\
        P1,primary,private,13,aa,lot,,,\nP2,primary,private,9,bb,ring,3,2,6.3\n";
    const LOADS: &str = "zone_code,stage,children,first_category,seats,warning\n\
        Z1,primary,40,20,30,red\nZ2,primary,40,38,30,red\nZ3,primary,9,9,30,enough\nZ4,primary,40,4,30,red\n";

    #[test]
    fn few_children_are_withheld_and_whatever_tells_them() {
        let lines = "school_code,stage,round,seats,taken,last_key,last_lot\n\
            S1,primary,admission,30,30,1;812,77\nS2,primary,admission,30,9,2;20200301,5\n\
            S1,primary,transfer,0,0,,\nS2,primary,transfer,21,0,,\n";
        let public = public_entry(lines.as_bytes(), DRAWS.as_bytes(), LOADS.as_bytes()).unwrap();
        let told = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let expected = "school_code,stage,round,seats,taken,last_key,last_lot\n\
            S1,primary,admission,30,30,1;812,\nS2,primary,admission,30,,,\n\
            S1,primary,transfer,0,0,,\nS2,primary,transfer,,,,\n";
        assert_eq!((told(public.school_lines).as_str(), public.placed), (expected, None));
        let expected = "school_code,stage,way,tickets,list_hash,protocol,first,step,bits\n\
            P1,primary,private,13,aa,lot,,,\nP2,primary,private,,,ring,3,2,\n";
        assert_eq!(told(public.draws), expected);
        // Of zone 2 two children would follow, of zone 4 the four; of zone 3 nothing is told.
        let expected = "zone_code,stage,children,first_category,seats,warning\n\
            Z1,primary,40,20,30,red\nZ2,primary,40,,30,red\nZ3,primary,,,30,enough\nZ4,primary,40,,30,red\n";
        assert_eq!(told(public.loads), expected);
    }

    #[test]
    fn the_total_is_told_where_nothing_follows_from_it() {
        let lines = "school_code,stage,round,seats,taken,last_key,last_lot\n\
            S1,primary,admission,30,30,1;812,77\nS1,primary,transfer,0,0,,\n";
        let public = public_entry(lines.as_bytes(), DRAWS.as_bytes(), LOADS.as_bytes()).unwrap();
        assert_eq!(public.placed, Some(30));
        assert!(public_entry(b"a\n1\n", DRAWS.as_bytes(), LOADS.as_bytes()).is_err());
        assert!(public_entry(lines.as_bytes(), b"tickets,list_hash,bits\nx,,\n", LOADS.as_bytes()).is_err());
    }
}
