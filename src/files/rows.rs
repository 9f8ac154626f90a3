//! Rows of a sheet: columns by name, faults by row and column, large sheets read in parallel.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::domain::fault::Fault;
use crate::domain::points::Points;
use crate::files::cell_words::our_word;
use crate::files::column_names::LEFT_OUT;
use crate::files::grid::without_numbers;
use crate::files::sheet::Sheet;

/// Bytes of a sheet that one task reads.
const CHUNK: usize = 1 << 20;
/// Faults that one task keeps; whoever has more has mistaken the file, and they would fill the memory.
const MOST_FAULTS: usize = 5_000;

/// What a sheet's header must and may name.
pub struct Columns<'a> {
    pub required: &'a [&'a str],
    pub optional: &'a [&'a str],
}

/// One row, its cells in the order of required then optional columns.
pub struct Row<'r> {
    file: &'r str,
    /// As an editor counts; the header is row 1.
    pub number: u64,
    record: &'r csv::ByteRecord,
    places: &'r [Option<usize>],
    names: &'r [&'r str],
}

impl<'r> Row<'r> {
    /// A cell without blanks around it; empty where the optional column is missing.
    pub fn text(&self, column: usize) -> &'r str {
        let cell = self.places[column].and_then(|place| self.record.get(place)).unwrap_or_default();
        let text = std::str::from_utf8(cell).unwrap_or_default().trim();
        // What our own exports put before a text that a spreadsheet would compute.
        match text.strip_prefix('\'') {
            Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
            _ => text,
        }
    }

    /// A cell in our word for it.
    pub fn word(&self, column: usize) -> &'r str {
        our_word(self.names[column], self.text(column))
    }

    /// A fault of a cell.
    pub fn fault(&self, column: usize, rule: impl Into<String>) -> Fault {
        Fault::cell(self.file, self.number, self.names[column], self.text(column), rule)
    }

    /// A code: see [`code_fault`].
    pub fn code(&self, column: usize, faults: &mut Vec<Fault>) -> &'r str {
        let text = self.text(column);
        if let Some(rule) = code_fault(text) {
            faults.push(self.fault(column, rule));
        }
        text
    }

    /// `0` or `1`; an empty cell is `default`.
    pub fn flag(&self, column: usize, default: bool, faults: &mut Vec<Fault>) -> bool {
        match self.word(column) {
            "1" => true,
            "0" => false,
            "" => default,
            _ => {
                faults.push(self.fault(column, "must be 0 or 1"));
                default
            }
        }
    }

    /// A whole number up to `most`; `None` for an empty cell.
    pub fn number_up_to(&self, column: usize, most: u64, faults: &mut Vec<Fault>) -> Option<u64> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        match text.parse::<u64>() {
            Ok(number) if number <= most && !text.starts_with('+') => Some(number),
            _ => {
                faults.push(self.fault(column, format!("must be a whole number up to {most}")));
                None
            }
        }
    }

    /// A decimal; `None` for an empty cell.
    pub fn points(&self, column: usize, places: u32, faults: &mut Vec<Fault>) -> Option<Points> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        match Points::parse(text, places) {
            Ok(points) => Some(points),
            Err(why) => {
                faults.push(self.fault(column, why.to_string()));
                None
            }
        }
    }
}

/// What is wrong with a code: it must stand as it is in a cell of a list, in an address and in the name of a file.
pub fn code_fault(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("must not be empty");
    }
    if was_a_number(text) {
        return Some(
            "was turned into a number by a spreadsheet: format the column as text and enter it again",
        );
    }
    let bad = |sign: char| {
        matches!(sign, ',' | ';' | '"' | '=' | ':' | '/' | '\\') || sign.is_control() || sign.is_whitespace()
    };
    text.contains(bad).then_some("must not hold blanks, slashes, ',', ';', ':', '=' or quotes")
}

/// Whether a code went through a cell that Excel took for a number: `1.10101E+17`.
pub fn was_a_number(text: &str) -> bool {
    let Some((digits, power)) = text.split_once("E+").or_else(|| text.split_once("e+")) else { return false };
    let whole = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (before, behind) = digits.split_once('.').unwrap_or((digits, "0"));
    whole(before) && whole(behind) && whole(power)
}

/// Reads all rows; each task fills its own `T`, and they come back in the order of the sheet.
///
/// Rows with the wrong number of cells are faults and not handed on.
pub fn read<T: Send>(
    sheet: &Sheet,
    columns: &Columns<'_>,
    new: impl Fn() -> T + Sync,
    each: impl Fn(&Row<'_>, &mut T, &mut Vec<Fault>) + Sync,
    faults: &mut Vec<Fault>,
) -> Vec<T> {
    let text = sheet.text.as_slice();
    let mut header = csv::ByteRecord::new();
    let mut reader = reader(text);
    if !matches!(reader.read_byte_record(&mut header), Ok(true)) {
        faults.push(Fault::at(&sheet.file, "has no header row"));
        return Vec::new();
    }
    let names: Vec<&str> = columns.required.iter().chain(columns.optional).copied().collect();
    let Some(places) = places(sheet, columns, &names, &header, faults) else { return Vec::new() };
    let start = reader.position().byte() as usize;
    let first_row = reader.position().line();
    let cells = header.len();
    // Quoted cells may hold line breaks: such a sheet is read as one piece.
    let pieces =
        if memchr::memchr(b'"', text).is_some() { vec![(start, text.len())] } else { pieces(text, start) };
    let rows_before: Vec<u64> = pieces
        .par_iter()
        .map(|&(from, to)| memchr::memchr_iter(b'\n', &text[from..to]).count() as u64)
        .collect::<Vec<_>>()
        .into_iter()
        .scan(first_row, |row, count| {
            let own = *row;
            *row += count;
            Some(own)
        })
        .collect();
    let told: BTreeSet<(Option<u64>, Option<&str>)> =
        sheet.faults.iter().map(|fault| (fault.row, fault.column.as_deref())).collect();
    let results: Vec<(T, Vec<Fault>, usize)> = pieces
        .par_iter()
        .zip(rows_before)
        .map(|(&(from, to), before)| {
            let mut filled = new();
            let mut faults = Vec::new();
            let mut left_out = 0;
            let mut reader = self::reader(&text[from..to]);
            let mut record = csv::ByteRecord::new();
            loop {
                match reader.read_byte_record(&mut record) {
                    Ok(false) => break,
                    Ok(true) => {
                        let number = before + first_line(&text[from..to], record.position()) - 1;
                        let faults_before = faults.len();
                        if record.len() != cells {
                            let rule = format!("has {} cells, the header {cells}", record.len());
                            faults.push(Fault { row: Some(number), ..Fault::at(&sheet.file, rule) });
                            continue;
                        }
                        let row = Row {
                            file: &sheet.file,
                            number,
                            record: &record,
                            places: &places,
                            names: &names,
                        };
                        each(&row, &mut filled, &mut faults);
                        if !told.is_empty() && faults.len() > faults_before {
                            let new = faults.split_off(faults_before);
                            let cell = |fault: &Fault| told.contains(&(fault.row, fault.column.as_deref()));
                            faults.extend(new.into_iter().filter(|fault| !cell(fault)));
                        }
                        left_out += faults.len().saturating_sub(MOST_FAULTS);
                        faults.truncate(MOST_FAULTS);
                    }
                    Err(error) => {
                        faults.push(Fault::at(&sheet.file, error.to_string()));
                        break;
                    }
                }
            }
            (filled, faults, left_out)
        })
        .collect();
    let mut all = Vec::with_capacity(results.len());
    let mut left_out = 0;
    for (filled, mut found, more) in results {
        faults.append(&mut found);
        left_out += more;
        all.push(filled);
    }
    say_left_out(&sheet.file, left_out, faults);
    all
}

/// Adds faults of a whole sheet, as many as are kept, and says how many are not.
pub fn add_bounded(file: &str, mut found: impl Iterator<Item = Fault>, faults: &mut Vec<Fault>) {
    faults.extend(found.by_ref().take(MOST_FAULTS));
    say_left_out(file, found.count(), faults);
}

fn say_left_out(file: &str, count: usize, faults: &mut Vec<Fault>) {
    if count > 0 {
        faults.push(Fault::at(file, format!("has {count} more faults, which are not listed")));
    }
}

/// The line on which a record begins: the reader places it before the empty lines, and before the
/// second byte of a line's end, that it skips.
pub fn first_line(text: &[u8], position: Option<&csv::Position>) -> u64 {
    let Some(position) = position else { return 0 };
    let skipped = text[position.byte() as usize..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    position.line() + skipped.filter(|byte| **byte == b'\n').count() as u64
}

fn reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes)
}

/// Where each known column stands; `None` when the header cannot be used.
fn places(
    sheet: &Sheet,
    columns: &Columns<'_>,
    names: &[&str],
    header: &csv::ByteRecord,
    faults: &mut Vec<Fault>,
) -> Option<Vec<Option<usize>>> {
    let found: Vec<&str> =
        header.iter().map(|cell| std::str::from_utf8(cell).unwrap_or_default().trim()).collect();
    let mut usable = true;
    // A row without one known name is the first person's: none of its cells is told.
    let is_header = found.iter().any(|name| names.contains(name));
    for (place, name) in found.iter().enumerate() {
        if *name == LEFT_OUT {
            continue;
        }
        if !names.contains(name) {
            let rule = format!("is no column of this sheet; known: {}", names.join(", "));
            let told = if is_header { without_numbers(name) } else { "" };
            faults.push(Fault::cell(&sheet.file, 1, &format!("{}", place + 1), told, rule));
        }
        if found[..place].contains(name) {
            let told = without_numbers(name);
            faults.push(Fault::cell(&sheet.file, 1, told, told, "stands twice in the header"));
            usable = false;
        }
    }
    for name in columns.required.iter().filter(|name| !found.contains(name)) {
        faults.push(Fault {
            row: Some(1),
            column: Some((*name).to_owned()),
            ..Fault::at(&sheet.file, "is missing")
        });
        usable = false;
    }
    usable.then(|| names.iter().map(|name| found.iter().position(|cell| cell == name)).collect())
}

/// Cuts the rows at line ends.
fn pieces(text: &[u8], start: usize) -> Vec<(usize, usize)> {
    let mut pieces = Vec::new();
    let mut from = start.min(text.len());
    while from < text.len() {
        let reach = (from + CHUNK).min(text.len());
        let to = memchr::memchr(b'\n', &text[reach..]).map_or(text.len(), |end| reach + end + 1);
        pieces.push((from, to));
        from = to;
    }
    pieces
}
