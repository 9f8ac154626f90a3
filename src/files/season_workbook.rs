//! Sheets out as one xlsx workbook, every cell a text, a row at a time.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::domain::fault::Fault;

/// Rows of a sheet at most (the format's own bound).
const MOST_ROWS: usize = 1_048_576;

/// Writes sheets, given as CSV text in UTF-8, as a workbook with one sheet each.
///
/// # Errors
/// A sheet of more rows than the format has.
pub fn workbook(sheets: &[(&str, &[u8])]) -> Result<Vec<u8>, Fault> {
    written(sheets).map_err(|error| Fault::at("season.xlsx", error.to_string()))?
}

fn written(sheets: &[(&str, &[u8])]) -> Result<Result<Vec<u8>, Fault>, XlsxError> {
    let mut book = Workbook::new();
    // Without the time of writing: the same rows are the same bytes.
    let unmoved = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&unmoved));
    for (name, text) in sheets {
        let page = book.add_worksheet_with_constant_memory()?.set_name(*name)?;
        let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(*text);
        let mut record = csv::ByteRecord::new();
        let mut at = 0;
        while rows.read_byte_record(&mut record).unwrap_or(false) {
            if at == MOST_ROWS {
                let rule =
                    format!("has more than {MOST_ROWS} rows, which xlsx cannot hold; export it as csv");
                return Ok(Err(Fault::at(*name, rule)));
            }
            for (column, cell) in (0..).zip(record.iter()) {
                page.write_string(at as u32, column, std::str::from_utf8(cell).unwrap_or_default())?;
            }
            at += 1;
        }
    }
    book.save_to_buffer().map(Ok)
}
