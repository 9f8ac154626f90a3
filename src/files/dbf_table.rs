//! Sheets out as DBF tables (dBASE III, text columns only), with the profile that reads them back.

use std::collections::BTreeSet;

use encoding_rs::{GB18030, GBK};

use crate::domain::fault::Fault;
use crate::files::column_names::ColumnNames;
use crate::files::rows::first_line;

/// Bytes of a field at most.
const WIDEST: usize = 254;
/// The mark of code page 936 (GBK).
const CODE_PAGE: u8 = 0x7A;

/// A table, and the short names that its columns got.
#[derive(Debug)]
pub struct Table {
    pub bytes: Vec<u8>,
    /// Short names and ours, in the order of the columns.
    pub names: Vec<(String, String)>,
}

/// Writes a sheet, given as CSV text in UTF-8, in GBK or with all characters of GB18030.
///
/// # Errors
/// Every cell with a character that GBK lacks (the person's exam number stands beside it, and the
/// character is never replaced), and every cell longer than a field may be.
pub fn table(name: &str, text: &[u8], all_characters: bool) -> Result<Table, Vec<Fault>> {
    let file = format!("{name}.dbf");
    let code = if all_characters { GB18030 } else { GBK };
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    let mut record = csv::StringRecord::new();
    let fail = |error: csv::Error| vec![Fault::at(&file, error.to_string())];
    rows.read_record(&mut record).map_err(fail)?;
    let names = short_names(name, &record);
    let mut widths = vec![1_usize; names.len()];
    let mut faults = Vec::new();
    let mut cells: Vec<u8> = Vec::new();
    let mut ends: Vec<usize> = Vec::new();
    while rows.read_record(&mut record).map_err(fail)? {
        let row = first_line(text, record.position());
        for ((cell, width), (_, column)) in record.iter().zip(&mut widths).zip(&names) {
            let (bytes, _, lost) = code.encode(cell);
            if lost {
                let sign = cell.chars().find(|sign| code.encode(sign.encode_utf8(&mut [0; 4])).2);
                let sign = sign.map(String::from).unwrap_or_default();
                let whose = record.get(0).unwrap_or_default();
                let rule = format!("holds {sign:?}, which GBK cannot write ({}: {whose})", names[0].1);
                faults.push(Fault::cell(&file, row, column, cell, rule));
            } else if bytes.len() > WIDEST {
                let rule = format!("is longer than the {WIDEST} bytes of a field");
                faults.push(Fault::cell(&file, row, column, cell, rule));
            }
            *width = (*width).max(bytes.len());
            cells.extend_from_slice(&bytes);
            ends.push(cells.len());
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let count = ends.len() / names.len().max(1);
    let sizes = u32::try_from(count).ok().zip(u16::try_from(1 + widths.iter().sum::<usize>()).ok());
    let start = u16::try_from(32 + 32 * names.len() + 1).ok();
    let Some(((records, length), start)) = sizes.zip(start) else {
        return Err(vec![Fault::at(file, "has rows longer than a DBF can hold; export it as csv")]);
    };
    let mut bytes = vec![3, 126, 1, 1];
    bytes.extend(records.to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.resize(29, 0);
    bytes.extend([CODE_PAGE, 0, 0]);
    for ((short, _), width) in names.iter().zip(&widths) {
        let from = bytes.len();
        bytes.extend_from_slice(short.as_bytes());
        bytes.resize(from + 11, 0);
        bytes.extend([b'C', 0, 0, 0, 0, u8::try_from(*width).unwrap_or(u8::MAX)]);
        bytes.resize(from + 32, 0);
    }
    bytes.push(0x0D);
    let mut from = 0;
    for (at, end) in ends.iter().enumerate() {
        let column = at % names.len();
        if column == 0 {
            bytes.push(b' ');
        }
        bytes.extend_from_slice(&cells[from..*end]);
        bytes.resize(bytes.len() + widths[column] - (end - from), b' ');
        from = *end;
    }
    bytes.push(0x1A);
    Ok(Table { bytes, names })
}

/// Names of at most ten Latin capitals: the usual one of a column, else its first letters and place.
fn short_names(sheet: &str, header: &csv::StringRecord) -> Vec<(String, String)> {
    let known = ColumnNames::known(sheet);
    let mut used = BTreeSet::new();
    header
        .iter()
        .enumerate()
        .map(|(at, ours)| {
            let plain: String =
                ours.chars().filter(char::is_ascii_alphanumeric).take(7).collect::<String>().to_uppercase();
            let short = known.short(ours).map(str::to_owned).filter(|short| !used.contains(short));
            let short = short.unwrap_or_else(|| format!("{plain}{at}"));
            used.insert(short.clone());
            (short, ours.to_owned())
        })
        .collect()
}
