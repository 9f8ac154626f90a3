//! Small workbooks, packed by hand so that they can also be wrong.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

const RELS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A zip of these parts.
pub(crate) fn packed(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook of one sheet; `rows` is the inside of `sheetData`, `shared` the texts `t="s"` names.
/// Style 1 is a date.
pub(crate) fn book(sheet: &str, rows: &str, shared: &str) -> Vec<u8> {
    let rel = |id: &str, kind: &str, to: &str| {
        format!(r#"<Relationship Id="{id}" Type="{RELS}/{kind}" Target="{to}"/>"#)
    };
    packed(&[
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}">{}</Relationships>"#,
                rel("rId1", "officeDocument", "xl/workbook.xml")
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{RELS}"><sheets><sheet name="notes" sheetId="2" r:id="rId9"/><sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{PACKAGE}">{}{}{}{}</Relationships>"#,
                rel("rId1", "worksheet", "worksheets/sheet1.xml"),
                rel("rId9", "worksheet", "worksheets/sheet2.xml"),
                rel("rId2", "sharedStrings", "sharedStrings.xml"),
                rel("rId3", "styles", "styles.xml")
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                r#"<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#
            ),
        ),
        ("xl/sharedStrings.xml", format!(r#"<sst xmlns="{MAIN}" {shared}</sst>"#)),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#),
        ),
        (
            "xl/worksheets/sheet2.xml",
            format!(r#"<worksheet xmlns="{MAIN}"><sheetData></sheetData></worksheet>"#),
        ),
    ])
}

/// Cells of a row: `="text"` inline, `d46000` a date, `b1` a boolean, else a number; empty: no cell.
pub(crate) fn row(number: u32, cells: &[&str]) -> String {
    let cell = |(at, cell): (usize, &&str)| {
        let name = format!("{}{number}", char::from(b'A' + u8::try_from(at).unwrap()));
        match cell.split_at_checked(1) {
            None => String::new(),
            Some(("=", text)) => format!(r#"<c r="{name}" t="inlineStr"><is><t>{text}</t></is></c>"#),
            Some(("d", serial)) => format!(r#"<c r="{name}" s="1"><v>{serial}</v></c>"#),
            Some(("b", yes)) => format!(r#"<c r="{name}" t="b"><v>{yes}</v></c>"#),
            Some(_) => format!(r#"<c r="{name}"><v>{cell}</v></c>"#),
        }
    };
    let cells: String = cells.iter().enumerate().map(cell).collect();
    format!(r#"<row r="{number}">{cells}</row>"#)
}
