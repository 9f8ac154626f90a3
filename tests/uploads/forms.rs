//! Files in and out: which sheet of a workbook is meant, what a form cannot hold, what comes back unchanged.

use std::collections::BTreeMap;
use std::fs;

use zhaosheng::domain::sheet_kind::SheetKind;
use zhaosheng::files::column_names::{ColumnNames, upload_names};
use zhaosheng::files::encoding::Encoding;
use zhaosheng::files::season_folder::{read_season, read_season_sheets};
use zhaosheng::files::sheet::{MOST_UPLOADED, Sheet, read_sheet, read_upload};
use zhaosheng::service::export_folder::{Form, export_folder, written};

use crate::roster::{COLUMNS, context, csv, marks, policy, policy_text, roster};

fn book(sheets: &[&str]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (at, name) in sheets.iter().enumerate() {
        let page = book.add_worksheet().set_name(*name).unwrap();
        page.write_string(0, 0, "考号").unwrap();
        page.write_string(1, 0, at.to_string()).unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn one_sheet_is_taken_whatever_its_name_and_of_several_the_one_named_like_the_kind() {
    let names = ColumnNames::known("candidates");
    let read = |bytes| read_upload("b.xlsx", bytes, SheetKind::Candidates.called(), &names);
    assert_eq!(read(book(&["Sheet1"])).unwrap().text, b"exam_no\n0\n");
    assert_eq!(read(book(&["说明", "考生"])).unwrap().text, b"exam_no\n1\n");
    assert_eq!(read(book(&["notes", "x", "Candidates"])).unwrap().text, b"exam_no\n2\n");
    let fault = read(book(&["a", "b"])).unwrap_err().to_string();
    assert!(fault.contains("none is called candidates or 考生"), "{fault}");
}

#[test]
fn what_is_too_large_or_of_another_kind_is_refused() {
    let names = ColumnNames::known("candidates");
    let read =
        |file: &str, bytes| read_upload(file, bytes, SheetKind::Candidates.called(), &names).unwrap_err();
    assert!(read("a.csv", vec![b'a'; MOST_UPLOADED + 1]).rule.contains("64 MiB"));
    for file in ["a.xls", "a.et", "a.exe", "a", ""] {
        assert!(read(file, b"x".to_vec()).rule.contains("not read"), "{file}");
    }
    assert!(read("a.xlsx", b"PK".to_vec()).rule.contains("no readable xlsx"));
    assert!(read("a.dbf", b"".to_vec()).rule.contains("no DBF"));
    assert!(read("a.csv", b"".to_vec()).rule.contains("header"));
}

#[test]
fn an_own_profile_goes_before_the_known_names() {
    let profile =
        [("报名号", "-"), ("编号", "exam_no")].map(|(theirs, ours)| (theirs.to_owned(), ours.to_owned()));
    let names = upload_names(SheetKind::Candidates, &policy(), &BTreeMap::from(profile));
    let sheet =
        read_upload("a.csv", "报名号,编号\n7,8\n".into(), SheetKind::Candidates.called(), &names).unwrap();
    assert_eq!(sheet.text, b"-,exam_no\n7,8\n");
    assert_eq!(sheet.sent, ["报名号", "编号"]);
    let twice = ColumnNames::known("candidates");
    let fault = read_upload("a.csv", "报名号,考号\n7,8\n".into(), SheetKind::Candidates.called(), &twice)
        .unwrap_err();
    assert!(fault.rule.contains("name of two columns"), "{fault}");
    assert!(ColumnNames::with_profile("profile.toml", "[candidates]\nx = 3\n", "candidates").is_err());
}

/// A season folder of a hundred candidates, with a school that would like to be computed.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    file("season.toml", policy_text().as_bytes());
    for (kind, sheet) in context() {
        file(&format!("{}.csv", kind.word()), &sheet.text);
    }
    file(
        "senior_schools.csv",
        "school_code,name,area_code\nS1,=HYPERLINK(\"x\"),A1\nS2,@一中,A2\nS3,-二中,A2\n".as_bytes(),
    );
    file("programmes.csv", b"programme_code,school_code,name,batch,seats\nP1,S1,+1,1,5\n");
    file("candidates.csv", &csv(&COLUMNS, &roster(100)));
    let (_, rows) = marks(100);
    let codes: Vec<String> = policy().subjects.into_iter().map(|subject| subject.code).collect();
    let header: Vec<String> = ["exam_no".to_owned()].into_iter().chain(codes).collect();
    file("scores.csv", &csv(&header, &rows));
    file("preferences.csv", b"exam_no,batch,position,programme_code\n26000000,1,1,P1\n");
    folder
}

/// The cells of a sheet, an exporter's apostrophes taken away.
fn cells(sheet: &Sheet) -> Vec<Vec<String>> {
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(sheet.text.as_slice());
    let bare = |cell: &str| match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => cell.to_owned(),
    };
    rows.records().map(|row| row.unwrap().iter().map(bare).collect()).collect()
}

#[test]
fn a_season_survives_every_form_of_export() {
    let season = folder();
    let wanted = read_season(season.path()).unwrap();
    let forms = [
        Form::Csv(Encoding::Utf8),
        Form::Csv(Encoding::Utf8Bom),
        Form::Csv(Encoding::Gb18030),
        Form::Xlsx,
        Form::Dbf { all_characters: true },
    ];
    for form in forms {
        let out = tempfile::tempdir().unwrap();
        assert_eq!(export_folder(season.path(), out.path(), form).unwrap(), 7);
        let back = read_season(out.path()).unwrap_or_else(|faults| panic!("{form:?}: {faults:?}"));
        assert_eq!((&back.city, &back.candidates), (&wanted.city, &wanted.candidates), "{form:?}");
        assert_eq!(
            (&back.marks, &back.preferences.programme),
            (&wanted.marks, &wanted.preferences.programme)
        );
        for name in ["candidates", "senior_schools", "scores"] {
            let before = read_sheet(season.path(), name).unwrap().unwrap();
            let after = read_sheet(out.path(), name).unwrap().unwrap();
            assert_eq!(cells(&after), cells(&before), "{form:?} {name}");
        }
        if let Form::Csv(Encoding::Utf8) = form {
            let text = fs::read_to_string(out.path().join("senior_schools.csv")).unwrap();
            for line in text.lines() {
                assert!(
                    !line.contains(",=")
                        && !line.contains(",@")
                        && !line.contains(",-")
                        && !line.contains(",\"="),
                    "{line}"
                );
            }
        }
    }
}

#[test]
fn whoever_gbk_cannot_write_is_listed() {
    let season = folder();
    for form in [Form::Csv(Encoding::Gbk), Form::Dbf { all_characters: false }] {
        let out = tempfile::tempdir().unwrap();
        let nowhere = out.path().join("x");
        let Err(zhaosheng::service::admit_folder::NoResult::Faults(faults)) =
            export_folder(season.path(), &nowhere, form)
        else {
            panic!("{form:?} wrote what it cannot")
        };
        // Two of six names: 𬱖𠮷 and 㛃鿬.
        assert_eq!(faults.len(), 34, "{form:?}");
        assert_eq!((faults[0].row, faults[0].column.as_deref()), (Some(3), Some("name")), "{}", faults[0]);
        assert!(faults[0].rule.contains("26000001"), "{}", faults[0]);
        assert!(!nowhere.exists());
    }
}

#[test]
fn a_season_is_read_from_memory_as_from_its_folder() {
    let season = folder();
    let sheets = SheetKind::ALL
        .into_iter()
        .filter_map(|kind| Some((kind, read_sheet(season.path(), kind.word()).unwrap()?)))
        .collect();
    let from_memory = read_season_sheets(&policy_text(), &sheets).unwrap();
    let from_folder = read_season(season.path()).unwrap();
    assert_eq!((from_memory.city, from_memory.candidates), (from_folder.city, from_folder.candidates));
    assert_eq!(from_memory.marks, from_folder.marks);
}

#[test]
fn an_export_of_one_sheet_names_its_file() {
    let files = written(&[("areas", b"area_code,name\nA1,x\n".to_vec())], Form::Csv(Encoding::Utf8)).unwrap();
    assert_eq!(files, [("areas.csv".to_owned(), b"area_code,name\nA1,x\n".to_vec())]);
}
