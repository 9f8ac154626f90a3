//! DBF tables (dBASE, FoxPro) as old registers export them.
//!
//! Read byte by byte and not by a library, because libraries turn numeric columns into binary
//! floats: an ID of 18 digits in such a column would lose its last ones without a word.

use crate::domain::fault::Fault;
use crate::files::column_names::ColumnNames;
use crate::files::encoding::{decode_field, is_utf8};
use crate::files::grid::{Bounds, Grid, GridText};

struct Field {
    name: String,
    kind: u8,
    from: usize,
    length: usize,
}

const HEAD: usize = 32;

/// A table as CSV text; deleted records are left out.
///
/// Text is GBK (with all of GB18030), or UTF-8 where all of it is and no code page says GBK.
/// Kinds: C, N and F (digits as they stand), D as `YYYY-MM-DD`, L as 1 and 0, I.
pub fn read(file: &str, bytes: &[u8], names: &ColumnNames, bounds: Bounds) -> Result<GridText, Fault> {
    let fault = |rule: &str| Fault::at(file, rule.to_owned());
    let head: &[u8; HEAD] = bytes.first_chunk().ok_or_else(|| fault("is no DBF: too short"))?;
    let count = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
    let start = usize::from(u16::from_le_bytes([head[8], head[9]]));
    let length = usize::from(u16::from_le_bytes([head[10], head[11]]));
    // Code pages by byte 29: 0x4D and 0x7A are GBK, 0x4F and 0x78 Big5; others are often wrong.
    let marked_gbk = matches!(head[29], 0x4D | 0x7A);
    if matches!(head[29], 0x4F | 0x78) {
        return Err(fault("is in Big5; save it as CSV UTF-8"));
    }
    let fields = fields(file, bytes, start, length)?;

    let records = bytes.get(start..).unwrap_or(&[]);
    let used = count.checked_mul(length).filter(|used| *used <= records.len());
    let used = used.ok_or_else(|| fault("is cut off: it has fewer records than its head says"))?;
    if records[used..].len() >= length && records[used] != 0x1A {
        return Err(fault("has more records than its head says"));
    }
    let kept = || records[..used].chunks_exact(length).filter(|record| record[0] != b'*');

    let mut all_text = Vec::new();
    if !marked_gbk {
        for record in kept() {
            for field in fields.iter().filter(|field| field.kind == b'C') {
                all_text.extend_from_slice(trimmed(&record[field.from..field.from + field.length]));
                all_text.push(b'\n');
            }
        }
    }
    let utf8 = !marked_gbk && is_utf8(&all_text);
    drop(all_text);

    let header: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let mut grid = Grid::new(file, bounds, &header, names)?;
    let mut row = Vec::with_capacity(fields.len());
    for record in kept() {
        row.clear();
        for (at, field) in fields.iter().enumerate() {
            let cell = &record[field.from..field.from + field.length];
            row.push(match value(field.kind, cell, utf8) {
                Ok(text) => text,
                Err(rule) => {
                    let shown = String::from_utf8_lossy(trimmed(cell)).replace('\0', " ");
                    grid.fault(at, &shown, rule)?;
                    shown
                }
            });
        }
        grid.push(&row)?;
    }
    Ok(grid.into_text())
}

/// The columns, and whether they fill a record exactly.
fn fields(file: &str, bytes: &[u8], start: usize, length: usize) -> Result<Vec<Field>, Fault> {
    let fault = |rule: String| Fault::at(file, rule);
    let mut fields = Vec::new();
    let mut from = 1;
    let heads = bytes.get(HEAD..start).ok_or_else(|| fault("is no DBF: its head is cut off".to_owned()))?;
    for head in heads.chunks(HEAD).take_while(|head| head[0] != 0x0D) {
        let head: &[u8; HEAD] =
            head.try_into().map_err(|_| fault("is no DBF: its head is cut off".to_owned()))?;
        let name_end = head[..11].iter().position(|byte| *byte == 0).unwrap_or(11);
        let name = &head[..name_end];
        let name = decode_field(name, is_utf8(name)).map(|name| name.trim().to_owned());
        let name = name.ok_or_else(|| fault("has a column name that is no GBK".to_owned()))?;
        let field = Field { name, kind: head[11], from, length: usize::from(head[16]) };
        from += field.length;
        match field.kind {
            b'C' | b'N' | b'F' | b'D' | b'L' => fields.push(field),
            b'I' if field.length == 4 => fields.push(field),
            // FoxPro's hidden column of null marks.
            b'0' => {}
            kind => {
                let kind = char::from(kind).escape_default();
                let rule = format!("has the kind {kind}, which is not read; save it as text");
                return Err(Fault { row: Some(1), column: Some(field.name), ..fault(rule) });
            }
        }
    }
    if from != length || fields.is_empty() {
        return Err(fault("is no DBF: its columns do not fill its records".to_owned()));
    }
    Ok(fields)
}

fn trimmed(cell: &[u8]) -> &[u8] {
    let end = cell.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |at| at + 1);
    let start = cell[..end].iter().position(|byte| *byte != b' ').unwrap_or(end);
    &cell[start..end]
}

fn value(kind: u8, cell: &[u8], utf8: bool) -> Result<String, &'static str> {
    if kind == b'I' {
        let bytes = cell.try_into().map_err(|_| "must have four bytes")?;
        return Ok(i32::from_le_bytes(bytes).to_string());
    }
    let text = decode_field(trimmed(cell), utf8).ok_or("is not GBK text")?;
    match (kind, text.as_ref()) {
        (_, "") | (b'L', "?") => Ok(String::new()),
        (b'N' | b'F', text) => {
            let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
            if text.chars().all(plain) { Ok(text.to_owned()) } else { Err("is no plain decimal number") }
        }
        (b'D', text) if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))
        }
        (b'D', _) => Err("is no date"),
        (b'L', "T" | "t" | "Y" | "y") => Ok("1".to_owned()),
        (b'L', "F" | "f" | "N" | "n") => Ok("0".to_owned()),
        (b'L', _) => Err("is neither true nor false"),
        (_, text) => Ok(text.to_owned()),
    }
}
