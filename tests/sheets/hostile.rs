//! Files that are wrong by accident or on purpose.

use proptest::prelude::*;

use crate::workbooks::{book, packed, row};
use crate::{read, refusal};

#[test]
fn hostile_csv_is_a_fault() {
    let wide: String = vec!["c"; 201].join(",");
    let long = format!("a,b\n1,\"{}\n", "x".repeat(70_000));
    let long_line = format!("a,b\n{},2\n", "x".repeat(70_000));
    let utf16: Vec<u8> = "\u{feff}a,b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let table: [(&[u8], &str); 9] = [
        (b"", "must be the header"),
        (b",,\n1,2,3\n", "must be the header"),
        (b"a,b,a\n", "column a: \"a\" is the name of two columns"),
        (b"a,b\n1,\0\n", "row 2: has a NUL byte"),
        (wide.as_bytes(), "has 201 columns"),
        (long.as_bytes(), "row 2 column 2"),
        (long_line.as_bytes(), "row 2 column 1"),
        (&utf16, "is UTF-16"),
        (b"a\n\xFF\xFE\xFD\n", "row 2: is neither UTF-8 nor GB18030"),
    ];
    for (bytes, words) in table {
        let fault = refusal(&[("candidates.csv", bytes)]);
        assert!(fault.contains(words), "{words}: {fault}");
    }
}

#[test]
fn hostile_workbooks_are_faults() {
    let good = book("candidates", &(row(1, &["=a"]) + &row(2, &["1"])), ">");
    let cell = |name: &str| {
        let rows = row(1, &["=a"]) + &format!(r#"<row><c r="{name}"><v>1</v></c></row>"#);
        book("candidates", &rows, ">")
    };
    let mut no_directory = good.clone();
    no_directory.truncate(good.len() - 30);
    let mut broken = good.clone();
    let middle = good.len() / 3;
    broken[middle..middle + 40].fill(0xAA);
    let bomb = packed(&[("xl/workbook.xml", "x".repeat(1_000_000))]);
    // The directory at the end says how big a part is unpacked: make it say 4 GB.
    let mut claims = bomb.clone();
    let at = claims.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    claims[at + 24..at + 28].fill(0xF0);
    let table: [(Vec<u8>, &str); 17] = [
        (Vec::new(), "no readable xlsx"),
        (b"PK\x03\x04 and nothing more".to_vec(), "no readable xlsx"),
        (good[..good.len() / 2].to_vec(), "no readable xlsx"),
        (no_directory, "no readable xlsx"),
        (broken, "no readable xlsx"),
        (bomb, "no readable xlsx"),
        (claims, "2048 MiB"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 an old or locked workbook".to_vec(), "no readable xlsx"),
        (cell("XFD1048576"), "beyond 200 columns"),
        (cell("A1048577"), "beyond 200 columns or 1048576 rows"),
        (cell("A0"), "no readable xlsx"),
        (cell("ZZZZZZZZZZ9"), "row 9"),
        (cell("A99999999999"), "row"),
        (cell("B2"), "stands in a column without a name"),
        (book("candidates", &(row(2, &["=a"]) + &row(1, &["=b"])), ">"), "row 1"),
        (book("candidates", &row(1, &["=a"]), r#"uniqueCount="999999999999999">"#), "claims more texts"),
        (book("candidates", r#"<row r="1"><c r="A1" t="s"><v>7</v></c></row>"#, ">"), "no readable xlsx"),
    ];
    for (at, (bytes, words)) in table.into_iter().enumerate() {
        let fault = refusal(&[("b.xlsx", &bytes)]);
        // In a build that checks sums calamine's overflow is a panic, else a wrong cell: a fault both.
        assert!(fault.contains(words) || fault.contains("cannot be understood"), "{at} {words}: {fault}");
    }
    assert!(read(&[("b.xlsx", &good)]).unwrap().is_some());
}

#[test]
fn hostile_tables_are_faults() {
    let mut head = vec![3, 126, 6, 1, 1, 0, 0, 0, 65, 0, 11, 0];
    head.resize(32, 0);
    head.extend(b"a\0\0\0\0\0\0\0\0\0\0N\0\0\0\0\x0A");
    head.resize(64, 0);
    head.push(0x0D);
    let with = |cell: &[u8]| [head.as_slice(), b" ", cell, b"\x1A"].concat();
    let changed = |at: usize, byte: u8| {
        let mut bytes = with(b"        12");
        bytes[at] = byte;
        bytes
    };
    assert_eq!(read(&[("candidates.dbf", &with(b"        12"))]).unwrap().unwrap().text, b"a\n12\n");
    let table = [
        (Vec::new(), "too short"),
        (head[..50].to_vec(), "cut off"),
        (changed(4, 9), "cut off"),
        (changed(4, 0), "more records"),
        (changed(8, 200), "no DBF"),
        (changed(10, 0), "no DBF"),
        (changed(43, b'M'), "has the kind M"),
        (changed(29, 0x78), "Big5"),
        (with(b"**********"), "row 2 column a: \"**********\""),
        (with(b"  1.1E+17 "), "is no plain decimal"),
    ];
    for (bytes, words) in table {
        let fault = refusal(&[("candidates.dbf", &bytes)]);
        assert!(fault.contains(words), "{words}: {fault}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for name in ["candidates.csv", "b.xlsx", "candidates.dbf"] {
            let _ = read(&[(name, &bytes)]);
        }
    }

    #[test]
    fn a_damaged_table_never_panics(at in 0_usize..90, byte: u8, length in 0_usize..90) {
        let mut bytes = vec![3, 126, 6, 1, 1, 0, 0, 0, 65, 0, 11, 0];
        bytes.resize(32, 0);
        bytes.extend(b"a\0\0\0\0\0\0\0\0\0\0C\0\0\0\0\x0A");
        bytes.resize(64, 0);
        bytes.extend(b"\x0D          \x1A............");
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        bytes.truncate(length.max(12));
        let _ = read(&[("candidates.dbf", &bytes)]);
    }

    #[test]
    fn a_damaged_workbook_never_panics(at in 0_usize..4000, byte: u8) {
        let mut bytes = book("candidates", &(row(1, &["=a"]) + &row(2, &["1"])), ">");
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = read(&[("b.xlsx", &bytes)]);
    }

    #[test]
    fn damaged_xml_never_panics(at in 0_usize..400, junk in "[<>/a-z0-9=\" ]{0,6}") {
        let mut rows = row(1, &["=a", "=b"]) + &row(2, &["1", "d2"]);
        rows.insert_str(at % rows.len(), &junk);
        let _ = read(&[("b.xlsx", &book("candidates", &rows, ">"))]);
    }
}
