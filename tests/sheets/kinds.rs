//! What each kind of file gives.

use crate::workbooks::{book, row};
use crate::{folder, read, refusal, text, text_in};

const WANTED: &str = "exam_no,name,local\n000123,𬱖𠮷㛃鿬,1\n";

#[test]
fn the_same_text_from_every_kind() {
    let gb = encoding_rs::GB18030.encode(WANTED).0.into_owned();
    assert_eq!(text(&[("candidates.csv", WANTED.as_bytes())]), WANTED);
    assert_eq!(text(&[("Candidates.CSV", format!("\u{feff}{WANTED}").as_bytes())]), WANTED);
    assert_eq!(text(&[("candidates.csv", &gb)]), WANTED);
    let rows = row(1, &["=exam_no", "=name", "=local"]) + &row(2, &["=000123", "=𬱖𠮷㛃鿬", "b1"]);
    let book = book("candidates", &rows, ">");
    assert_eq!(text(&[("季.xlsx", &book), ("~$季.xlsx", b"lock")]), WANTED);
    let table = table(0x7A, "𬱖𠮷㛃鿬");
    assert_eq!(text(&[("CANDIDATES.DBF", &table)]), WANTED);
    assert!(read(&[("scores.csv", b"exam_no\n")]).unwrap().is_none());
}

/// A table written by hand, in GB18030: exam_no C(6), name C(20), local L.
fn table(code_page: u8, name: &str) -> Vec<u8> {
    let name = encoding_rs::GB18030.encode(name).0.into_owned();
    raw_table(code_page, &name)
}

fn raw_table(code_page: u8, name: &[u8]) -> Vec<u8> {
    let mut bytes = vec![3, 126, 6, 1, 2, 0, 0, 0, 32 * 4 + 1, 0, 28, 0];
    bytes.resize(29, 0);
    bytes.extend([code_page, 0, 0]);
    for (field, kind, length) in [("exam_no", b'C', 6), ("name", b'C', 20), ("local", b'L', 1)] {
        let from = bytes.len();
        bytes.extend(field.as_bytes());
        bytes.resize(from + 11, 0);
        bytes.extend([kind, 0, 0, 0, 0, length]);
        bytes.resize(from + 32, 0);
    }
    bytes.push(0x0D);
    for (mark, number) in [(b'*', b"999999"), (b' ', b"000123")] {
        bytes.push(mark);
        bytes.extend(number);
        let from = bytes.len();
        bytes.extend(name);
        bytes.resize(from + 20, b' ');
        bytes.push(b'T');
    }
    bytes.push(0x1A);
    bytes
}

#[test]
fn a_table_without_a_code_page_is_gbk_or_utf8() {
    let read = |bytes: Vec<u8>| text(&[("candidates.dbf", bytes.as_slice())]);
    assert!(read(table(0, "张三")).contains(",张三,"));
    assert!(read(raw_table(0, "张三".as_bytes())).contains(",张三,"));
    // One character of GBK that is also one letter of UTF-8.
    assert!(read(table(0, "路")).contains(",路,"));
    assert!(refusal(&[("candidates.dbf", &raw_table(0x7A, b"\xFF\xFF"))]).contains("row 2 column name"));
}

#[test]
fn a_table_of_the_dbase_library_is_read() {
    let folder = folder(&[("profile.toml", "[candidates]\nKSH = \"exam_no\"\nXM = \"name\"\n".as_bytes())]);
    let field = |name: &str| dbase::FieldName::try_from(name).unwrap();
    let writer =
        dbase::TableWriterBuilder::with_encoding(dbase::encoding::EncodingRs::from(encoding_rs::GBK))
            .add_character_field(field("KSH"), 18)
            .add_character_field(field("XM"), 12)
            .add_numeric_field(field("CJ"), 6, 1)
            .add_date_field(field("RQ"));
    let mut writer = writer.build_with_file_dest(folder.path().join("candidates.dbf")).unwrap();
    let mut record = dbase::Record::default();
    record.insert("KSH".to_owned(), dbase::FieldValue::Character(Some("110105194912310021".to_owned())));
    record.insert("XM".to_owned(), dbase::FieldValue::Character(Some("李四".to_owned())));
    record.insert("CJ".to_owned(), dbase::FieldValue::Numeric(Some(612.5)));
    let date = dbase::Date::new(31, 8, 2026).unwrap();
    record.insert("RQ".to_owned(), dbase::FieldValue::Date(Some(date)));
    writer.write_record(&record).unwrap();
    drop(writer);
    assert_eq!(
        text_in(folder.path(), "candidates"),
        "exam_no,name,CJ,RQ\n110105194912310021,李四,612.5,2026-08-31\n"
    );
}

#[test]
fn a_workbook_is_read_as_a_clerk_sees_it() {
    let rows = row(1, &["=exam_no", "=name", "=score", "=born", "=local"])
        + &row(2, &["20260001", "=a, &quot;b&quot;", "612.5", "d46266", "b0"])
        + &row(4, &["=007", "=x\ny", "0.30000000000000004", "d40421.5", ""])
        + r#"<row r="5"><c r="GR5" s="1"/></row>"#
        + r#"<row r="6"><c r="A6" t="s"><v>1</v></c><c r="C6"><v>-0</v></c></row>"#;
    let shared = r#"uniqueCount="2"><si><t>a</t></si><si><t>2026</t></si>"#;
    assert_eq!(
        text(&[("b.xlsx", &book(" Candidates ", &rows, shared))]),
        "exam_no,name,score,born,local\n20260001,\"a, \"\"b\"\"\",612.5,2026-09-01,0\n\n\
         007,\"x y\",0.3,2010-08-31 12:00:00,\n\n2026,,0,,\n"
    );
}

#[test]
fn an_id_stored_as_a_number_is_a_fault() {
    let rows = row(1, &["=id_no"]) + &row(2, &["1.10105194912310E+17"]);
    let fault = refusal(&[("b.xlsx", &book("candidates", &rows, ">"))]);
    assert!(
        fault.starts_with(
            "b.xlsx#candidates row 2 column id_no: \"1.1010519491231e17\" was stored as a number"
        ),
        "{fault}"
    );
    let kept = row(1, &["=id_no"]) + &row(2, &["999999999999999"]);
    assert!(text(&[("b.xlsx", &book("candidates", &kept, ">"))]).ends_with("\n999999999999999\n"));
}

#[test]
fn a_profile_translates_headers() {
    let profile: (&str, &[u8]) =
        ("profile.toml", "[candidates]\nKSH = \"exam_no\"\n\"姓名\" = \"name\"\n".as_bytes());
    let csv = "\u{feff}KSH, 姓名 ,x\r\n1,张三,\"y\r\nz\"\r\n";
    assert_eq!(text(&[profile, ("candidates.csv", csv.as_bytes())]), "exam_no,name,x\n1,张三,\"y\r\nz\"\r\n");
    let rows = row(1, &["=KSH", "=姓名"]) + &row(2, &["=1", "=张三"]);
    assert_eq!(text(&[profile, ("b.xlsx", &book("candidates", &rows, ">"))]), "exam_no,name\n1,张三\n");
    let twice = refusal(&[profile, ("candidates.csv", b"KSH,exam_no\n")]);
    assert_eq!(twice, "candidates.csv row 1 column exam_no: \"exam_no\" is the name of two columns");
    assert!(refusal(&[("profile.toml", b"[candidates]\nKSH = 3\n")]).starts_with("profile.toml"));
    assert!(refusal(&[("profile.toml", b"[candidates]\nKSH = \n")]).starts_with("profile.toml row 2"));
}

#[test]
fn two_sources_are_a_fault() {
    let rows = row(1, &["=exam_no"]);
    let book = book("candidates", &rows, ">");
    let csv: (&str, &[u8]) = ("candidates.csv", b"exam_no\n");
    let fault = refusal(&[csv, ("b.xlsx", &book)]);
    assert_eq!(fault, "candidates: stands in more than one file: b.xlsx#candidates, candidates.csv");
    assert!(refusal(&[("a.xlsx", &book), ("b.xlsx", &book)]).contains("more than one"));
    assert!(refusal(&[("candidates.xls", b"")]).contains("save it as xlsx"));
}
