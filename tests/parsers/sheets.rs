//! Sheets of every kind of file, their headers' profile, and draw lists in CSV.

use std::fs;

use zhaosheng::files::draw_file::read_list;
use zhaosheng::files::sheet::read_sheet;

use crate::mutation::{Chance, Verdict, mutant, run};
use crate::workbooks::{book, packed, row};

const CSV: &str = "exam_no,name,local\r\n000123,\"𬱖, 𠮷\",1\r\n000124,张三,0\n000125,\"a \"\"b\"\"\nc\",\n";

/// Reads a sheet from a folder where `file` holds the damaged bytes.
fn sheet_of(file: &str) -> impl FnMut(&[u8]) -> Verdict + use<> {
    let folder = tempfile::tempdir().unwrap();
    if file == "profile.toml" {
        fs::write(folder.path().join("candidates.csv"), CSV).unwrap();
    }
    let path = folder.path().join(file);
    move |bytes| {
        fs::write(&path, bytes).unwrap();
        match read_sheet(folder.path(), "candidates") {
            Ok(None) | Err(_) => Verdict::Refused,
            Ok(Some(sheet)) => match std::str::from_utf8(&sheet.text) {
                Ok(text) if text.contains('\0') => Verdict::Wrong("a NUL got through".to_owned()),
                Ok(_) => Verdict::Accepted,
                Err(error) => Verdict::Wrong(format!("the text is no UTF-8: {error}")),
            },
        }
    }
}

fn mutants(seed: u64, corpus: Vec<Vec<u8>>, words: &'static [&'static str]) -> impl FnMut() -> Vec<u8> {
    let mut chance = Chance::new(seed);
    move || mutant(&mut chance, &corpus, words)
}

#[test]
fn csv_in_utf8_and_gb18030() {
    let gb = encoding_rs::GB18030.encode(CSV).0.into_owned();
    let corpus = vec![CSV.as_bytes().to_vec(), gb, b"a,b\n1,2\n".to_vec()];
    run(
        "csv",
        12_000,
        4_000,
        mutants(7, corpus, &["exam_no", "\"", "\"\"", "张", ""]),
        sheet_of("candidates.csv"),
    );
}

#[test]
fn profiles_of_headers() {
    let corpus = vec![
        "[candidates]\nexam_no = \"KSH\"\n\"name\" = \"姓名\"\n[scores]\na = \"b\"\n".as_bytes().to_vec(),
    ];
    let words = &[
        "name = \"exam_no\"",
        "exam_no = \"\"",
        "local = \"name\"",
        "[candidates]",
        "candidates = 3",
        "\"\"",
    ];
    run("profile.toml", 4_000, 1_000, mutants(8, corpus, words), sheet_of("profile.toml"));
}

/// A table of every kind of field: C, N, F, D, L, I.
fn table() -> Vec<u8> {
    let fields: [(&[u8], u8, u8, &[u8]); 6] = [
        (b"exam_no", b'C', 6, b"000123"),
        (b"name", b'C', 8, b"\xD5\xC5\xC8\xFD    "),
        (b"score", b'N', 6, b" 612.5"),
        (b"born", b'D', 8, b"20110430"),
        (b"local", b'L', 1, b"T"),
        (b"number", b'I', 4, b"\x01\x02\x00\x00"),
    ];
    let width: u16 = 1 + fields.iter().map(|field| u16::from(field.2)).sum::<u16>();
    let start = 32 + 32 * u16::try_from(fields.len()).unwrap() + 1;
    let mut bytes = vec![3, 126, 6, 1, 2, 0, 0, 0];
    bytes.extend(start.to_le_bytes());
    bytes.extend(width.to_le_bytes());
    bytes.resize(32, 0);
    for (name, kind, length, _) in fields {
        let from = bytes.len();
        bytes.extend(name);
        bytes.resize(from + 11, 0);
        bytes.extend([kind, 0, 0, 0, 0, length]);
        bytes.resize(from + 32, 0);
    }
    bytes.push(0x0D);
    for mark in [b' ', b'*'] {
        bytes.push(mark);
        fields.iter().for_each(|field| bytes.extend(field.3));
    }
    bytes.push(0x1A);
    bytes
}

#[test]
fn tables() {
    // Mostly single bytes: anything longer moves every record.
    let mut chance = Chance::new(9);
    let next = || {
        let mut bytes = table();
        if chance.below(4) == 0 {
            return mutant(&mut chance, &[bytes], &[]);
        }
        for _ in 0..=chance.below(3) {
            let place = chance.below(bytes.len());
            bytes[place] = match chance.below(3) {
                0 => chance.below(256) as u8,
                1 => b"\0\xFF \x7F\x80*.-9CNFDLI0"[chance.below(16)],
                _ => bytes[place].wrapping_add(1),
            };
        }
        bytes
    };
    run("dbf", 8_000, 2_000, next, sheet_of("candidates.dbf"));
}

#[test]
fn workbooks() {
    let rows = row(1, &["=exam_no", "=name", "=score", "=born"])
        + &row(2, &["=000123", "=𬱖 &amp; b", "612.5", "d46266.25"])
        + r#"<row r="4"><c r="A4" t="s"><v>1</v></c><c r="C4"><v>-0</v></c><c r="D4" t="b"><v>1</v></c></row>"#;
    let book = book("candidates", &rows, r#"uniqueCount="2"><si><t>a</t></si><si><t>2026</t></si>"#);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(book.clone())).unwrap();
    let parts: Vec<(String, String)> = (0..zip.len())
        .map(|at| {
            let part = zip.by_index(at).unwrap();
            let name = part.name().unwrap().into_owned();
            (name, std::io::read_to_string(part).unwrap())
        })
        .collect();
    let words = [
        "A1",
        "XFD1048576",
        "ZZZZZZZ1",
        "A0",
        "A99999999999",
        "t=\"s\"",
        "t=\"e\"",
        "t=\"d\"",
        "<v>",
        "</v>",
        "<c/>",
        "<row>",
        "</sheetData>",
        "uniqueCount=\"9999999999\"",
        "&#x0;",
        "&amp;",
        "<![CDATA[",
        "<!--",
    ];
    let mut chance = Chance::new(10);
    let next = || {
        if chance.below(3) == 0 {
            return mutant(&mut chance, std::slice::from_ref(&book), &[]);
        }
        let damaged = chance.below(parts.len());
        let text = mutant(&mut chance, &[parts[damaged].1.clone().into_bytes()], &words);
        let text = String::from_utf8_lossy(&text).into_owned();
        let changed = parts.iter().enumerate().map(|(at, (name, kept))| {
            (name.as_str(), if at == damaged { text.clone() } else { kept.clone() })
        });
        packed(&changed.collect::<Vec<_>>())
    };
    run("xlsx", 4_000, 400, next, sheet_of("b.xlsx"));
}

#[test]
fn lists_of_a_draw_in_csv() {
    let corpus = vec![
        "ticket,heads\na-01,1\nb/02,2\n张三,9\nc:03,\n".as_bytes().to_vec(),
        b"ticket\r\n1\r\n2\r\n10\r\n".to_vec(),
        encoding_rs::GB18030.encode("heads,ticket\n3,张三\n1,\"李,四\"\n").0.into_owned(),
    ];
    let check = |bytes: &[u8]| match read_list("list.csv", bytes.to_vec()) {
        Ok(tickets) if tickets.is_empty() => Verdict::Wrong("an empty list".to_owned()),
        Ok(tickets) if tickets.windows(2).any(|pair| pair[0].id() >= pair[1].id()) => {
            Verdict::Wrong("not in order".to_owned())
        }
        result => result.into(),
    };
    let words = &["ticket", "heads", "a-01", "x y", "9", "\"a\"", "name"];
    run("draw list", 12_000, 1_500, mutants(11, corpus, words), check);
}
