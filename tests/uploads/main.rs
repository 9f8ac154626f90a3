//! Uploads: every planted fault is found at its place, none is invented, nothing is lost on the way.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

mod annotated;
mod forms;
mod planted;
mod plausibility;
mod roster;

use std::collections::BTreeMap;

use zhaosheng::domain::sheet_kind::SheetKind;
use zhaosheng::files::column_names::upload_names;
use zhaosheng::files::season_folder::Sheets;
use zhaosheng::files::sheet::{Sheet, read_upload};
use zhaosheng::files::sheet_check::{Check, check_sheet};

/// Reads an upload under the known names.
fn sent(file: &str, bytes: Vec<u8>, kind: SheetKind) -> Sheet {
    let names = upload_names(kind, &roster::policy(), &BTreeMap::new());
    read_upload(file, bytes, kind.called(), &names).unwrap()
}

/// Reads and checks an upload.
fn checked(file: &str, bytes: Vec<u8>, kind: SheetKind, context: Sheets) -> Check {
    check_sheet(kind, sent(file, bytes, kind), &roster::policy(), context)
}

/// A roster in every kind of file.
fn rosters(rows: &[[String; 14]]) -> Vec<(&'static str, Vec<u8>)> {
    let text = roster::csv(&roster::HEADER, rows);
    let utf8 = String::from_utf8(text.clone()).unwrap();
    vec![
        ("考生.csv", text),
        ("bom.csv", format!("\u{feff}{utf8}").into_bytes()),
        ("crlf.csv", utf8.replace('\n', "\r\n").into_bytes()),
        ("gb.csv", encoding_rs::GB18030.encode(&utf8).0.into_owned()),
        ("考生.xlsx", roster::xlsx(&roster::HEADER, rows)),
        ("KS.DBF", roster::dbf("candidates", &roster::COLUMNS, rows)),
    ]
}
