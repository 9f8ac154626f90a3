//! CSV cells as bytes (RFC 4180): quoted only where needed, numbers in their shortest writing.

use crate::domain::points::Points;

/// Appends a text, quoted where it holds a comma, a quote or a line break.
pub fn text(out: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        out.push(b'"');
        for byte in text.bytes() {
            if byte == b'"' {
                out.push(b'"');
            }
            out.push(byte);
        }
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

/// Appends a row of texts.
pub fn row<C: AsRef<str>>(out: &mut Vec<u8>, cells: impl IntoIterator<Item = C>) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        text(out, cell.as_ref());
    }
    out.push(b'\n');
}

/// Appends a text that people open with a spreadsheet: one that a spreadsheet would compute gets an
/// apostrophe, which reading a sheet takes away again.
pub fn harmless_text(out: &mut Vec<u8>, cell: &str) {
    let begins = cell.trim_start().starts_with(['=', '+', '-', '@']) || cell.starts_with(['\t', '\r']);
    if begins && cell.parse::<Points>().is_err() {
        text(out, &format!("'{}", cell.trim()));
    } else {
        text(out, cell);
    }
}

/// Appends a whole number.
pub fn number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends points; nothing where there are none.
pub fn points(out: &mut Vec<u8>, points: Option<Points>) {
    if let Some(points) = points {
        points.write_to(out);
    }
}

/// Appends a date given as yyyymmdd; nothing for 0.
pub fn date(out: &mut Vec<u8>, date: u32) {
    if date > 0 {
        out.extend_from_slice(
            format!("{:04}-{:02}-{:02}", date / 10_000, date / 100 % 100, date % 100).as_bytes(),
        );
    }
}
