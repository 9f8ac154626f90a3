//! The sender's own rows back as a workbook, with a last column 错误 that says what is wrong with each.

use rust_xlsxwriter::{Color, Format, Workbook, Worksheet, XlsxError};

use crate::domain::fault::Fault;
use crate::domain::language::Language;
use crate::files::rows::first_line;
use crate::files::sheet::Sheet;
use crate::files::sheet_check::faults_by_rule;
use crate::words::texts::Words;

/// The heading of the added column.
pub const FAULTS: &str = "错误";
/// The first sheet, which tells the faults of the whole file.
pub const NOTE: &str = "说明";
/// Rows of a sheet at most (the format's own bound); what is more goes on the next sheet.
const MOST_ROWS: u32 = 1_048_576;
/// Characters of a cell at most (the format's own bound is 32,767 units of UTF-16).
const LONGEST: usize = 16_000;
/// It is a paper of Chinese offices, whatever language their pages are in.
const WORDS: Words = Words(Language::Chinese);

/// The workbook: every row as it was sent, in its columns and under their names.
///
/// Every cell is text, so nothing in it is ever computed, whatever sign it begins with.
///
/// # Errors
/// Those of the writer; none that a sheet within the bounds of an upload can cause.
pub fn annotated(sheet: &Sheet, faults: &[Fault]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    note(book.add_worksheet_with_constant_memory()?.set_name(NOTE)?, sheet, faults)?;
    let mut by_row: Vec<&Fault> = faults.iter().filter(|fault| fault.row.is_some()).collect();
    by_row.sort_by_key(|fault| fault.row);
    let mut rest = by_row.as_slice();

    let red = Format::new().set_background_color(Color::RGB(0xFFD9D9));
    let mut rows =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(sheet.text.as_slice());
    let mut record = csv::ByteRecord::new();
    let last = u16::try_from(sheet.sent.len()).unwrap_or(u16::MAX);
    let mut page: &mut Worksheet = book.add_worksheet_with_constant_memory()?.set_name("数据")?;
    heading(page, sheet)?;
    let mut at = 0;
    // The header is row 1; its faults stand on the first sheet.
    let mut more = rows.read_byte_record(&mut record).unwrap_or(false);
    while more {
        more = rows.read_byte_record(&mut record).unwrap_or(false);
        if !more {
            break;
        }
        let number = first_line(&sheet.text, record.position());
        at += 1;
        if at == MOST_ROWS {
            page = book.add_worksheet_with_constant_memory()?;
            heading(page, sheet)?;
            at = 1;
        }
        while rest.first().is_some_and(|fault| fault.row < Some(number)) {
            rest = &rest[1..];
        }
        let of_row = rest.iter().take_while(|fault| fault.row == Some(number)).count();
        let (here, behind) = rest.split_at(of_row);
        rest = behind;
        // Cells beyond the header would stand in the added column: that row's fault says so.
        for (column, cell) in (0..last).zip(record.iter()) {
            let text = shortened(std::str::from_utf8(cell).unwrap_or_default());
            if !text.is_empty() {
                page.write_string(at, column, text)?;
            }
        }
        if !here.is_empty() {
            let told: Vec<String> = here.iter().map(|fault| in_words(fault)).collect();
            page.write_string_with_format(at, last, shortened(&told.join("；")), &red)?;
        }
    }
    book.save_to_buffer()
}

fn heading(page: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    for (column, name) in (0..).zip(sheet.sent.iter().map(String::as_str).chain([FAULTS])) {
        page.write_string_with_format(0, column, shortened(name), &bold)?;
    }
    Ok(())
}

/// How many faults, of which rules, and those that belong to no row.
fn note(page: &mut Worksheet, sheet: &Sheet, faults: &[Fault]) -> Result<(), XlsxError> {
    let mut at = 0;
    let mut line = |cells: &[&str]| -> Result<(), XlsxError> {
        for (column, cell) in (0..).zip(cells) {
            page.write_string(at, column, shortened(cell))?;
        }
        at += 1;
        Ok(())
    };
    line(&["文件", &sheet.file])?;
    line(&["错误总数", &faults.len().to_string()])?;
    if faults.is_empty() {
        return line(&["没有发现错误"]);
    }
    line(&["次数", "规则"])?;
    for (rule, count) in faults_by_rule(faults).into_iter().take(1_000) {
        line(&[&count.to_string(), &WORDS.rule(rule)])?;
    }
    line(&["整个文件和表头的错误"])?;
    for fault in faults.iter().filter(|fault| fault.row.is_none_or(|row| row == 1)).take(10_000) {
        line(&["", &in_words(fault)])?;
    }
    Ok(())
}

/// `考号列 "1x"：rule`; the row is where it stands.
fn in_words(fault: &Fault) -> String {
    let mut told = String::new();
    if let Some(column) = &fault.column {
        told.push_str(column);
        told.push('：');
    }
    if !fault.value.is_empty() {
        told.push('“');
        told.push_str(&fault.value);
        told.push_str("” ");
    }
    told + &WORDS.rule(&fault.rule)
}

/// A text that fits a cell.
fn shortened(text: &str) -> &str {
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end])
}
